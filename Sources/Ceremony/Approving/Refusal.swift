package import Evidence

/// A decision that ended an attempt, and what its maker wrote.
package struct Refusal: Hashable, Sendable {
    package let gate: Gate
    package let attempt: Int
    package let name: String
    /// Percent-encoded, as it was signed; nil where its file cannot be read.
    package let reason: String?
}

extension Record {
    /// The refusal for which the gate that is open, or opens next, is signed once more; nil where nobody refused it before.
    ///
    /// - Parameter folder: Where the decisions lie.
    package func refusal(in folder: any EvidenceFolder) -> Refusal? {
        guard let gate = gates.open?.statement.gate ?? nextGate else { return nil }
        let decisions = gates.decisions.filter { $0.gate == gate }
        let decision =
            gates.open.map { open in
                decisions.last { $0.decision == .refuse && $0.attempt == open.statement.attempt - 1 }
            } ?? decisions.last.flatMap { $0.decision == .refuse ? $0 : nil }
        guard let decision else { return nil }
        let bytes = try? folder.read(Approval.path(gate, decision.attempt, decision.name))
        let approval = bytes.flatMap { try? CanonicalJSON.decode(Approval.self, from: $0) }
        return Refusal(gate: gate, attempt: decision.attempt, name: decision.name, reason: approval?.reason)
    }
}
