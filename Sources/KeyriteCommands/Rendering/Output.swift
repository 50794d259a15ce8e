import Foundation

/// Where words go: data on standard output, text for people on standard error.
enum Output {
    /// One line, or several, for people.
    static func toPeople(_ text: String) {
        // A terminal that is gone is no reason to fail: FileHandle would trap.
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    /// One line of data, written at once.
    static func data(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// A value as JSON, in one line, keys sorted.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        data(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

/// What a command prints a table as.
enum OutputFormat: String, CaseIterable, Sendable {
    case text
    case json
}
