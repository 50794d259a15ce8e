package import CryptoPrimitives

/// What came of holding a closed ceremony's transcript to AWS's record, as it is kept: the first line of
/// `reconciliation.jsonl`.
///
/// All but `source`, `records` and `asOf` follows from the transcript and the events in the lines after it.
package struct RecordedReconciliation: Codable, Hashable, Sendable {
    /// How the events were got.
    package enum Source: String, Codable, Sendable {
        /// From exported files.
        case exported
        /// By asking CloudTrail (LookupEvents).
        case lookedUp = "looked-up"
    }

    /// A call of the transcript, and the event that was found of it.
    package struct Call: Codable, Hashable, Sendable {
        /// The transcript's lines with the intent and the result.
        package let intent: Int
        package let line: Int
        package let operation: String
        package let key: String
        package let alias: String?
        package let material: String?
        package let request: String?
        package let standing: ReconciledCall.Standing
        /// AWS's id of the event, percent-encoded.
        package let id: String?
        /// The SHA-256 of the event.
        package let event: SHA256Digest?
    }

    /// Something that was not as it must be, without the words, which may quote AWS's record.
    package struct Finding: Codable, Hashable, Sendable {
        package let kind: ReconciliationFinding.Kind
        /// The line of the call that it is about.
        package let line: Int?
        package let operation: String
        package let id: String?
        package let event: SHA256Digest?
        /// In what the event differs from the call.
        package let `in`: CallDifference.Aspect?
    }

    /// Whether there was no finding, and no call missing.
    package enum Result: String, Codable, Sendable {
        case agreed
        case notAgreed = "not-agreed"
    }

    /// The format, which says by which rules it was made.
    package let schema: String
    package let mode: Mode
    package let ceremony: String
    package let plan: SHA256Digest
    /// The SHA-256 of the transcript's last line, and how many it has.
    package let head: SHA256Digest
    package let lines: Int
    package let account: String
    package let region: String
    package let source: Source
    /// How many events were read.
    package let records: Int
    /// Up to when AWS's record was seen.
    package let asOf: Timestamp
    /// The ceremony's time, by AWS's clock as far as that is known.
    package let window: Validity
    /// By how many seconds AWS's clock was ahead of the host's; absent where no call shows it.
    package let clockOffset: Int64?
    package let calls: [Call]
    package let findings: [Finding]
    package let result: Result

    /// - Parameters:
    ///   - report: Of which nothing can still become otherwise, or was not read.
    ///   - record: Of the ceremony, closed.
    ///   - records: How many events were read.
    /// - Throws: `EvidenceError` when the ceremony is not closed.
    package init(_ report: ReconciliationReport, of record: Record, source: Source, records: Int) throws {
        guard record.closed, let head = record.transcript.digests.last else {
            throw EvidenceError(Transcript.path, "the ceremony is not closed")
        }
        let plan = record.plan
        schema = report.rules.rawValue
        mode = plan.mode
        ceremony = plan.ceremony
        self.plan = record.planDigest
        self.head = head
        lines = record.transcript.lines.count
        account = plan.environment.aws.account
        region = plan.environment.aws.region
        self.source = source
        self.records = records
        asOf = report.asOf
        window = Validity(from: report.watch.lowerBound, until: report.watch.upperBound)
        clockOffset = report.offset
        calls = report.calls.map(Self.call)
        findings = report.findings.map(Self.finding)
        result = report.findings.isEmpty ? .agreed : .notAgreed
    }

    private static func call(_ one: ReconciledCall) -> Call {
        Call(
            intent: one.call.intent, line: one.call.line, operation: one.call.operation, key: one.call.key,
            alias: one.call.alias, material: one.call.material, request: one.call.request, standing: one.standing,
            id: one.event?.id, event: one.event?.digest)
    }

    private static func finding(_ one: ReconciliationFinding) -> Finding {
        Finding(
            kind: one.kind, line: one.call?.line, operation: one.call?.operation ?? one.event?.name ?? "",
            id: one.event?.id, event: one.event?.digest, in: one.aspect)
    }

    /// How many of the calls have their event.
    package var matched: Int { calls.count { $0.standing == .matched } }

    /// What came of it, in a line, such as `AGREED: 6 of 6 calls have their event, up to 2026-11-26T18:00:00Z`.
    package var words: String {
        let counts = "\(matched) of \(calls.count) calls have their event, up to \(asOf)"
        return findingWords.map { "NOT AGREED: \(counts); \($0)" } ?? "AGREED: \(counts)"
    }

    /// How many findings there are of each kind, such as `1 missing, 2 unexpected`; nil where there are none.
    package var findingWords: String? {
        let counts = ReconciliationFinding.Kind.allCases.compactMap { kind in
            let count = findings.count { $0.kind == kind }
            return count == 0 ? nil : "\(count) \(kind.rawValue)"
        }
        return counts.isEmpty ? nil : counts.joined(separator: ", ")
    }
}
