import CryptoPrimitives
import Evidence
import Foundation
import Testing

/// A roster as a rehearsal has it, with keys that nobody holds.
enum RosterFixture {
    static let rules = GateRules(
        authorize: [GateRequirement(role: .custodian, count: 2)],
        release: [GateRequirement(role: .custodian, count: 2)],
        activate: [GateRequirement(role: .custodian, count: 2)],
        close: [GateRequirement(role: .custodian, count: 2), GateRequirement(role: .witness, count: 1)],
        change: [GateRequirement(role: .custodian, count: 2)])

    static let members = [
        member("alice", .administrator, key: 1), member("bob", .custodian, key: 2), member("carol", .custodian, key: 3),
        member("dan", .custodian, key: 4), member("wendy", .witness, key: 5),
    ]

    static let roster = Roster(mode: .rehearsal, members: members, rules: rules)

    static func member(
        _ name: String, _ role: Role, key: UInt8, from: Int64 = 1_795_000_000, until: Int64 = 1_800_000_000
    ) -> Member {
        let blob = Wire.string("ssh-ed25519") + Wire.string([UInt8](repeating: key, count: 32))
        return member(name, role, key: "ssh-ed25519 " + Data(blob).base64EncodedString(), from: from, until: until)
    }

    static func member(
        _ name: String, _ role: Role, key: String, from: Int64 = 1_795_000_000, until: Int64 = 1_800_000_000
    ) -> Member {
        Member(
            name: name, role: role, key: key, validFrom: Timestamp(epochSeconds: from),
            validUntil: Timestamp(epochSeconds: until))
    }

    /// The rules with those of one gate replaced.
    static func rules(_ gate: Gate, _ requirements: [GateRequirement]) -> GateRules {
        func of(_ other: Gate) -> [GateRequirement] { other == gate ? requirements : rules[other] }
        return GateRules(
            authorize: of(.authorize), release: of(.release), activate: of(.activate), close: of(.close),
            change: rules.change)
    }
}
