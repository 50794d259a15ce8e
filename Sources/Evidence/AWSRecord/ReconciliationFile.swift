import CryptoPrimitives

/// `reconciliation.jsonl`: an exhibit of AWS's own record. Its first line says what came of holding the transcript to it;
/// each other has one event that this is about, as AWS wrote it.
///
/// It is one file, so that it is there whole or not at all. It comes after the close, and the manifest leaves it out.
package enum ReconciliationFile {
    package static let path = "reconciliation.jsonl"

    /// A line with an event.
    private struct EventLine: Codable {
        /// The event's own bytes, percent-encoded.
        let record: String
        /// The SHA-256 of those bytes.
        let sha256: SHA256Digest
    }

    /// Writes the file.
    ///
    /// - Parameters:
    ///   - summary: What came of `report`.
    ///   - report: What the events are taken from.
    package static func encode(_ summary: RecordedReconciliation, _ report: ReconciliationReport) throws -> [UInt8] {
        var bytes = try CanonicalJSON.encode(summary) + [UInt8(ascii: "\n")]
        for event in report.events {
            let text = PercentEncoding.encode(String(decoding: event.text, as: UTF8.self))
            bytes += try CanonicalJSON.encode(EventLine(record: text, sha256: event.digest)) + [UInt8(ascii: "\n")]
        }
        return bytes
    }

    /// Checks a file: reconciles the transcript with its events once more, and holds what it says to that.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - record: Of the closed ceremony.
    /// - Returns: What it says.
    /// - Throws: `EvidenceError` naming the first line that does not hold.
    package static func check(_ bytes: [UInt8], of record: Record) throws -> RecordedReconciliation {
        try read(bytes, of: record).said
    }

    /// Checks a file, and gives its events, too.
    ///
    /// - Throws: `EvidenceError` naming the first line that does not hold.
    package static func read(
        _ bytes: [UInt8], of record: Record
    ) throws -> (said: RecordedReconciliation, events: [AWSEvent]) {
        if let excess = ReconciliationLimits.standard.excess(in: bytes) { throw excess }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        guard bytes.last == UInt8(ascii: "\n"), let first = lines.first else {
            throw EvidenceError(path, line: lines.count + 1, "the last line does not end: the file was cut off")
        }
        let said: RecordedReconciliation = try decode(first, line: 1)
        guard let rules = ReconciliationRules(rawValue: said.schema) else {
            throw EvidenceError(path, line: 1, "it is of another schema")
        }
        try demandCeremony(of: said, record)
        guard var reconciliation = Reconciliation(of: record, by: rules) else {
            throw EvidenceError(path, "the ceremony has not begun")
        }
        var events: [AWSEvent] = []
        for (index, line) in lines.dropFirst().enumerated() {
            let event = try event(in: line, line: index + 2)
            try take(event, after: events.last, into: &reconciliation, until: said.asOf, line: index + 2)
            events.append(event)
        }
        let report = reconciliation.report(asOf: said.asOf)
        let told = Set(report.events.map(\.digest))
        for (index, event) in events.enumerated() where !told.contains(event.digest) {
            throw EvidenceError(path, line: index + 2, "no call is its, and no finding is about it")
        }
        try demand(said.records >= events.count, "it has more events than it says were read")
        try demandSame(
            said, try RecordedReconciliation(report, of: record, source: said.source, records: said.records))
        return (said, events)
    }

    private static func decode<T: Codable>(_ bytes: ArraySlice<UInt8>, line: Int) throws -> T {
        do { return try CanonicalJSON.decode(T.self, from: Array(bytes)) } catch {
            throw EvidenceError(path, line: line, "it is no line in canonical form; at \(error)")
        }
    }

    private static func demand(_ holds: Bool, _ otherwise: String) throws {
        guard holds else { throw EvidenceError(path, line: 1, otherwise) }
    }

    private static func demandCeremony(of said: RecordedReconciliation, _ record: Record) throws {
        try demand(
            said.mode == record.plan.mode && said.ceremony == record.plan.ceremony && said.plan == record.planDigest
                && said.head == record.transcript.digests.last && said.lines == record.transcript.lines.count,
            "it is of another ceremony, or another transcript")
    }

    private static func event(in bytes: ArraySlice<UInt8>, line: Int) throws -> AWSEvent {
        let read: EventLine = try decode(bytes, line: line)
        guard let text = try? PercentEncoding.decode(read.record) else {
            throw EvidenceError(path, line: line, "its record is not percent-encoded in its one form")
        }
        guard SHA256Digest(of: text.utf8) == read.sha256 else {
            throw EvidenceError(path, line: line, "its record has another SHA-256 than it says")
        }
        do { return try AWSEvent(Array(text.utf8)) } catch {
            throw EvidenceError(path, line: line, "its record is no event of CloudTrail's: \(error.reason)")
        }
    }

    private static func take(
        _ event: AWSEvent, after last: AWSEvent?, into reconciliation: inout Reconciliation, until asOf: Timestamp,
        line: Int
    ) throws {
        guard last.map({ ($0.at, $0.digest.hex) < (event.at, event.digest.hex) }) ?? true else {
            throw EvidenceError(path, line: line, "it is not in its place, or stands there twice")
        }
        guard event.at <= asOf else {
            throw EvidenceError(path, line: line, "it happened after AWS's record was seen")
        }
        do {
            guard try reconciliation.take(event) else {
                throw EvidenceError(path, line: line, "it is not about this ceremony, or says what another one says")
            }
        } catch is Reconciliation.TooManyEvents {
            throw EvidenceError(path, line: line, "it has more events than anybody would look at")
        }
    }

    /// Holds what is said to what follows, part by part.
    private static func demandSame(_ said: RecordedReconciliation, _ made: RecordedReconciliation) throws {
        try demand(
            !made.findings.contains { $0.kind == .notYet },
            "AWS could still be about to deliver something when its record was seen")
        try demand(said.calls == made.calls, "its calls are not the transcript's, each with its event")
        try demand(said.findings == made.findings, "its findings are not those that follow from its events")
        try demand(said == made, "its result, time, account or Region is not what follows")
    }
}

extension Verifier {
    /// What was recorded of AWS's own record, where there is something.
    mutating func verifyReconciliation(_ record: Record) throws {
        guard record.closed, try folder.files().contains(ReconciliationFile.path) else { return }
        let said = try ReconciliationFile.check(try folder.read(ReconciliationFile.path), of: record)
        held(ReconciliationFile.path, against: said.words, .recorded)
        reconciliation = said
    }
}
