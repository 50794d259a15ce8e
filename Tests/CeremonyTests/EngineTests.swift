import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("The engine, with an HSM and a KMS that refuse to do anything twice")
struct EngineTests {
    @Test("a ceremony goes from plan to close, and verifies")
    func whole() async throws {
        let room = try await TestRoom.ready()
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
        #expect(await room.kms.materials.map(\.state) == [.nonCurrent, .current])
    }

    @Test("the ceremony has the id after which a role's session was named before its plan was frozen")
    func identity() async throws {
        let identity = try Planner.Identity(at: TestRoom.now)
        let room = try await TestRoom.ready(identity: identity)
        #expect(identity.ceremony.wholeMatch(of: #/2\d{3}-\d\d-\d\d-[0-9a-f]{8}/#) != nil)
        #expect(try await room.record().plan.ceremony == identity.ceremony)
    }

    @Test("credentials that do not come stop it before a step, never in one, and it goes on with the next run")
    func unprepared() async throws {
        let room = try await TestRoom.ready()
        for count in 0... {
            room.environment.failPreparing(after: count)
            do {
                #expect(try await room.advance() == .closed)
                break
            } catch is FixedEnvironment.NotPrepared {
                #expect(try await room.record().openIntent == nil)
            }
            try #require(count < 50)
        }
        #expect(try room.verdict() == .verified)
    }

    @Test("credentials that become another caller's stop it before a step that would use them, and nothing is done")
    func renewed() async throws {
        let room = try await TestRoom.ready()
        let other = "arn:aws:sts::111122223333:assumed-role/Admin/eve"
        for count in 0... {
            room.environment.renew(as: other, after: count)
            let before = room.folder.all()[Transcript.path]
            do {
                #expect(try await room.advance() == .closed)
                break
            } catch let error as CeremonyError {
                #expect(
                    error.description
                        == "The credentials were renewed and are those of \(other) now; the plan's caller is "
                        + "arn:aws:iam::111122223333:user/x. Nothing was done with them. Log in as the plan's caller, then "
                        + "run again")
                #expect(try await room.record().openIntent == nil)
                if count == 0 {
                    let lines = try await room.record().transcript.lines.count
                    #expect(before == nil && lines == 1, "that the run began, and nothing else")
                }
            }
            try #require(count < 50)
        }
        #expect(try room.verdict() == .verified)
    }

    @Test("nothing is fetched ahead with credentials that became another caller's")
    func renewedAtGate() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        let before = room.folder.all()
        room.environment.renew(as: "arn:aws:iam::111122223333:user/eve", after: 0)
        let engine = try room.engine()
        await #expect(throws: CeremonyError.self) { try await engine.fetchWhilePeopleSign() }
        #expect(room.folder.all() == before)
        try await engine.fetchWhilePeopleSign()
        #expect(room.folder.all() != before)
    }

    @Test("every fetch is journaled with the certificate of the connection that brought it, and both verifiers take it")
    func certificate() async throws {
        let room = try await TestRoom.ready()
        #expect(try await room.advance() == .closed)
        let fetched = try await room.record().transcript.lines.compactMap { line in
            if case .fetched(let fetched) = line.event { fetched } else { nil }
        }
        #expect(fetched.map(\.tlsLeaf) == [FakeKMS.certificate, FakeKMS.certificate])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("an answer that is lost is looked up, and nothing is done twice", arguments: ["import", "prove", "rotate"])
    func answerLost(call: String) async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.lost[call] = .answer }
        #expect(try await room.advance() == .closed)
        let slot = try #require(try await room.record().slots["payments"])
        let learned = [
            "import": slot.imported?.learned, "prove": slot.proved?.learned, "rotate": slot.rotated?.learned,
        ]
        #expect(learned[call] == .byLooking)
        #expect(learned.values.count { $0 == .byLooking } == 1)
        #expect(try room.verdict() == .verified)
    }

    @Test(
        "a request that was lost leaves its intent open, and the next run settles it",
        arguments: ["import", "prove", "rotate"])
    func requestLost(call: String) async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.lost[call] = .request }
        await #expect(throws: AnswerLost(call: call)) { try await room.advance() }
        #expect(try await room.record().openIntent != nil)
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
    }

    @Test("a key that was generated without an answer is adopted, not made again")
    func generateLost() async throws {
        let room = try await TestRoom.ready()
        await room.hsm.prepare { $0.losesGenerate = true }
        #expect(try await room.advance() == .closed)
        #expect(await room.hsm.allowed["generate"] == 0)
    }

    @Test("pending material that another put there stops the ceremony before its import")
    func strangerPending() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        await room.kms.prepare {
            $0.materials.append(KMSMaterial(id: "x", state: .pendingRotation, description: "x", onDemand: false))
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("pending material that this ceremony did not import") == true)
        #expect(await room.kms.allowed["import"] == 1)
        #expect(try await room.record().openIntent == nil)
    }

    @Test("material that another put there after a lost import is not taken for ours")
    func strangerAfterLostImport() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.lost["import"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare {
            $0.materials.append(KMSMaterial(id: "x", state: .pendingRotation, description: "x", onDemand: false))
        }
        await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(await room.kms.allowed["import"] == 1)
    }

    @Test("an object with the key's label or id stops the ceremony before it generates", arguments: [true, false])
    func strangerObject(label: Bool) async throws {
        let room = try await TestRoom.ready()
        let planned = try await room.record().plan.slots[0]
        await room.hsm.prepare {
            $0.strangers = [
                HSMKey(label: label ? planned.label : "x", id: label ? "00" : planned.id, attributes: [])
            ]
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains(planned.label) == true)
        #expect(await room.hsm.allowed["generate"] == 1)
    }

    @Test(
        "a key that is not what the plan demands stops before its release",
        arguments: ["CKA_SENSITIVE", "CKA_LOCAL", "CKA_VALUE_LEN"])
    func wrongTemplate(name: String) async throws {
        let room = try await TestRoom.ready()
        await room.hsm.prepare { $0.wrong = [AttributeSetting(name, "wrong")] }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("\(name) wrong for") == true)
        #expect(await room.hsm.allowed["wrap"] == 1)
        #expect(try await room.record().nextGate == .release)
    }

    @Test("outside the plan's window nothing runs and nothing is written", arguments: [-1, 3601])
    func window(seconds: Int64) async throws {
        let room = try await TestRoom.ready()
        room.clock.set(TestRoom.now.advanced(bySeconds: seconds))
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.kind == .invalidInput)
        #expect(try !room.folder.files().contains(Transcript.path))
    }

    @Test("other surroundings than the plan's are refused before anything is written")
    func otherEnvironment() async throws {
        let room = try await TestRoom.ready()
        room.environment.set(.make(account: "999999999999"))
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("the AWS account is 999999999999, planned was 111122223333") == true)
        #expect(try !room.folder.files().contains(Transcript.path))
    }

    @Test("a refusal ends the attempt; a new one carries it and needs its own quorum")
    func refusal() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben")
        try await room.sign(.release, as: "carol", .refuse(reason: "the fingerprint differs"))
        let outcome = try await room.engine().run()
        let two = [GateRequirement(role: .custodian, count: 2)]
        #expect(outcome == .waiting(gate: .release, attempt: 2, missing: two))
        let open = try #require(try await room.record().gates.open)
        #expect(open.statement.decisions.last?.decision == .refuse)
        let refusal = try #require(try await room.record().refusal(in: room.folder))
        #expect((refusal.gate, refusal.attempt, refusal.name) == (.release, 1, "carol"))
        #expect(refusal.reason == "the fingerprint differs")
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().refusal(in: room.folder) == nil)
        try await room.expectBothSay("VERIFIED")
        let row = try #require(try await room.shellVerdict().split(separator: "\n").first { $0.contains("refusal") })
        #expect(row.hasPrefix("signed ") && row.hasSuffix("  the refusal that carol signed"), "\(row)")
    }

    @Test("nobody's refusal is lost: neither to one that came before it, nor to what voids the attempt")
    func everyRefusal() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "ben", .refuse(reason: "no"))
        try await room.sign(.authorize, as: "carol", .refuse(reason: "nor I"))
        let two = [GateRequirement(role: .custodian, count: 2)]
        #expect(try await room.engine().run() == .waiting(gate: .authorize, attempt: 2, missing: two))

        try await room.sign(.authorize, as: "carol", .refuse(reason: "still not"))
        room.speakers.say(.exception(by: "ada", what: "a draught", why: "the window", remedy: "it was shut"))
        #expect(try await room.engine().run() == .waiting(gate: .authorize, attempt: 3, missing: two))
        let decisions = try await room.record().gates.open?.statement.decisions ?? []
        #expect(decisions.map { "\($0.name) \($0.attempt)" } == ["ben 1", "carol 1", "carol 2"])
        #expect(decisions.allSatisfy { $0.decision == .refuse })

        // One that comes when its gate was passed already is on record before the next one opens.
        try await room.sign(.authorize, as: "ben")
        try await room.sign(.authorize, as: "carol")
        try await room.sign(.authorize, as: "dan", .refuse(reason: "I was late"), remembering: MemoryOfSightings())
        #expect(try await room.advance() == .closed)
        let all = try await room.record().gates.decisions.filter { $0.decision == .refuse }.map(\.name)
        #expect(all == ["ben", "carol", "carol", "dan"])
        try await room.expectBothSay("VERIFIED")
        let rows = try await room.shellVerdict().split(separator: "\n").filter { $0.contains("the refusal that") }
        #expect(rows.count == 4)
    }

    @Test("who approved before somebody refused is on record, and every later statement has it")
    func approvedBeforeRefusal() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "carol")
        try await room.sign(.authorize, as: "dan")
        try await room.sign(.authorize, as: "ben", .refuse(reason: "not the plan I know"))
        let two = [GateRequirement(role: .custodian, count: 2)]
        #expect(try await room.engine().run() == .waiting(gate: .authorize, attempt: 2, missing: two))
        let decisions = try await room.record().gates.open?.statement.decisions ?? []
        #expect(decisions.map { "\($0.name) \($0.decision)" } == ["carol approve", "dan approve", "ben refuse"])
        try await room.sign(.authorize, as: "carol")
        try await room.sign(.authorize, as: "ben")
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        #expect(!(try await room.shellVerdict()).contains("too late to count"))
    }

    @Test("who is asked in two places decides in one: what is on record is not written over")
    func twice() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        let elsewhere = DecidingElsewhere {
            try await room.sign(.authorize, as: "ben")
            _ = try await room.engine().run()
        }
        let error = await #expect(throws: CeremonyError.self) {
            _ = try await Approver(folder: room.folder, memory: MemoryOfSightings(), clock: room.clock).approve(
                .authorize, as: "ben", participant: elsewhere, signer: room.signer("ben"))
        }
        #expect(error?.what == "ben has signed this attempt already: approve")
        try await room.sign(.authorize, as: "carol")
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("who approved by mistake has an exception void it, and refuses the next attempt", arguments: [false, true])
    func takenBack(isRecorded: Bool) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "ben")
        if isRecorded { _ = try await room.engine().run() }
        let error = await #expect(throws: CeremonyError.self) {
            try await room.sign(.authorize, as: "ben", .refuse(reason: "on second thoughts"))
        }
        #expect(error?.remedy.contains("If ben did not mean it, have the administrator put an exception") == true)
        room.speakers.say(
            .exception(by: "ada", what: "ben signed by mistake", why: "a wrong page", remedy: "it is signed again"))
        _ = try await room.engine().run()
        #expect(try await room.record().gates.open?.statement.attempt == 2)
        try await room.sign(.authorize, as: "ben", .refuse(reason: "on second thoughts"))
        _ = try await room.engine().run()
        #expect(try await room.record().gates.decisions.last { $0.name == "ben" }?.decision == .refuse)
        #expect(try await room.record().gates.open?.statement.attempt == 3)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("what was signed somewhere else is known before it is on record; what would not count is not")
    func elsewhere() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "ben")
        try await room.sign(.authorize, as: "dan", .refuse(reason: "no"))
        let path = Approval.path(.authorize, 1, "ben")
        for (other, file) in [("carol", path), ("carol", path + ".sig")] {
            try room.folder.write(
                try room.folder.read(file), to: file.replacing("/ben.", with: "/\(other)."))
        }
        let unrecorded = try await room.record().unrecorded(in: room.folder, at: room.clock.now())
        #expect(unrecorded.map { "\($0.name) \($0.decision)" } == ["ben approve", "dan refuse"])
        let waiting = { try await room.record().waitingForClock(in: room.folder, at: $0).map(\.name) }
        let now = room.clock.now()
        #expect(try await waiting(now) == [])
        #expect(try await waiting(now.advanced(bySeconds: -1)) == ["ben", "dan"])
    }

    @Test(
        "what is no file of the ceremony is named before the close is signed, which nobody could verify with it",
        arguments: ["notes.txt", "exhibits/photo.jpg", "approvals/authorize-1/zed.json", "minutes.html"])
    func stranger(path: String) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try room.folder.write([1], to: path)
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what == "The folder has what is no file of this ceremony: \(path)")
        #expect(error?.remedy.hasPrefix("Move it out of the folder, then run again: it cannot be sealed") == true)
        #expect(try await room.record().gates.open == nil)
        try room.folder.remove(path)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("one that comes while people sign the close stops it, too", arguments: ["notes.txt", "exhibits/photo.jpg"])
    func strangerAtClose(path: String) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .close)
        try room.folder.write([1], to: path)
        let error = await #expect(throws: CeremonyError.self) { try await room.engine().run() }
        #expect(error?.what == "The folder has what is no file of this ceremony: \(path)")
        try room.folder.remove(path)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "what was laid beside the close's approvals after their gate was passed stops the close, which nobody could verify"
    )
    func strangerAfterClose() async throws {
        let room = try await TestRoom.ready()
        #expect(try await room.advance() == .closed)
        let bytes = try room.folder.read(Transcript.path)
        let last = try #require(bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")))
        try room.folder.truncate(Transcript.path, to: last + 1)
        try room.folder.write([1], to: "approvals/close-1/dan.json")
        let error = await #expect(throws: CeremonyError.self) { try await room.engine().run() }
        #expect(error?.what == "approvals/close-1/dan.json does not count and cannot be sealed")
        try room.folder.remove("approvals/close-1/dan.json")
        #expect(try await room.engine().run() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("an approval that comes too late to count may lie there when it is closed; what nobody signed may not")
    func lateApproval() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "dan")
        let path = Approval.path(.release, 1, "dan")
        let files = try [path, path + ".sig"].map { ($0, try room.folder.read($0)) }
        for (path, _) in files { try room.folder.remove(path) }
        try await room.advance(to: .close)
        try room.folder.write(files[0].1, to: path)
        let error = await #expect(throws: CeremonyError.self) { try await room.engine().run() }
        #expect(error?.what == "\(path): nobody signed it")
        #expect(error?.remedy.hasPrefix("Move it out of the folder, then run again") == true)
        try room.folder.write(files[1].1, to: path + ".sig")
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("nobody is asked to read and sign what would not count for the time at which it is signed")
    func tooLate() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        room.clock.set(TestRoom.now.advanced(bySeconds: 400 * 24 * 3600))
        let error = await #expect(throws: CeremonyError.self) { try await room.sign(.authorize, as: "ben") }
        #expect(error?.what.hasPrefix("Nothing that ben signs at ") == true)
        #expect(error?.remedy.contains("Nothing was signed. Check this machine's clock; ben's key counts from") == true)
    }

    @Test("a key policy that changes while people sign voids what they signed, and is shown to them")
    func policyChanges() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben")
        try await room.sign(.release, as: "carol")
        await room.kms.prepare { $0.policy = PolicyText("{}") }
        let two = [GateRequirement(role: .custodian, count: 2)]
        #expect(try await room.engine().run() == .waiting(gate: .release, attempt: 2, missing: two))
        guard case .release(let subject)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("no release is open")
            return
        }
        #expect(subject.differences.map(\.what) == ["key policy", "text of the key policy"])
        #expect(subject.differences.last?.observed == "{}")
    }

    @Test("the statement of a voided attempt that a killed run did not write is written by the next")
    func lostStatement() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try room.folder.remove("statements/release-1.json")
        await room.kms.prepare { $0.policy = PolicyText("{}") }
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
    }

    @Test("an approval that does not count is reported and waited for again")
    func badApproval() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await room.sign(.authorize, as: "ben")
        let path = Approval.path(.authorize, 1, "ben")
        try room.folder.write(try room.folder.read(path) + [UInt8(ascii: " ")], to: path)
        let two = [GateRequirement(role: .custodian, count: 2)]
        #expect(try await room.engine().run() == .waiting(gate: .authorize, attempt: 1, missing: two))
        #expect(room.refusals.all.keys.sorted() == [path])
    }

    @Test("a last line without its end is cut off, and the run goes on")
    func tornLine() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try room.folder.append(Array(#"{"at":"2026"#.utf8), to: Transcript.path)
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
    }

    @Test("a wrapping key that was exchanged after the release wraps nothing")
    func exchangedWrappingKey() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        let path = FolderLayout.wrappingKey("payments", .import)
        try room.folder.write(try RSAPrivateKey(bits: 2048).publicKey.spki, to: path)
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what == "\(path) is not the wrapping key that the quorum released")
        #expect(await room.hsm.allowed["wrap"] == 1)
    }

    @Test("a folder that this host saw in another state is refused")
    func regression() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        let lines = try room.folder.read(Transcript.path).split(separator: UInt8(ascii: "\n"))
        try room.folder.write(Array(lines[0]) + [UInt8(ascii: "\n")], to: Transcript.path)
        #expect(throws: EvidenceError.self) { try room.engine() }
    }
}

/// Somebody who decides in another place while they are asked here.
private struct DecidingElsewhere: ParticipantPort {
    let decide: @Sendable () async throws -> Void

    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer {
        try await decide()
        return .approve
    }
}
