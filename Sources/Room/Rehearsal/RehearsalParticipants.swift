package import Evidence

/// Who takes part in a rehearsal.
package enum RehearsalParticipants {
    package static let all: [(name: String, role: Role)] = [
        ("ada", .administrator), ("ben", .custodian), ("carol", .custodian), ("dan", .custodian), ("wendy", .witness),
    ]

    /// Two custodians at every gate, and the witness at the close.
    static func requirements(at gate: Gate) -> [GateRequirement] {
        let custodians = GateRequirement(role: .custodian, count: 2)
        return gate == .close ? [custodians, GateRequirement(role: .witness, count: 1)] : [custodians]
    }

    /// Two custodians for another roster.
    static let changeRequirements = [GateRequirement(role: .custodian, count: 2)]

    /// The label of a participant's token.
    static func tokenLabel(of name: String) -> String { "keyrite-\(name)" }
}
