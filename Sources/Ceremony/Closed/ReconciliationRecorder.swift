package import Evidence

/// Puts on record what came of holding a closed ceremony's transcript to AWS's own record.
package struct ReconciliationRecorder: Sendable {
    /// Whether it was put on record, or why not yet.
    package enum Outcome: Sendable {
        case recorded
        /// Something was not read: what is in it is not known.
        case unread
        /// AWS may still be about to deliver something: what is missing now may not be, later.
        case waiting
    }

    private let folder: any FolderPort
    private let record: Record
    private let limits: ReconciliationLimits

    /// - Parameters:
    ///   - folder: A ceremony's folder that verifies.
    ///   - record: What it amounts to.
    ///   - limits: How much is written at most.
    /// - Throws: `CeremonyError` when the ceremony is not closed: its transcript would go on.
    package init(folder: any FolderPort, record: Record, limits: ReconciliationLimits = .standard) throws {
        guard record.closed else {
            throw CeremonyError(
                .state, "The ceremony is not closed, and nothing about it as a whole can be put on record",
                remedy: "Reconcile it without --record, or let the administrator run it to its end first")
        }
        self.folder = folder
        self.record = record
        self.limits = limits
    }

    /// Writes `reconciliation.jsonl`, whatever was found, and nothing else. One that is there is replaced by one that saw
    /// AWS's record no earlier, and took in all its events. Nobody else may write meanwhile: the caller holds the folder's
    /// lock.
    ///
    /// - Parameters:
    ///   - source: How the events were got.
    ///   - records: How many were read.
    /// - Throws: `CeremonyError` when what is there says more, when AWS's record was seen before one of its events, and for
    ///   more than anybody would look at.
    package func record(
        _ report: ReconciliationReport, source: RecordedReconciliation.Source, records: Int
    ) throws -> Outcome {
        guard !report.findings.contains(where: { $0.kind == .unreadable }) else { return .unread }
        guard !report.findings.contains(where: { $0.kind == .notYet }) else { return .waiting }
        if let late = report.events.first(where: { $0.at > report.asOf }) {
            throw CeremonyError(
                .invalidInput,
                "The event \(late.id) happened at \(late.at), and AWS's record was seen at \(report.asOf)",
                remedy: "Nothing was recorded. Say with --as-of when the events were exported")
        }
        let summary = try RecordedReconciliation(report, of: record, source: source, records: records)
        let bytes = try ReconciliationFile.encode(summary, report)
        if let excess = limits.excess(in: bytes) {
            throw CeremonyError(
                .state, "\(ReconciliationFile.path) would be more than anybody looks at: \(excess.reason)",
                remedy: "Nothing was recorded. Find out who made so many events about the ceremony's keys")
        }
        // What nobody could check afterwards is not written.
        _ = try ReconciliationFile.check(bytes, of: record)
        try folder.removePartials()
        if let known = try folder.readIfPresent(ReconciliationFile.path) {
            guard known != bytes else { return .recorded }
            try demand(report, toFollow: known)
        }
        try folder.write(bytes, to: ReconciliationFile.path)
        return .recorded
    }

    private func demand(_ report: ReconciliationReport, toFollow known: [UInt8]) throws {
        let (said, events) = try ReconciliationFile.read(known, of: record)
        guard report.asOf >= said.asOf else {
            throw CeremonyError(
                .state, "What is on record already saw AWS's record at \(said.asOf), which is later",
                remedy: "Nothing was recorded. Export the events again, or look them up")
        }
        // Not whether it is written again: AWS writes the same event in more ways than one, and what was unexpected may
        // lie outside the ceremony's time, once AWS's clock is known.
        if let lost = events.first(where: { !report.tookIn($0) }) {
            throw CeremonyError(
                .state,
                "What is on record already has the event \(lost.id), and these have it not, or it says otherwise",
                remedy: "Nothing was recorded. Find out where it is, and reconcile with it, too")
        }
    }
}
