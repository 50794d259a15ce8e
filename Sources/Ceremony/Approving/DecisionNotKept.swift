package import Evidence

/// A decision that somebody made and signed, and that could not be put into the folder whole.
package struct DecisionNotKept: Error, CustomStringConvertible {
    package let name: String
    package let gate: Gate
    /// Why it could not.
    package let error: any Error

    package init(name: String, gate: Gate, error: any Error) {
        self.name = name
        self.gate = gate
        self.error = error
    }

    package var description: String {
        "\("\(error)".withoutStop). What \(name) decided at \(gate.rawValue) did not get into the folder whole: unless keyrite status shows it, it "
            + "counts for nothing, and \(name) is asked and signs again. Nothing else was changed"
    }
}
