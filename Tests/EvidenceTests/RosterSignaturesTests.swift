import CryptoPrimitives
import Evidence
import Testing

@Suite("What a roster lets people sign")
struct RosterSignaturesTests {
    /// A roster whose custodians bob (ECDSA) and carol (Ed25519) hold keys made by ssh-keygen.
    struct Room {
        let bob: SSHKeygen
        let carol: SSHKeygen
        let roster: Roster
        let bytes: [UInt8]

        init(mode: Mode) async throws {
            bob = try await SSHKeygen(type: "ecdsa")
            carol = try await SSHKeygen(type: "ed25519")
            let members = [
                RosterFixture.member("alice", .administrator, key: 1),
                RosterFixture.member("bob", .custodian, key: bob.publicKey.line),
                RosterFixture.member("carol", .custodian, key: carol.publicKey.line),
                RosterFixture.member("wendy", .witness, key: 5),
            ]
            roster = Roster(mode: mode, members: members, rules: RosterFixture.rules)
            try roster.validate()
            bytes = try roster.json()
        }
    }

    @Test("The derived allowed_signers has one exact line a member")
    func derived() {
        let roster = Roster(
            mode: .live,
            members: [
                RosterFixture.member("bob", .custodian, key: Fixture.p256Line),
                RosterFixture.member("alice", .administrator, key: "ssh-ed25519 AAAA"),
            ], rules: RosterFixture.rules)
        let options =
            #"namespaces="keyrite.gate.v1.live,keyrite.roster.v1.live",valid-after="20261118110640Z","#
            + #"valid-before="20270115080000Z""#
        let expected = "alice \(options) ssh-ed25519 AAAA\nbob \(options) \(Fixture.p256Line)\n"
        #expect(String(decoding: roster.allowedSigners(), as: UTF8.self) == expected)
    }

    @Test("ssh-keygen accepts by it whom, what and when the roster says, and nothing else", arguments: Mode.allCases)
    func bySSHKeygen(mode: Mode) async throws {
        let room = try await Room(mode: mode)
        let other = mode == .live ? Mode.rehearsal : .live
        let message = Array("approval".utf8)
        for (name, tool) in [("bob", room.bob), ("carol", room.carol)] {
            func accepts(_ namespace: String, by name: String, at time: String) async throws -> Bool {
                try await SSHKeygen.accepts(
                    try await tool.sign(message, namespace: namespace), of: message, by: name, namespace: namespace,
                    allowedSigners: room.roster.allowedSigners(), time: time)
            }
            let during = "20261123183300Z"
            #expect(try await accepts(mode.gateNamespace, by: name, at: during))
            #expect(try await accepts(mode.rosterNamespace, by: name, at: during))
            #expect(try await accepts(mode.gateNamespace, by: name, at: "20261118110640Z"))
            #expect(try await accepts(mode.gateNamespace, by: name, at: "20270115080000Z"))
            #expect(try await !accepts(mode.gateNamespace, by: name, at: "20261118110639Z"))
            #expect(try await !accepts(mode.gateNamespace, by: name, at: "20270115080001Z"))
            #expect(try await !accepts(other.gateNamespace, by: name, at: during))
            #expect(try await !accepts(other.rosterNamespace, by: name, at: during))
            #expect(try await !accepts("file", by: name, at: during))
            #expect(try await !accepts(mode.gateNamespace, by: "wendy", at: during))
            #expect(try await !accepts(mode.gateNamespace, by: "mallory", at: during))
        }
    }

    @Test("The widest validity a roster may give is one that ssh-keygen reads")
    func widestValidity() async throws {
        let tool = try await SSHKeygen(type: "ed25519")
        let member = RosterFixture.member("bob", .custodian, key: tool.publicKey.line, from: 1, until: .max)
        let roster = Roster(mode: .live, members: [member], rules: RosterFixture.rules)
        let signature = try await tool.sign([], namespace: Mode.live.gateNamespace)
        let accepted = try await SSHKeygen.accepts(
            signature, of: [], by: "bob", namespace: Mode.live.gateNamespace,
            allowedSigners: roster.allowedSigners(), time: "99991231235959Z")
        #expect(accepted)
    }

    @Test("A member accepts the roster by signing its bytes, for the roster's purpose and mode")
    func acceptance() async throws {
        let room = try await Room(mode: .rehearsal)
        for (name, tool) in [("bob", room.bob), ("carol", room.carol)] {
            let member = try #require(room.roster.member(named: name))
            let signature = try await tool.sign(room.bytes, namespace: "keyrite.roster.v1.rehearsal")
            try room.roster.verifyAcceptance(signature: signature, member: member, rosterBytes: room.bytes)
        }
    }

    @Test("An acceptance of other bytes, by another, or for another purpose counts for nothing, and says so")
    func refusedAcceptance() async throws {
        let room = try await Room(mode: .rehearsal)
        let bob = try #require(room.roster.member(named: "bob"))
        func refusal(_ signature: [UInt8], of member: Member, over bytes: [UInt8]) -> String {
            do {
                try room.roster.verifyAcceptance(signature: signature, member: member, rosterBytes: bytes)
                return "accepted"
            } catch {
                return "\(error)"
            }
        }
        let purpose = "keyrite.roster.v1.rehearsal"
        let remedy = "; bob signs roster.json again with the key it lists, for \(purpose)"
        let good = try await room.bob.sign(room.bytes, namespace: purpose)
        #expect(refusal(good, of: bob, over: room.bytes) == "accepted")

        let byCarol = try await room.carol.sign(room.bytes, namespace: purpose)
        #expect(
            refusal(byCarol, of: bob, over: room.bytes) == "roster: bob's acceptance counts for nothing: the SSH "
                + "signature is by another key; \(room.carol.publicKey.fingerprint), not "
                + "\(room.bob.publicKey.fingerprint)\(remedy)")
        let forGate = try await room.bob.sign(room.bytes, namespace: "keyrite.gate.v1.rehearsal")
        #expect(
            refusal(forGate, of: bob, over: room.bytes) == "roster: bob's acceptance counts for nothing: the SSH "
                + "signature is for \"keyrite.gate.v1.rehearsal\", not for \"\(purpose)\"\(remedy)")
        let overOther = try await room.bob.sign(room.bytes + [10], namespace: purpose)
        #expect(
            refusal(overOther, of: bob, over: room.bytes) == "roster: bob's acceptance counts for nothing: the SSH "
                + "signature does not sign these bytes; the key is \(room.bob.publicKey.fingerprint)\(remedy)")
        #expect(
            refusal(overOther, of: bob, over: room.bytes + [10])
                == "roster: bob is no member of the roster with these bytes\(remedy)")
        let stranger = RosterFixture.member("bob", .custodian, key: 9)
        #expect(
            refusal(good, of: stranger, over: room.bytes)
                == "roster: bob is no member of the roster with these bytes\(remedy)")
        #expect(
            refusal(Array("junk".utf8), of: bob, over: room.bytes).hasPrefix(
                "roster: bob's acceptance counts for nothing: the SSH signature is not in its one form; "))
    }
}
