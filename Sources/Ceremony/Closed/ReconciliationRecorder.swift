package import Evidence

/// Puts on record what came of holding a closed ceremony's transcript to AWS's own record.
package struct ReconciliationRecorder: Sendable {
    package enum Outcome: Sendable {
        case recorded
        /// Something was not read: what is in it is not known.
        case unread
        /// AWS may still be about to deliver something: what is missing now may not be, later.
        case waiting
    }

    private let folder: any FolderPort
    private let record: Record

    /// - Parameters:
    ///   - folder: A ceremony's folder that verifies.
    ///   - record: What it amounts to.
    /// - Throws: `CeremonyError` when the ceremony is not closed: its transcript would go on.
    package init(folder: any FolderPort, record: Record) throws {
        guard record.closed else {
            throw CeremonyError(
                .state, "The ceremony is not closed, and nothing about it as a whole can be put on record",
                remedy: "Reconcile it without --record, or let the administrator run it to its end first")
        }
        self.folder = folder
        self.record = record
    }

    /// Writes `reconciliation.jsonl`, whatever was found, and nothing else. One that is there is replaced by one that saw
    /// AWS's record no earlier, and has all its events.
    ///
    /// - Parameters:
    ///   - source: How the events were got.
    ///   - records: How many were read.
    /// - Throws: `CeremonyError` when what is there says more, or AWS's record was seen before one of its events.
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
        guard bytes.count <= ReconciliationFile.sizeLimit else {
            throw CeremonyError(
                .state, "What is to be recorded is over \(ReconciliationFile.sizeLimit >> 20) MiB",
                remedy: "Nothing was recorded. Find out who made so many events about the ceremony's keys")
        }
        // What nobody could check afterwards is not written.
        _ = try ReconciliationFile.check(bytes, of: record)
        try folder.removePartials()
        if let known = try folder.readIfPresent(ReconciliationFile.path) {
            guard known != bytes else { return .recorded }
            try demand(bytes, seenAt: report.asOf, toFollow: known)
        }
        try folder.write(bytes, to: ReconciliationFile.path)
        return .recorded
    }

    private func demand(_ bytes: [UInt8], seenAt time: Timestamp, toFollow known: [UInt8]) throws {
        func lines(_ bytes: [UInt8]) -> Set<ArraySlice<UInt8>> {
            Set(bytes.split(separator: UInt8(ascii: "\n")).dropFirst())
        }
        let asOf = try ReconciliationFile.check(known, of: record).asOf
        guard time >= asOf else {
            throw CeremonyError(
                .state, "What is on record already saw AWS's record at \(asOf), which is later",
                remedy: "Nothing was recorded. Export the events again, or look them up")
        }
        guard lines(known).isSubset(of: lines(bytes)) else {
            throw CeremonyError(
                .state, "What is on record already has events that these have not, or has them written otherwise",
                remedy: "Nothing was recorded. Find out where they are, and reconcile with them, too")
        }
    }
}
