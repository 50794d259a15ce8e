import Ceremony
import Room

/// Text for people as a terminal shows it: broken between words, and never where somebody copies it from.
package enum PeopleText {
    /// What a command line begins with that is not this program's own.
    private static let programs = ["keyrite", "ssh-keygen", "truncate", "printf"]

    /// - Parameters:
    ///   - width: The terminal's, in columns.
    ///   - program: The path of this program, as it stands in command lines.
    /// - Returns: The same words, but for the period behind a command line. Whole stay lines that were laid out before (tables, lists and what is indented), command lines,
    ///   and words that are longer than a line: a terminal breaks those without changing what is copied.
    package static func wrapped(_ text: String, width: Int, program: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { lines(String($0), width, program) }.joined(separator: "\n")
    }

    private static func lines(_ line: String, _ width: Int, _ program: String) -> [String] {
        guard ShownText.columns(line) > width, !isLaidOut(line), !isCommand(line[...], program) else { return [line] }
        guard let command = command(in: line, program) else { return Wrap.lines(line, width: width, keepsWords: true) }
        let before = Wrap.lines(String(line[..<command.lowerBound].dropLast()), width: width, keepsWords: true)
        let after = line[command.upperBound...].drop { ". ".contains($0) }
        return before + [String(line[command])] + (after.isEmpty ? [] : lines(String(after), width, program))
    }

    private static func isLaidOut(_ line: String) -> Bool {
        line.first == " " || line.last == "\\" || line.contains("  ")
    }

    private static func isCommand(_ text: Substring, _ program: String) -> Bool {
        (programs + [program, ShellWord.quoted(program)]).contains { text.hasPrefix($0 + " ") }
    }

    /// A command line within a sentence: behind a colon, to the sentence's end.
    private static func command(in line: String, _ program: String) -> Range<String.Index>? {
        // What a command is given in general, nobody copies.
        guard !line.hasPrefix("Usage: ") else { return nil }
        var rest = line[...]
        while let colon = rest.firstRange(of: ": ") {
            rest = rest[colon.upperBound...]
            guard isCommand(rest, program) else { continue }
            return rest.startIndex..<(rest.firstRange(of: ". ")?.lowerBound ?? rest.endIndex)
        }
        return nil
    }
}
