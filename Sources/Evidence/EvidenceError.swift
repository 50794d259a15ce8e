/// What in an evidence folder does not hold, and where.
package struct EvidenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, relative to the ceremony folder.
    package let path: String
    /// The line of the transcript, from 1; nil for other files.
    package let line: Int?
    package let reason: String
    /// What to do about it, where that is not to stop, and to put the file back; begins as a sentence, without its end.
    package let remedy: String?

    package init(_ path: String, line: Int? = nil, _ reason: String, remedy: String? = nil) {
        self.path = path
        self.line = line
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String {
        line.map { "\(path):\($0): \(reason)" } ?? "\(path): \(reason)"
    }
}
