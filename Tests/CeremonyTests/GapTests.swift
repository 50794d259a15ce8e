import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("A ceremony of two hosts, between which its folder is carried")
struct GapTests {
    @Test("goes from the desk to the vault and back, does each thing where it can be done, and verifies")
    func whole() async throws {
        let gap = try await GapRoom.ready()
        #expect(try await gap.hold() == 5)
        try await gap.room.expectBothSay("VERIFIED")
        let record = try await gap.record()
        #expect(record.turns.received == 5)
        #expect(record.turns.isSealingDestroyed)
        #expect(try !gap.desk.hasSealingKey(SHA256Digest(of: [])))
        let files = try gap.room.folder.files()
        #expect(files.allSatisfy { !$0.hasPrefix("wrapped/") && !$0.hasPrefix("tokens/") })
        let hosts = Set(record.transcript.lines.filter { $0.event.kind.side == .hsm }.map(\.host))
        #expect(hosts == ["vault"])
    }

    @Test("blobs are carried sealed: nothing of what KMS takes lies in the folder")
    func sealed() async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm, .connected, .hsm] { try await gap.turn(side) }
        try await gap.room.expectBothSay("NOT CLOSED")
        let blobs = try await gap.record().slots["payments"]?.blobs ?? [:]
        #expect(blobs.count == 2)
        for path in try gap.room.folder.files() where path.hasPrefix("wrapped/") {
            #expect(path.hasSuffix(".cms"))
            #expect(!blobs.values.contains(SHA256Digest(of: try gap.room.folder.read(path))))
        }
    }

    @Test("a host that has nothing to do says so again, and signs nothing anew")
    func notItsTurn() async throws {
        let gap = try await GapRoom.ready()
        let first = try await gap.turn(.connected)
        let before = gap.room.folder.copy()
        #expect(try await gap.turn(.connected) == first)
        #expect(gap.room.folder.all() == before.all())
    }

    @Test("words that are not those of the folder end it there, and nothing is taken over")
    func otherWords() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        gap.vault.hears(["other"])
        let before = gap.room.folder.all()
        await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm) }
        #expect(gap.room.folder.all() == before)
    }

    @Test("a receipt that was added on the way counts for nothing: the words are asked for all the same")
    func forgedReceipt() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        let there = gap.room.folder.copy()
        let transcript = try Transcript(parsing: try there.read(Transcript.path))
        let receipt = Received(
            number: 1, handover: SHA256Digest(of: try there.read(Handover.path(1))),
            signature: SHA256Digest(of: try there.read(Handover.signaturePath(1))))
        try there.append(
            try transcript.next(.received(receipt), at: TestRoom.now, host: "vault").bytes, to: Transcript.path)
        gap.vault.hears(["other"])
        let before = there.all()
        let error = await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm, in: there) }
        #expect(error?.description.contains("the words that desk showed are not those of this folder") == true)
        #expect(there.all() == before)
    }

    @Test("a file that is none of the ceremony keeps the folder where it is, and so does a host's key that is gone")
    func cannotBeHandedOver() async throws {
        let gap = try await GapRoom.ready()
        try gap.room.folder.write([1], to: "notes.txt")
        let error = await #expect(throws: CeremonyError.self) { try await gap.turn(.connected) }
        #expect(error?.what.contains("notes.txt") == true)
        try gap.room.folder.remove("notes.txt")
        #expect(try await gap.record().turns.carried == nil)
        let other = GapRoom(room: gap.room, vault: gap.vault, desk: try FakeGap(.connected))
        await #expect(throws: CeremonyError.self) { try await other.turn(.connected) }
        #expect(try await gap.turn(.connected).isHandedOver)
    }

    @Test("a step that the other host takes is where a run stops, when it was asked to")
    func untilTheOthersStep() async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm] { try await gap.turn(side) }
        #expect(try await gap.turn(.connected, until: .generate) == .reached(.generate))
        #expect(try await gap.record().slots["payments"]?.fetched.isEmpty == true)
    }

    @Test("what was changed, dropped or added on the way is named, file by file")
    func changedOnTheWay() async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm, .connected] { try await gap.turn(side) }
        let there = gap.room.folder.copy()
        let token = "tokens/payments-import.token"
        try there.write(try there.read(token).map { $0 ^ 1 }, to: token)
        try there.remove("tokens/payments-proof.spki")
        try there.write([1], to: "tokens/more.bin")
        let error = await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm, in: there) }
        let said = try #require(error?.description)
        #expect(said.hasPrefix("handovers/3.json: the folder is not as it was handed over: "))
        #expect(said.contains("tokens/payments-proof.spki is missing"))
        #expect(said.contains("\(token) has the SHA-256 "))
        #expect(said.contains("tokens/more.bin was added"))
        #expect(try await gap.turn(.hsm, in: gap.room.folder.copy()) != .closed)
    }

    @Test(
        "a folder that left the one host before its turn had ended is sent back there, and goes on once that host says so"
    )
    func leftTooEarly() async throws {
        let gap = try await GapRoom.ready()
        let point = "after folder.write handovers/1.json.sig"
        let ports = gap.ports(.connected)
        _ = try await Engine(opening: ports).run()
        for name in ["ben", "carol"] { try await gap.room.sign(.authorize, as: name) }
        let scissors = Scissors(after: point)
        await #expect(throws: CutOff.self) { try await Engine(opening: ports.checked(by: scissors)).run() }
        try #require(scissors.points.last == point)
        // As often as it is carried.
        for _ in 1...2 {
            let error = await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm) }
            #expect(
                error?.reason.contains(
                    "desk was stopped before it wrote it. Run keyrite run on desk, in the folder there, until")
                    == true, "\(error?.reason ?? "")")
        }
        guard case .handedOver = try await gap.turn(.connected) else {
            return _ = Issue.record("it did not end its turn")
        }
        guard case .handedOver = try await gap.turn(.hsm) else { return _ = Issue.record("the other did not go on") }
    }

    @Test("a folder that went back in time is refused with what it had before")
    func backInTime() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        let first = gap.room.folder.copy()
        try await gap.turn(.hsm)
        let lines = try await gap.record().transcript.lines.count
        try await gap.turn(.connected)
        let error = await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm, in: first) }
        #expect(
            error?.description.contains("it went back in time: it has ") == true
                && error?.description.contains("and had \(lines) when this host handed over hand-over 2") == true)
        let remedy = try #require(error?.remedy)
        #expect(
            remedy.contains("This host handed over one of \(lines) lines, so that one is further on") == true
                && remedy.contains("what desk made of it still more. Bring here what desk hands over next"), "\(remedy)"
        )
        #expect(remedy.contains("Never copy this one over that: its last lines would be lost"))
        #expect(remedy.contains("If this copy is all that is left, the ceremony cannot go on"))
    }

    @Test("a medium that is brought again to who received it is put aside, and the folder there goes on")
    func broughtAgain() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        let medium = gap.room.folder.copy()
        #expect(try await gap.turn(.hsm, until: .generate) == .reached(.generate))
        let before = medium.all()
        let error = await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm, in: medium) }
        let remedy = try #require(error?.remedy)
        #expect(error?.reason.contains("when this host received hand-over 1") == true, "\(error?.reason ?? "")")
        #expect(remedy.contains("perhaps a medium that was brought again"), "\(remedy)")
        #expect(remedy.contains("Put this one aside, and run keyrite run in that folder"), "\(remedy)")
        #expect(medium.all() == before)
        #expect(try await gap.turn(.hsm).isHandedOver)
    }

    @Test("who holds the other host's folder in its turn is not told to carry that over the one that goes on")
    func notOver() async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm] { try await gap.turn(side) }
        #expect(try await gap.turn(.connected, until: .create) == .reached(.create))
        let error = await #expect(throws: CeremonyError.self) { try await gap.turn(.hsm) }
        #expect(error?.what == "It is the turn of desk, which has not handed the folder over")
        #expect(
            error?.remedy.hasPrefix(
                "The folder at desk is as far on as this one, or further. Run keyrite run on desk, in the folder there, until "
                    + "it says that it is to be carried here; then carry that one. Do not copy this one over it")
                == true,
            "\(error?.remedy ?? "")")
    }

    @Test("slots whose names differ in capitals alone cross no gap, and nothing is done")
    func capitals() async throws {
        let gap = try await GapRoom.ready(
            Definition(
                title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [
                    DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true),
                    DefinedKey(alias: "alias/Qayments", key: StrategyTests.fresh, strategy: .import, proof: true),
                ]),
            prepare: {
                $0.others[StrategyTests.fresh] = FakeKey()
                $0.aliases["alias/Qayments"] = .some(nil)
            })
        let plan = String(decoding: try gap.room.folder.read(Plan.path), as: UTF8.self)
        try gap.room.folder.write(Array(plan.replacing("Qayments", with: "Payments").utf8), to: Plan.path)
        let before = gap.room.folder.all()
        let error = await #expect(throws: CeremonyError.self) { try await gap.turn(.connected) }
        #expect(error?.what.contains("differ in capitals alone: on a USB stick (vfat) their files are one") == true)
        #expect(gap.room.folder.all() == before)
    }

    @Test(
        "with the desk's keys from a backup a lost disk's turn is held again, and what it did in KMS and is on no record stops it",
        arguments: [nil, Step.import])
    func lostDisk(done: Step?) async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm, .connected, .hsm] { try await gap.turn(side) }
        let carried = gap.room.folder.copy()
        if let done { #expect(try await gap.turn(.connected, until: done) == .reached(done)) }
        let restored = GapRoom(room: gap.room, vault: gap.vault, desk: gap.desk.onAnotherMachine())
        restored.desk.hears(
            Handover.words(of: try Transcript(parsing: try carried.read(Transcript.path)).anchor.head))
        guard done != nil else {
            return #expect(try await restored.turn(.connected, in: carried).isHandedOver)
        }
        let error = await #expect(throws: CeremonyError.self) { try await restored.turn(.connected, in: carried) }
        #expect(error?.what.contains("which this folder has no import of") == true, "\(error?.what ?? "")")
        #expect(error?.remedy.contains("do not delete it") == true)
        #expect(await gap.room.kms.allowed["import"] == 0)
    }

    @Test("of two folders that went on from one, whoever received the one refuses the other, with the line")
    func forked() async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm] { try await gap.turn(side) }
        let other = gap.room.folder.copy()
        let fork = try Transcript(parsing: try other.read(Transcript.path)).lines.count + 1
        try await gap.turn(.connected)
        gap.room.clock.set(gap.room.clock.now().advanced(bySeconds: 1))
        let elsewhere = GapRoom(room: gap.room, vault: gap.vault, desk: gap.desk.onAnotherMachine())
        elsewhere.desk.hears(Handover.words(of: try Transcript(parsing: try other.read(Transcript.path)).anchor.head))
        #expect(try await gap.turn(.hsm, until: .generate) == .reached(.generate))
        #expect(try await elsewhere.turn(.connected, in: other).isHandedOver)
        let error = await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm, in: other) }
        #expect(
            error?.description
                == "transcript.jsonl:\(fork): another line stood here when this host received hand-over 3: the folder was forked"
        )
        #expect(error?.remedy?.contains("copy neither over the other") == true)
    }

    @Test("a transcript that lost its last lines on the way is told from one that was never handed over")
    func cutOff() async throws {
        let gap = try await GapRoom.ready()
        try await gap.turn(.connected)
        let there = gap.room.folder.copy()
        let lines = try there.read(Transcript.path).split(separator: 10)
        try there.write(Array(lines.dropLast().joined(separator: [10])) + [10], to: Transcript.path)
        let error = await #expect(throws: EvidenceError.self) { try await gap.turn(.hsm, in: there) }
        #expect(
            error?.description.contains(
                "it has \(lines.count - 1) lines, and handovers/1.json hands over \(lines.count)") == true)
    }

    @Test("the vault of another plan, and a site without a gap, hold nothing")
    func elsewhere() async throws {
        let gap = try await GapRoom.ready()
        await #expect(throws: CeremonyError.self) { try await gap.room.engine().run() }
        let plain = try await TestRoom.ready()
        await #expect(throws: CeremonyError.self) {
            try await Engine(opening: gap.ports(.connected, plain.folder)).run()
        }
    }

    @Test("a release whose tokens expired on the way goes back for new ones, and needs a new release")
    func expiredOnTheWay() async throws {
        let gap = try await GapRoom.ready(
            Definition(
                title: "A test", windowHours: 72, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)]))
        for side in [Side.connected, .hsm, .connected] { try await gap.turn(side) }
        let later = gap.room.clock.now().advanced(bySeconds: 25 * 3600)
        gap.room.clock.set(later)
        await gap.room.kms.prepare { $0.now = later }
        #expect(try await gap.turn(.hsm).isHandedOver)
        #expect(try await gap.record().transcript.lines.allSatisfy { $0.event.kind != .wrapIntended })
        for side in [Side.connected, .hsm, .connected, .hsm] { try await gap.turn(side) }
        try await gap.room.expectBothSay("VERIFIED")
        #expect(try await gap.record().gates.statement(of: .release)?.attempt == 2)
    }

    @Test("a sealing key that is not where the site looks is not called destroyed, however often it is run")
    func sealingKeyElsewhere() async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm, .connected, .hsm] { try await gap.turn(side) }
        gap.desk.haveSealingKey(elsewhere: true)
        for _ in 1...3 {
            let error = await #expect(throws: CeremonyError.self) { try await gap.turn(.connected) }
            #expect(error?.what.contains("was not destroyed") == true, "\(error?.what ?? "")")
            let lines = try await gap.record().transcript.lines
            #expect(!lines.contains { [.sealingDestroyIntended, .sealingDestroyed].contains($0.event.kind) })
        }
        gap.desk.haveSealingKey(elsewhere: false)
        try await gap.turn(.connected)
        #expect(gap.desk.isSealingDestroyed)
        #expect(try await gap.turn(.hsm) == .closed)
        try await gap.room.expectBothSay("VERIFIED")
    }

    @Test("one that lies elsewhere keeps nobody from ending the ceremony, who are told")
    func sealingKeyElsewhereAtTheEnd() async throws {
        let gap = try await GapRoom.ready()
        for side in [Side.connected, .hsm, .connected, .hsm] { try await gap.turn(side) }
        gap.desk.haveSealingKey(elsewhere: true)
        gap.room.speakers.say(.abort(by: "ada", reason: "the disk is lost"))
        let engine = try Engine(opening: gap.ports(.connected))
        guard case .waiting(.close, _, _) = try await engine.run() else {
            return _ = Issue.record("close is not open")
        }
        #expect(await engine.leftUndone.contains { $0.contains("was not destroyed") })
        #expect(try await gap.turn(.connected) == .closed)
        try await gap.room.expectBothSay("VERIFIED")
    }
}

extension Outcome {
    fileprivate var isHandedOver: Bool { if case .handedOver = self { true } else { false } }
}

extension GapRoom {
    /// What the folder amounts to.
    func record() async throws -> Record {
        var record = try FrozenCeremony(reading: room.folder).emptyRecord
        try record.replay(try Transcript(parsing: try room.folder.read(Transcript.path)), folder: room.folder)
        return record
    }
}
