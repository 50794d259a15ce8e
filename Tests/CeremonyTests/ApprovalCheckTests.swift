import CryptoPrimitives
import Evidence
import Testing

@Suite("An approval counts only if everything about it is right")
struct ApprovalCheckTests {
    /// One way of getting an approval wrong, and the refusal it earns.
    struct Flaw: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: ApprovalRefusal
        var statement: SHA256Digest?
        var name = "ben"
        var role = Role.custodian
        var key: String?
        var decision = Decision.approve
        var reason: String?
        var at = TestRoom.now

        init(_ description: String, _ refusal: ApprovalRefusal, _ change: (inout Flaw) -> Void) {
            testDescription = description
            self.refusal = refusal
            change(&self)
        }
    }

    static let flaws = [
        Flaw("another gate, attempt, ceremony, plan, mode or byte", .otherStatement) {
            $0.statement = SHA256Digest(of: [])
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
        Flaw("an approval with a reason", .refusalWithoutReason("ben")) { $0.reason = "because" },
        Flaw("an approval with an empty reason", .refusalWithoutReason("ben")) { $0.reason = "" },
        Flaw("a second before the statement", .outsideStatementValidity("ben")) {
            $0.at = TestRoom.now.advanced(bySeconds: -1)
        },
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
        let bytes = try Self.bytes(Flaw("none", .otherStatement) { _ in }, room, open)
        let signature = try await room.signer("ben").sign(bytes, namespace: Mode.rehearsal.gateNamespace)
        #expect(try Self.check(bytes, signature: signature, room, open).name == "ben")
    }

    @Test("a signature by another key, for another purpose, over other bytes or in another form is refused")
    func signatures() async throws {
        let (room, open) = try await openGate()
        let bytes = try Self.bytes(Flaw("none", .otherStatement) { _ in }, room, open)
        let honest = try await room.signer("ben").sign(bytes, namespace: Mode.rehearsal.gateNamespace)
        let signatures = [
            "another person's": try await room.signer("carol").sign(bytes, namespace: Mode.rehearsal.gateNamespace),
            "for live": try await room.signer("ben").sign(bytes, namespace: Mode.live.gateNamespace),
            "for the roster": try await room.signer("ben").sign(bytes, namespace: Mode.rehearsal.rosterNamespace),
            "over other bytes": try await room.signer("ben").sign([1], namespace: Mode.rehearsal.gateNamespace),
            "with text after END": honest + Array("more\n".utf8),
            "none": [],
        ]
        for (what, signature) in signatures {
            let error = #expect(throws: ApprovalRefusal.self, "\(what)") {
                try Self.check(bytes, signature: signature, room, open)
            }
            if case .signature? = error { continue }
            Issue.record("\(what) was refused with \(String(describing: error))")
        }
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
        let bytes = try Self.bytes(Flaw("none", .otherStatement) { _ in }, room, open)
        #expect(throws: ApprovalRefusal.outsideKeyValidity("ben")) {
            try Approval.check(bytes, signature: [], statement: open.statement, digest: open.digest, roster: roster)
        }
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
        let key = try room.roster.member(named: flaw.name)?.publicKey().fingerprint
        return try CanonicalJSON.encode(
            Approval(
                statement: flaw.statement ?? open.digest, name: flaw.name, role: flaw.role,
                key: flaw.key ?? key ?? "SHA256:none", decision: flaw.decision, reason: flaw.reason, at: flaw.at))
    }

    @discardableResult
    private static func check(
        _ bytes: [UInt8], signature: [UInt8], _ room: TestRoom, _ open: GateLedger.Attempt
    ) throws -> Approval {
        try Approval.check(
            bytes, signature: signature, statement: open.statement, digest: open.digest, roster: room.roster)
    }
}
