import Foundation
import Glibc

/// Where words go: data on standard output, text for people on standard error.
enum Output {
    /// One line, or several, for people: broken between words where they read it at a terminal.
    static func toPeople(_ text: String) {
        var text = text
        if let width = OutputWidth.terminalForPeople {
            text = PeopleText.wrapped(text, width: width, program: (try? Program.path()) ?? "keyrite")
        }
        // A terminal that is gone is no reason to fail: FileHandle would trap.
        WorkLine.above { [text] in try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8)) }
    }

    /// One line of data, written at once.
    ///
    /// The program ends as failed when it cannot be: whoever reads on would take less for all. A reader that went away
    /// is told nothing, as nobody is there.
    static func data(_ line: String) { data(part: line + "\n") }

    /// The same of a part of the data.
    static func data(part: String) {
        guard let code = failure(writing: Array(part.utf8)) else { return }
        if code != EPIPE {
            toPeople("keyrite: standard output cannot be written: \(String(cString: strerror(code)))")
        }
        exit(ExitStatus.failed.rawValue)
    }

    /// Why not all of it could be written to standard output, as `errno`; nil where it could.
    private static func failure(writing bytes: [UInt8]) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return errno }
            rest = rest.dropFirst(count)
        }
        return nil
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
