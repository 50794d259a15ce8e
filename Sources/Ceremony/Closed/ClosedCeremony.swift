package import Evidence

/// A ceremony that is closed, in a folder that holds: what can be stamped and attested as a whole.
package struct ClosedCeremony: Sendable {
    package let record: Record
    /// What is on record of AWS's own record, if anything is.
    package let reconciliation: RecordedReconciliation?

    /// Verifies the whole folder first.
    ///
    /// - Throws: `EvidenceError` for what does not hold; `CeremonyError` when it is not closed.
    package init(in folder: some EvidenceFolder) throws {
        var verifier = Verifier(of: folder, expecting: Expectations(roster: nil, mode: nil))
        let result = verifier.verify()
        if case .refused(let error) = result.verdict { throw error }
        guard let record = result.record, record.closed else {
            throw CeremonyError(
                .state, "The ceremony is not closed", remedy: "Let the administrator run it to its end first")
        }
        self.record = record
        reconciliation = result.reconciliation
    }
}
