/// What a member of the roster is there for.
package enum Role: String, Codable, Hashable, Sendable, CaseIterable {
    /// Runs the tool; counts for no gate.
    case administrator
    /// Approves, and holds a share of control.
    case custodian
    /// Attests to what was done.
    case witness
    /// Verifies afterwards.
    case auditor
}
