/// Splits a line into words as a POSIX shell would, and does nothing else of what a shell does.
///
/// The rules are those of Python's `shlex.split`, by which botocore splits `credential_process` and section names.
enum ShellWords {
    /// A quotation or an escape that nothing ends.
    struct Unfinished: Error {}

    /// - Throws: `Unfinished`.
    static func split(_ line: String) throws -> [String] {
        var words: [String] = []
        var word: String?
        var rest = line.unicodeScalars.makeIterator()
        while let scalar = rest.next() {
            switch scalar {
            case " ", "\t", "\r", "\n":
                if let word { words.append(word) }
                word = nil
            case "'":
                word = (word ?? "") + (try quoted(&rest))
            case "\"":
                word = (word ?? "") + (try doubleQuoted(&rest))
            case "\\":
                guard let escaped = rest.next() else { throw Unfinished() }
                word = (word ?? "") + String(escaped)
            default:
                word = (word ?? "") + String(scalar)
            }
        }
        if let word { words.append(word) }
        return words
    }

    private static func quoted(_ rest: inout String.UnicodeScalarView.Iterator) throws -> String {
        var text = ""
        while let scalar = rest.next() {
            if scalar == "'" { return text }
            text.unicodeScalars.append(scalar)
        }
        throw Unfinished()
    }

    /// Between double quotes a backslash escapes itself and the quote, and stands for itself before all else.
    private static func doubleQuoted(_ rest: inout String.UnicodeScalarView.Iterator) throws -> String {
        var text = ""
        while let scalar = rest.next() {
            switch scalar {
            case "\"": return text
            case "\\":
                guard let escaped = rest.next() else { throw Unfinished() }
                if escaped != "\\", escaped != "\"" { text.unicodeScalars.append("\\") }
                text.unicodeScalars.append(escaped)
            default: text.unicodeScalars.append(scalar)
            }
        }
        throw Unfinished()
    }
}
