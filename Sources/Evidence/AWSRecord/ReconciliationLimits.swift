/// How large `reconciliation.jsonl` may be: what is larger is no record that anybody would look at. scripts/verify.sh has the
/// same limits.
package struct ReconciliationLimits: Sendable {
    /// The most bytes of the file.
    private let file: Int
    /// The most bytes of a line, its line feed not counted.
    private let line: Int
    /// The most events.
    private let events: Int

    /// - Parameters:
    ///   - file: The most bytes of the file.
    ///   - line: The most bytes of a line, its line feed not counted.
    ///   - events: The most events.
    package init(file: Int, line: Int, events: Int) {
        (self.file, self.line, self.events) = (file, line, events)
    }

    package static let standard = ReconciliationLimits(
        file: 128 << 20, line: CanonicalJSON.defaultLimit, events: Reconciliation.mostKept)

    /// The first limit that a file is over, and where; nil if it is within all.
    package func excess(in bytes: [UInt8]) -> EvidenceError? {
        func excess(line: Int? = nil, _ reason: String) -> EvidenceError {
            EvidenceError(ReconciliationFile.path, line: line, reason)
        }
        guard bytes.count <= file else { return excess("it is over \(Self.words(file))") }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // The last of them is what follows the last line feed, and nothing as a rule; the first has no event.
        guard lines.count - 2 <= events else { return excess(line: events + 2, "it has over \(events) events") }
        return lines.firstIndex { $0.count > line }.map {
            excess(line: $0 + 1, "the line is over \(Self.words(line))")
        }
    }

    private static func words(_ bytes: Int) -> String {
        bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
    }
}
