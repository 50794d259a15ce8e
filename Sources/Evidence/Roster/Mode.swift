/// Whether a ceremony moves real keys. It stands in plan, statement and the namespace of every signature.
package enum Mode: String, Codable, Hashable, Sendable, CaseIterable {
    case live
    case rehearsal

    /// What the signatures that open gates are for.
    package var gateNamespace: String { "keyrite.gate.v1.\(rawValue)" }

    /// What the signatures are for by which members accept the roster.
    package var rosterNamespace: String { "keyrite.roster.v1.\(rawValue)" }
}
