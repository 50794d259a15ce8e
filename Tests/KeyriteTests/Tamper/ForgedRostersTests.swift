import CryptoPrimitives
import Evidence
import Room
import Testing

/// A roster that no quorum could come of, though its digest was handed over outside the folder; and what is said of it.
struct ForgedRoster: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What both say.
    let reason: String
    let change: @Sendable (inout JSONValue) -> Void

    init(_ name: String, _ reason: String, _ change: @escaping @Sendable (inout JSONValue) -> Void) {
        testDescription = name
        self.reason = reason
        self.change = change
    }

    static let all = [
        ForgedRoster("one key under two names", "ben and carol have the same key") {
            $0["members"][2]["key"] = $0["members"][1]["key"]
        },
        ForgedRoster("one name twice", "two members have the name ben") {
            $0["members"][2]["name"] = "ben"
        },
        ForgedRoster("a second administrator", "it has 2 administrators") {
            $0["members"][1]["role"] = "administrator"
        },
        ForgedRoster("the administrator as custodian", "it has 0 administrators") {
            $0["members"][0]["role"] = "custodian"
        },
        ForgedRoster("a role that nobody knows", "it is no roster in canonical form") {
            $0["members"][1]["role"] = "guard"
        },
        ForgedRoster("a gate for a role that nobody knows", "it is no roster in canonical form") {
            $0["rules"]["release"][0]["role"] = "guard"
        },
        ForgedRoster("a gate that nobody need pass", "the gate release needs nobody") {
            $0["rules"]["release"] = .array([])
        },
        ForgedRoster("none of a role", "the gate release needs 0 of role custodian") {
            $0["rules"]["release"][0]["count"] = 0
        },
        ForgedRoster("the administrator at a gate", "the gate release counts the administrator") {
            $0["rules"]["release"][0]["role"] = "administrator"
        },
        ForgedRoster("more than there are", "the gate release needs 4 of role custodian and the roster has 3") {
            $0["rules"]["release"][0]["count"] = 4
        },
        ForgedRoster("a key that was never valid", "ben is valid from ") {
            $0["members"][1]["validUntil"] = "1970-01-01T00:00:00Z"
        },
        ForgedRoster("RSA", "ben's key cannot be used") {
            $0["members"][1]["key"] = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQM="
        },
    ]
}

extension Tampering.ForgedTranscriptTests {
    @Test("a roster that no quorum could come of is refused, whoever vouched for it", arguments: ForgedRoster.all)
    func roster(_ forged: ForgedRoster) async throws {
        try await Tampering.withCopy { copy in
            var copy = copy
            var roster = try CanonicalJSON.parse(copy.ceremony.room.rosterBytes)
            forged.change(&roster)
            let bytes = try CanonicalJSON.encode(roster)
            try copy.folder.write(bytes, to: Roster.path)
            copy.anchor = SHA256Digest(of: bytes)
            let judgement = try await copy.judged(inTheSameWords: true)
            #expect(judgement.word == "REFUSED" && judgement.place == Roster.path, "\(judgement)")
            #expect(judgement.reason.hasPrefix(forged.reason), "\(judgement)")
        }
    }

    @Test("an approval in a role that nobody knows is refused")
    func unknownRole() async throws {
        try await Tampering.withCopy { copy in
            var forger = try Forger(copy)
            let index = try forger.index("approval", ["gate": "release", "name": "carol"])
            forger.lines[index].approval.replaced = ["role": "guard"]
            try await forger.write()
            let judgement = try await copy.judged()
            #expect(judgement.place == "approvals/release-1/carol.json", "\(judgement)")
            #expect(judgement.reason.hasPrefix("it is no approval in canonical form"), "\(judgement)")
        }
    }
}
