import Evidence

/// A transcript's head as it is read aloud: 16 words, in four lines of four.
package struct HeadWords: Hashable, Sendable {
    /// How many words stand in a line.
    static let perLine = 4

    package let words: [String]

    package init(_ words: [String]) { self.words = words }

    /// The lines as a screen shows them, each word with its number.
    package var lines: [String] { lines(perLine: Self.perLine) }

    /// The same for a screen of so many columns: two words stand in a line where four do not fit.
    func lines(columns: Int) -> [String] {
        lines(perLine: lines.allSatisfy { $0.utf8.count <= columns } ? Self.perLine : 2)
    }

    private func lines(perLine: Int) -> [String] {
        stride(from: 0, to: words.count, by: perLine).map { start in
            words[start..<min(start + perLine, words.count)].enumerated().map { offset, word in
                let number = String(start + offset + 1)
                return Paragraph.padded(
                    String(repeating: " ", count: max(0, 2 - number.utf8.count)) + number + " " + word)
            }.joined(separator: " ").trimmed
        }
    }

    /// Compares words that a person typed, or gave, with some of these.
    ///
    /// Capitals, commas and numbers between the words do not count.
    ///
    /// - Parameter first: The first of them that was asked for, from 0.
    /// - Returns: nil when they are the same; otherwise what is wrong, in a sentence that does not say the right word.
    package func fault(in typed: String, from first: Int = 0, count: Int? = nil) -> String? {
        let given = typed.split(whereSeparator: { !$0.isLetter }).map { $0.lowercased() }
        let wanted = words.dropFirst(first).prefix(count ?? words.count)
        for (offset, (given, wanted)) in zip(given, wanted).enumerated() where given != wanted.lowercased() {
            return "Word \(first + offset + 1) is not that of this folder."
        }
        guard given.count == wanted.count else {
            return "That is \(Counted.text(given.count, "word")), not \(wanted.count)."
        }
        return nil
    }
}

extension Paragraph {
    /// A word with its number, as wide as the longest word of the list.
    fileprivate static func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 15 - text.utf8.count))
    }
}

extension String {
    fileprivate var trimmed: String { Wrap.trimmed(self) }
}
