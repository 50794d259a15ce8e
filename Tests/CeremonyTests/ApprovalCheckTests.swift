import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("An approval counts only if everything about it is right")
struct ApprovalCheckTests {
    /// One way of getting an approval wrong, and the refusal it earns.
    struct Flaw: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: ApprovalRefusal
        var name = "ben"
        var role: Role?
        var key: String?
        var decision = Decision.approve
        var reason: String?
        var at = TestRoom.now
        /// What the file says otherwise than an approval of the open statement can.
        var said: [String: JSONValue] = [:]

        init(_ description: String, _ refusal: ApprovalRefusal, _ change: (inout Flaw) -> Void) {
            testDescription = description
            self.refusal = refusal
            change(&self)
        }

        /// In nothing.
        static let none = Flaw("nothing", .otherStatement) { _ in }
    }

    static let flaws = [
        Flaw("another mode", .otherMode(.live)) { $0.said = ["mode": .string("live")] },
        Flaw("another ceremony", .otherCeremony("other")) { $0.said = ["ceremony": .string("other")] },
        Flaw("another gate", .otherGate(.release)) { $0.said = ["gate": .string("release")] },
        Flaw("another attempt", .otherAttempt(2)) { $0.said = ["attempt": .integer(2)] },
        Flaw("another plan", .otherPlan) { $0.said = ["plan": .string(SHA256Digest(of: []).hex)] },
        Flaw("another statement of the same attempt", .otherStatement) {
            $0.said = ["statement": .string(SHA256Digest(of: []).hex)]
        },
        Flaw("nobody of the roster", .unknownPerson("mallory")) { $0.name = "mallory" },
        Flaw("a role the roster does not give", .otherRole("ben")) { $0.role = .witness },
        Flaw("the administrator as custodian", .otherRole("ada")) { $0.name = "ada" },
        Flaw("the administrator", .administrator("ada")) {
            $0.name = "ada"
            $0.role = .administrator
        },
        Flaw("another key's fingerprint", .otherKey("ben")) { $0.key = "SHA256:abc" },
        Flaw("a refusal without a reason", .refusalWithoutReason("ben")) { $0.decision = .refuse },
        Flaw("a refusal with an empty reason", .refusalWithoutReason("ben")) {
            $0.decision = .refuse
            $0.reason = ""
        },
        Flaw("an approval with a reason", .approvalWithReason("ben")) { $0.reason = "because" },
        Flaw("an approval with an empty reason", .approvalWithReason("ben")) { $0.reason = "" },
        Flaw("a second before the statement", .outsideStatementValidity("ben")) {
            $0.at = TestRoom.now.advanced(bySeconds: -1)
        },
        Flaw("a second ahead of now", .ahead("ben")) { $0.at = TestRoom.now.advanced(bySeconds: 1) },
        Flaw("a second after the statement", .outsideStatementValidity("ben")) {
            $0.at = TestRoom.now.advanced(bySeconds: 3601)
        },
    ]

    @Test("every flaw has a refusal of its own", arguments: flaws)
    func refused(_ flaw: Flaw) async throws {
        let (room, open) = try await openGate()
        let bytes = try Self.bytes(flaw, room, open)
        let error = #expect(throws: ApprovalRefusal.self) {
            try Self.check(bytes, signature: [], room, open)
        }
        #expect(error == flaw.refusal)
    }

    @Test("an honest approval counts")
    func honest() async throws {
        let (room, open) = try await openGate()
        let bytes = try Self.bytes(.none, room, open)
        let signature = try await room.signer("ben").sign(bytes, namespace: Mode.rehearsal.gateNamespace)
        #expect(try Self.check(bytes, signature: signature, room, open).name == "ben")
    }

    @Test("a signature by another key, for another purpose, over other bytes or in another form is refused")
    func signatures() async throws {
        let (room, open) = try await openGate()
        let bytes = try Self.bytes(.none, room, open)
        let honest = try await room.signer("ben").sign(bytes, namespace: Mode.rehearsal.gateNamespace)
        let (ben, carol) = (room.signer("ben"), room.signer("carol"))
        let gates = Mode.rehearsal.gateNamespace
        let signatures = [
            (try await carol.sign(bytes, namespace: gates), "is by another key"),
            (
                try await ben.sign(bytes, namespace: Mode.live.gateNamespace),
                "is for \"\(Mode.live.gateNamespace)\", not for \"\(gates)\""
            ),
            (
                try await ben.sign(bytes, namespace: Mode.rehearsal.rosterNamespace),
                "is for \"\(Mode.rehearsal.rosterNamespace)\", not for \"\(gates)\""
            ),
            (try await ben.sign([1], namespace: gates), "does not sign these bytes"),
            (honest + Array("more\n".utf8), "is not in its one form"),
            ([], "is not in its one form"),
        ]
        for (signature, why) in signatures {
            let error = #expect(throws: ApprovalRefusal.self) {
                try Self.check(bytes, signature: signature, room, open)
            }
            guard case .signature(let said)? = error, said.contains(why) else {
                Issue.record("\(why): it was refused with \(String(describing: error))")
                continue
            }
        }
    }

    @Test("an approval of a statement that differs in one byte is refused")
    func oneByte() async throws {
        let (room, open) = try await openGate()
        let said = open.statement
        let nonce = String(said.nonce.dropLast()) + (said.nonce.last == "0" ? "1" : "0")
        let other = Statement(
            mode: said.mode, ceremony: said.ceremony, nonce: nonce, gate: said.gate, attempt: said.attempt,
            plan: said.plan, roster: said.roster, environment: said.environment, anchor: said.anchor,
            earlier: said.earlier, decisions: said.decisions, exceptions: said.exceptions, subject: said.subject,
            validity: said.validity)
        let (ours, theirs) = (try CanonicalJSON.encode(said), try CanonicalJSON.encode(other))
        #expect(zip(ours, theirs).count { $0 != $1 } == 1 && ours.count == theirs.count)
        let ben = try #require(room.roster.member(named: "ben"))
        let bytes = try CanonicalJSON.encode(
            Approval(
                of: other, digest: SHA256Digest(of: theirs), by: ben, key: try ben.publicKey().fingerprint,
                decision: .approve, reason: nil, at: TestRoom.now))
        let signature = try await room.signer("ben").sign(bytes, namespace: Mode.rehearsal.gateNamespace)
        #expect(throws: ApprovalRefusal.otherStatement) { try Self.check(bytes, signature: signature, room, open) }
    }

    @Test("a key outside its validity is refused, in a statement that is valid for longer")
    func keyValidity() async throws {
        let (room, open) = try await openGate()
        let roster = Roster(
            mode: room.roster.mode,
            members: room.roster.members.map {
                Member(
                    name: $0.name, role: $0.role, key: $0.key, validFrom: $0.validFrom,
                    validUntil: TestRoom.now.advanced(bySeconds: -1))
            }, rules: room.roster.rules)
        let bytes = try Self.bytes(.none, room, open)
        #expect(throws: ApprovalRefusal.outsideKeyValidity("ben")) {
            try Approval.check(
                bytes, signature: [], statement: open.statement, digest: open.digest, roster: roster, now: TestRoom.now)
        }
    }

    @Test("an approval after its key's validity is refused by both verifiers, in a statement that is valid for longer")
    func keyValidityOnRecord() async throws {
        let (room, ben, end) = try await openBeyondKey()
        try await record(.approve, at: end.advanced(bySeconds: 1), of: ben, in: room, on: end.advanced(bySeconds: 1))
        try await room.expectBothSay(
            "REFUSED", "\(Approval.path(.authorize, 1, "ben")): it was made outside the validity of ben's key")
    }

    @Test(
        "an approval that was made in time, and recorded when its key had ended, counts for neither verifier, nor for a run"
    )
    func keyEndedBeforeRecord() async throws {
        let (room, ben, end) = try await openBeyondKey()
        try await record(.approve, at: end, of: ben, in: room, on: end.advanced(bySeconds: 1))
        try await room.expectBothSay(
            "REFUSED", "\(Approval.path(.authorize, 1, "ben")): ben's key ended before it was recorded")

        let (other, sameBen, _) = try await openBeyondKey()
        try await put(.approve, at: end, of: sameBen, in: other)
        other.clock.set(end.advanced(bySeconds: 1))
        _ = try await other.leavingTheHSM { try await other.engine().run() }
        #expect(other.refusals.all[Approval.path(.authorize, 1, "ben")] == .keyEnded("ben"))
        #expect(try await other.record().gates.open?.approvals.isEmpty == true)
    }

    @Test("one that was exported and signed in time is not taken in once its key has ended")
    func keyEndedBeforeImport() async throws {
        let (room, _, end) = try await openBeyondKey()
        room.clock.set(end)
        let approver = Approver(folder: room.folder, memory: room.memory, clock: room.clock)
        let prepared = try approver.prepare(.authorize, as: "ben")
        let signature = try await room.signer("ben").sign(prepared.bytes, namespace: Mode.rehearsal.gateNamespace)
        let returned = ReturnedApproval(file: "ben.json", bytes: prepared.bytes, signature: signature)
        room.clock.set(end.advanced(bySeconds: 1))
        let error = #expect(throws: CeremonyError.self) { try approver.accept(returned, at: .authorize, as: "ben") }
        #expect(
            "\(try #require(error))".hasPrefix(
                "ben.json does not count: ben's key ended before it was recorded. Nothing "))
        room.clock.set(end)
        #expect(try approver.accept(returned, at: .authorize, as: "ben") == .approve)
    }

    @Test("one that was recorded in the last second of its key counts, and so does a refusal that was recorded later")
    func keyEndedAfterwards() async throws {
        let (room, ben, end) = try await openBeyondKey()
        try await record(.approve, at: end, of: ben, in: room, on: end)
        try await room.expectBothSay("NOT CLOSED")
        let (other, sameBen, _) = try await openBeyondKey()
        try await record(.refuse, at: end, of: sameBen, in: other, on: end.advanced(bySeconds: 1))
        try await other.expectBothSay("NOT CLOSED")
    }

    /// A room with an open gate whose statement counts for longer than ben's key.
    private func openBeyondKey() async throws -> (TestRoom, Member, end: Timestamp) {
        let room = try await TestRoom.ready(TestRoom.definition(QuorumPolicy(), windowHours: 168))
        try await room.advance(to: .authorize)
        let open = try #require(try await room.record().gates.open)
        let ben = try #require(room.roster.member(named: "ben"))
        #expect(open.statement.validity.contains(ben.validUntil.advanced(bySeconds: 1)))
        return (room, ben, ben.validUntil)
    }

    /// Puts a decision with this time into the folder.
    @discardableResult
    private func put(
        _ decision: Decision, at time: Timestamp, of member: Member, in room: TestRoom
    ) async throws -> RecordedApproval {
        let open = try #require(try await room.record().gates.open)
        let bytes = try CanonicalJSON.encode(
            Approval(
                of: open.statement, digest: open.digest, by: member, key: try member.publicKey().fingerprint,
                decision: decision, reason: decision == .refuse ? "not today" : nil, at: time))
        let signature = try await room.signer(member.name).sign(bytes, namespace: Mode.rehearsal.gateNamespace)
        try room.folder.write(bytes, to: Approval.path(.authorize, 1, member.name))
        try room.folder.write(signature, to: Approval.path(.authorize, 1, member.name) + ".sig")
        return RecordedApproval(
            gate: .authorize, attempt: 1, name: member.name, decision: decision, approval: SHA256Digest(of: bytes),
            signature: SHA256Digest(of: signature))
    }

    /// Puts a decision into the folder, and on record at another time.
    private func record(
        _ decision: Decision, at time: Timestamp, of member: Member, in room: TestRoom, on later: Timestamp
    ) async throws {
        let recorded = try await put(decision, at: time, of: member, in: room)
        room.clock.set(later)
        try await room.append(.approval(recorded))
    }

    @Test("bytes that are not an approval in canonical form are refused", arguments: ["", "{}", "[]", " "])
    func malformed(text: String) async throws {
        let (room, open) = try await openGate()
        let error = #expect(throws: ApprovalRefusal.self) {
            try Self.check(Array(text.utf8), signature: [], room, open)
        }
        guard case .malformed? = error else {
            Issue.record("refused with \(String(describing: error))")
            return
        }
    }

    private func openGate() async throws -> (TestRoom, GateLedger.Attempt) {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        return (room, try #require(try await room.record().gates.open))
    }

    private static func bytes(_ flaw: Flaw, _ room: TestRoom, _ open: GateLedger.Attempt) throws -> [UInt8] {
        let ben = try #require(room.roster.member(named: "ben"))
        let listed = room.roster.member(named: flaw.name)
        let member = Member(
            name: flaw.name, role: flaw.role ?? .custodian, key: ben.key, validFrom: ben.validFrom,
            validUntil: ben.validUntil)
        let approval = Approval(
            of: open.statement, digest: open.digest, by: member,
            key: try flaw.key ?? listed?.publicKey().fingerprint ?? "SHA256:none", decision: flaw.decision,
            reason: flaw.reason, at: flaw.at)
        guard case .object(let honest) = try CanonicalJSON.parse(try CanonicalJSON.encode(approval)) else { return [] }
        return try CanonicalJSON.encode(JSONValue.object(honest.merging(flaw.said) { $1 }))
    }

    @discardableResult
    private static func check(
        _ bytes: [UInt8], signature: [UInt8], _ room: TestRoom, _ open: GateLedger.Attempt
    ) throws -> Approval {
        try Approval.check(
            bytes, signature: signature, statement: open.statement, digest: open.digest, roster: room.roster,
            now: TestRoom.now)
    }
}
