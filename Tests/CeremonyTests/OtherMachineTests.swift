import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Testing

@Suite("Another machine or program than planned")
struct OtherMachineTests {
    private static let spare = ProgramDigest(host: "spare", program: SHA256Digest(of: [9]))
    private static let rebuilt = ProgramDigest(host: "host", program: SHA256Digest(of: [9]))
    private static let moved = Moved(by: "ada", why: "the disk is full")

    /// One run on a machine, with what it remembers.
    private func run(
        _ room: TestRoom, on machine: ProgramDigest, remembering memory: MemoryOfSightings = MemoryOfSightings(),
        moved: Moved? = nil
    ) async throws -> Outcome {
        room.environment.set(.make(programs: [machine]))
        return try await room.leavingTheHSM {
            try await Engine(opening: room.ports(room.folder, memory)).run(moved: moved)
        }
    }

    /// Signs at each gate that waits, until it is closed; says which attempts were signed.
    private func finish(_ room: TestRoom, on machine: ProgramDigest) async throws -> [String] {
        var signed: [String] = []
        while case .waiting(let gate, let attempt, _) = try await run(room, on: machine) {
            signed.append("\(gate.rawValue) \(attempt)")
            for name in ["ben", "carol"] + (gate == .close ? ["wendy"] : []) { try await room.sign(gate, as: name) }
        }
        return signed
    }

    @Test("is told what differs and how to go on, and nothing is written")
    func refused() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        let before = room.folder.all()
        let error = await #expect(throws: UnplannedMachine.self) { try await run(room, on: Self.spare) }
        #expect(
            error?.description
                == "Another machine or program than planned: this is spare with the program \(Self.spare.program), planned was "
                + "host with \(TestRoom.program.program). If it is meant to go on here, the administrator puts that on record: "
                + "keyrite run with --moved \"WHY\" --as ada. Otherwise restore what the plan names. What was signed at an open "
                + "gate is void, and nothing that needs a gate is done before one is signed with this exception. Before anybody "
                + "signs it, what is replaced, machine or program, and its copy of the folder must be out of use: it would go "
                + "on under what was signed before. Nothing on this machine remembers this ceremony, so it cannot notice a folder that is older than what another saw: "
                + "compare the last line with what custodians' machines and the people have")
        let again = await #expect(throws: UnplannedMachine.self) {
            try await run(room, on: Self.rebuilt, remembering: room.memory)
        }
        #expect(again?.meaning.contains("remembers") == false)
        for by in ["ben", "eve"] {
            let error = await #expect(throws: CeremonyError.self) {
                try await run(room, on: Self.spare, moved: Moved(by: by, why: "x"))
            }
            #expect(error?.what == "\(by) is not the administrator of this ceremony")
        }
        let planned = await #expect(throws: CeremonyError.self) {
            try await run(room, on: TestRoom.program, moved: Self.moved)
        }
        #expect(planned?.what == "Nothing moved: this machine and its program are the plan's")
        await #expect(throws: CeremonyError.self) {
            try await run(room, on: Self.spare, moved: Moved(by: "ada", why: ""))
        }
        #expect(room.folder.all() == before)
    }

    @Test("is no way around anything else that the plan binds")
    func otherwise() async throws {
        let room = try await TestRoom.ready()
        room.environment.set(.make(region: "x", programs: [Self.spare]))
        let error = await #expect(throws: CeremonyError.self) {
            try await Engine(opening: room.ports).run(moved: Self.moved)
        }
        #expect(error?.what.contains("the Region is x") == true && error?.what.contains("spare") == false)
        #expect(try room.folder.readIfPresent(Transcript.path) == nil)
    }

    /// Where the first machine stopped, and the attempts that are signed on the other one.
    enum Stage: String, CaseIterable {
        case nothing, authorizeSigned, generate, releaseSigned, release, wrap, `import`, activateSigned, activate,
            rotate, settle

        var step: Step? { Step(rawValue: rawValue) }
        /// The gate where people have signed and nobody took it in yet.
        var gate: Gate? { Gate(rawValue: rawValue.replacing("Signed", with: "")) }

        var signed: [String] {
            switch self {
            case .nothing: ["authorize 1", "release 1", "activate 1", "close 1"]
            case .authorizeSigned: ["authorize 2", "release 1", "activate 1", "close 1"]
            case .generate: ["release 1", "activate 1", "close 1"]
            case .releaseSigned, .release, .wrap, .import: ["release 2", "activate 1", "close 1"]
            case .activateSigned, .activate, .rotate: ["activate 2", "close 1"]
            case .settle: ["close 1"]
            }
        }
    }

    @Test("has what is left to do under a gate signed again, and no other gate", arguments: Stage.allCases)
    func moved(_ stage: Stage) async throws {
        let room = try await TestRoom.ready()
        if let step = stage.step {
            try await room.advance(until: step)
        } else if let gate = stage.gate {
            try await room.advance(to: gate)
            for name in ["ben", "carol"] { try await room.sign(gate, as: name) }
        }
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        // What is said twice is on record once.
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        let open = try #require(try await room.record().gates.open?.statement)
        #expect(open.exceptions.map(\.exception.machine?.digest) == [Self.spare])
        #expect(open.exceptions.map(\.exception.why) == ["the disk is full"])
        let isAgain = [.release, .wrap, .import, .activate, .rotate].contains(stage)
        #expect(
            try await room.record().whySignedAgain?.contains("attempt 1, and then another machine or program went on")
                == (isAgain ? true : nil))
        #expect(try await finish(room, on: Self.spare) == stage.signed)
        #expect(try await room.record().machines == [Self.spare])
        #expect(try room.verdict() == .verified)
        #expect(try room.checks().contains { $0.what == "not in the plan: spare" && $0.standing == .signed })
        guard [.generate, .wrap, .rotate].contains(stage) else { return }
        let said = try await room.shellVerdict()
        let row = "signed      not in the plan: spare        the exception of line"
        for text in ["\n\nVERIFIED", row, "each host's own clock and name"] {
            #expect(said.contains(text), "\(said)")
        }
    }

    @Test("signs the close again, if it was passed and not written")
    func close() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .close)
        for name in ["ben", "carol", "wendy"] { try await room.sign(.close, as: name) }
        let cut = try Engine(opening: room.ports.checked(by: Scissors(after: "after journal gate-passed")))
        await #expect(throws: CutOff.self) { try await cut.run() }
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        #expect(try await finish(room, on: Self.spare) == ["close 2"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("closes what was ended early, and asks for nothing else", arguments: [false, true])
    func aborted(isCut: Bool) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .wrap)
        room.speakers.say(.abort(by: "ada", reason: "the safe is jammed"))
        let point = isCut ? "after journal aborted" : "after journal gate-opened"
        let cut = try Engine(opening: room.ports.checked(by: Scissors(after: point)))
        await #expect(throws: CutOff.self) { try await cut.run() }
        try await room.hsm.leave()
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        #expect(try await finish(room, on: Self.spare) == [isCut ? "close 1" : "close 2"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("does nothing after the exception that needs a gate, on whichever machine, before one is signed with it")
    func back() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .release)
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        guard case .waiting(.release, 3, _) = try await run(room, on: TestRoom.program) else {
            Issue.record("it went on")
            return
        }
        #expect(try await room.record().slots["payments"]?.blobs == [:])
        // A third machine needs an exception of its own.
        let third = ProgramDigest(host: "third", program: Self.spare.program)
        await #expect(throws: UnplannedMachine.self) { try await run(room, on: third) }
        _ = try await run(room, on: third, moved: Moved(by: "ada", why: "the spare one is lost"))
        #expect(try await finish(room, on: third) == ["release 4", "activate 1", "close 1"])
        #expect(try await room.record().machines == [Self.spare, third])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("has a release whose keys expired meanwhile signed once, for others")
    func expired() async throws {
        let room = try await TestRoom.ready(
            Definition(
                title: "A long test", windowHours: 48, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)]))
        await room.hsm.prepare { $0.allowed["wrap"] = 2 }
        // Its answer is lost, and what it did does not show: whether it arrived is not known.
        await room.kms.prepare { ($0.lost["import"], $0.blindCalls["import"]) = (.answer, 99) }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let intended = try #require(try await room.record().unsettledIntent)
        #expect(intended.kind == .importIntended)
        let late = TestRoom.now.advanced(bySeconds: 25 * 3600)
        room.clock.set(late)
        await room.kms.prepare { ($0.now, $0.blindLooks) = (late, 0) }
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        #expect(try await room.record().exceptions.last?.stated.exception.machine?.unsettled == intended)
        #expect(try await room.record().openIntent == nil)
        #expect(try await finish(room, on: Self.spare) == ["release 2", "activate 1", "close 1"])
        #expect(await room.kms.allowed["import"] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "ended early there, it is said of what the first one left that nobody knows whether it took effect",
        arguments: [false, true])
    func abortedAfterwards(isFetching: Bool) async throws {
        let room = try await TestRoom.ready(
            Definition(
                title: "A long test", windowHours: 48, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)]))
        await room.kms.prepare { $0.lost["import"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let intended = try #require(try await room.record().unsettledIntent)
        if isFetching {
            let late = TestRoom.now.advanced(bySeconds: 25 * 3600)
            room.clock.set(late)
            await room.kms.prepare { ($0.now, $0.lostFetch) = (late, $0.fetches + 1) }
            await #expect(throws: (any Error).self) { try await run(room, on: Self.spare, moved: Self.moved) }
            #expect(try await room.record().openIntent?.kind == .fetchIntended)
        } else {
            _ = try await run(room, on: Self.spare, moved: Self.moved)
        }
        let now = room.clock.now()
        room.clock.set(TestRoom.now.advanced(bySeconds: 49 * 3600))
        let late = await #expect(throws: CeremonyError.self) { try await run(room, on: Self.spare) }
        #expect(late?.remedy.contains("import-intended, of which nobody looked whether it happened") == true)
        room.clock.set(now)
        room.speakers.say(.abort(by: "ada", reason: "the safe is jammed"))
        #expect(try await finish(room, on: Self.spare) == ["close 1"])
        #expect(try await room.record().unsettled == intended)
        try await room.expectBothSay("VERIFIED")
        let said = try await room.shellVerdict()
        #expect(
            said.contains("\nWhether line \(intended.seq), import-intended, took effect is not known.\n"), "\(said)")
    }

    @Test("ended early there, it is not said of what was looked up, and done")
    func abortedKnowing() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.lost["import"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        for name in ["ben", "carol"] { try await room.sign(.release, as: name) }
        await room.hsm.prepare { $0.allowed["wrap"] = 1 }
        guard case .waiting(.activate, _, _) = try await run(room, on: Self.spare) else {
            Issue.record("it did not import")
            return
        }
        room.speakers.say(.abort(by: "ada", reason: "the safe is jammed"))
        #expect(try await finish(room, on: Self.spare) == ["close 1"])
        #expect(try await room.record().unsettled == nil)
        try await room.expectBothSay("VERIFIED")
    }

    private static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"

    /// What became of a key that waited for its first material, after the first machine left the import without a result.
    enum Left: CaseIterable { case notArrived, arrived, disabled, strangers, toBeDeleted }

    @Test(
        "shows at *release* what became of a key into which the first one may have imported", arguments: Left.allCases)
    func firstImport(_ left: Left) async throws {
        let room = try await TestRoom.ready(
            Definition(
                title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/new", key: Self.fresh, strategy: .import, proof: true)])
        ) { kms in
            kms.others[Self.fresh] = FakeKey()
            kms.aliases["alias/new"] = .some(nil)
        }
        let hasArrived = left == .arrived || left == .disabled
        await room.hsm.prepare { $0.allowed["wrap"] = 2 }
        await room.kms.prepare {
            ($0.lost["import"], $0.blindCalls["import"]) = hasArrived ? (.answer, 99) : (.request, nil)
        }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare { kms in
            kms.blindLooks = 0
            switch left {
            case .notArrived, .arrived: break
            case .disabled: kms.others[Self.fresh]?.state = "Disabled"
            case .toBeDeleted: kms.others[Self.fresh]?.state = "PendingDeletion"
            case .strangers:
                kms.others[Self.fresh]?.materials = [
                    KMSMaterial(id: "other", state: .current, description: "mine", onDemand: false)
                ]
            }
        }
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("no release is open")
            return
        }
        let state: String? =
            switch left {
            case .notArrived, .arrived: nil
            case .disabled: "Disabled"
            case .strangers: "Enabled"
            case .toBeDeleted: "PendingDeletion"
            }
        #expect(release.differences.map(\.observed) == (state.map { [$0] } ?? []))
        #expect(release.differences.allSatisfy { $0.planned == "PendingImport" && $0.slot == "new" })
        guard state == nil else { return }
        #expect(try await finish(room, on: Self.spare) == ["release 2", "activate 1", "close 1"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "signs an activation that did not arrive as KMS has the key now, and one that did as it was signed",
        arguments: [false, true])
    func activationLeft(hasArrived: Bool) async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare {
            ($0.lost["rotate"], $0.blindCalls["rotate"]) = hasArrived ? (.answer, 99) : (.request, nil)
        }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let changed = PolicyText("{}")
        await room.kms.prepare { ($0.blindLooks, $0.policy) = (0, changed) }
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        guard case .activate(let activation)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("no activation is open")
            return
        }
        #expect((activation.slots.map(\.policy) == [changed.digest]) == !hasArrived)
        #expect(activation.slots.map(\.rotationsUsed) == [0])
        #expect(try await finish(room, on: Self.spare) == ["activate 2", "close 1"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("has a release that was signed for the activation too signed again for what is left of that alone")
    func folded() async throws {
        let room = try await TestRoom.ready(
            Definition(
                title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)],
                policy: QuorumPolicy(foldsActivate: true)))
        try await room.advance(until: .rotate)
        _ = try await run(room, on: Self.spare, moved: Self.moved)
        guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("no release is open")
            return
        }
        let window = try await room.record().plan.window
        #expect(release.slots.isEmpty && release.deadline == window.until)
        #expect(try await finish(room, on: Self.spare) == ["release 2", "close 1"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("stands in the transcript as the page on formats has it")
    func format() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../ceremony/formats.md").standardizedFileURL
        let text = try String(contentsOf: page, encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("{") && $0.contains("\"machine\"") })
        let read = try CanonicalJSON.decode(JournalLine.self, from: Array(line.utf8))
        guard case .exception(let said) = read.event else {
            Issue.record("it is no exception")
            return
        }
        #expect(said.machine?.host == read.host)
        #expect(said.machine?.unsettled == UnsettledEffect(seq: 24, kind: .importIntended))
    }

    @Test("is refused across an air gap, and told why")
    func gap() throws {
        let planned = CeremonyEnvironment.make(programs: GapRoom.programs)
        let seen = planned.seen(from: .hsm, programs: [Self.spare])
        let error = #expect(throws: CeremonyError.self) { try EnvironmentRules.check(seen, against: planned) }
        #expect(
            error?.remedy == "Restore what the plan names, or freeze a new plan. Across an air gap no exception takes "
                + "another machine or program: one goes on in place of \(GapRoom.programs.map(\.host).joined(separator: " or ")) "
                + "under that name, with its key, and with that very program")
    }
}

extension TestRoom {
    /// What an auditor who knows the roster finds, thing by thing.
    fileprivate func checks() throws -> [Check] {
        var verifier = Verifier(
            of: folder, expecting: Expectations(roster: Roster.digest(of: try roster.json()), mode: .rehearsal))
        return verifier.verify().checks
    }
}
