import Room

/// A paragraph of a screen: wrapped to whatever width there is, never cut.
package struct Paragraph: Hashable, Sendable {
    /// How it stands out, where a terminal can show it.
    package enum Style: Hashable, Sendable {
        case plain
        case strong
        case faint
    }

    /// What stands before the first line; the following lines are indented by as much.
    package let lead: String
    package let text: String
    package let style: Style

    package init(_ text: String, lead: String = "", style: Style = .plain) {
        self.text = text
        self.lead = lead
        self.style = style
    }

    /// A line that was wrapped before.
    init(verbatim line: ScreenLine) {
        self.init(line.text, style: line.style)
    }

    package static let blank = Paragraph("")

    /// - Parameters:
    ///   - width: In columns.
    ///   - keepsWords: Whether a word that is longer than a line stays whole, so that it can be copied.
    package func lines(width: Int, keepsWords: Bool = false) -> [ScreenLine] {
        let beside = width - ShownText.columns(lead)
        let longest = text.split(separator: " ").map(ShownText.columns).max() ?? 0
        guard longest > beside, !lead.isEmpty else {
            return Wrap.lines(text, width: max(10, beside), keepsWords: keepsWords).enumerated().map { index, line in
                ScreenLine((index == 0 ? lead : Wrap.blank(ShownText.columns(lead))) + line, style)
            }
        }
        // A long word, such as an ARN, gets lines of its own, further left where it is whole only there.
        let above = Wrap.trimmed(lead)
        let below = lead.prefix { $0 == " " }.count + (above.isEmpty ? 0 : 4)
        let indent = Wrap.indent(below, of: longest, width: width)
        return (above.isEmpty ? [] : [ScreenLine(above, style)])
            + Wrap.lines(text, width: max(10, width - indent), keepsWords: keepsWords).map {
                ScreenLine(Wrap.blank(indent) + $0, style)
            }
    }
}

/// One line of a screen.
package struct ScreenLine: Hashable, Sendable {
    package let text: String
    package let style: Paragraph.Style

    package init(_ text: String, _ style: Paragraph.Style = .plain) {
        self.text = text
        self.style = style
    }
}

/// Breaking text into lines.
enum Wrap {
    /// Breaks at spaces; a word that is longer than a line is broken wherever the line ends, unless it is to stay whole. Nothing
    /// else is left out.
    static func lines(_ text: String, width: Int, keepsWords: Bool = false) -> [String] {
        var lines: [String] = []
        var line: String?
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let joined = line.map { "\($0) \(word)" } ?? String(word)
            if ShownText.columns(joined) <= width {
                line = joined
                continue
            }
            if let line { lines.append(line) }
            var rest = String(word)
            while !keepsWords, ShownText.columns(rest) > width {
                let head = fitting(rest, width)
                lines.append(head)
                rest = String(rest.dropFirst(head.count))
            }
            line = rest
        }
        return lines + [line ?? ""]
    }

    private static func fitting(_ text: String, _ width: Int) -> String {
        var columns = 0
        let head = text.prefix { character in
            columns += ShownText.columns(String(character))
            return columns <= width
        }
        return String(head.isEmpty ? text.prefix(1) : head)
    }

    /// How far lines are indented: less, where a word is whole only then.
    static func indent(_ usual: Int, of longest: Int, width: Int) -> Int {
        longest <= width - usual || longest > width - 2 ? usual : min(usual, 2)
    }

    static func blank(_ columns: Int) -> String { String(repeating: " ", count: columns) }

    static func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }
}
