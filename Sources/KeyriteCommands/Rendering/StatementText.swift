import CryptoPrimitives
import Evidence
import Room

/// A statement as people read it before they sign: every field of the very bytes, whole, once, in their words.
package enum StatementText {
    /// One thing that people read.
    package enum Item: Hashable, Sendable {
        case heading(String, depth: Int)
        /// A heading under which people are asked a question, and perhaps another of each element of its lists.
        case section(String, question: String, each: String?)
        /// The heading of one element of a list.
        case element(String, number: Int, count: Int, depth: Int)
        /// - paths: The places in the bytes that it shows, as `$.subject.close.lines`.
        case field(label: String, value: String, paths: [String], depth: Int)
        /// A text of several lines.
        case document(label: String, lines: [String], path: String, depth: Int)
        /// The digest above, to be read aloud.
        case words(String, depth: Int)
        /// How the text above stands in the bytes, where that is not what is shown.
        case asWritten(String, depth: Int)
    }

    /// Reads a statement.
    ///
    /// - Parameter bytes: The statement, canonical JSON: what people sign the SHA-256 of.
    /// - Throws: `StatementNotShown` for a field that has no words here, is missing, or cannot be shown as it is.
    package static func read(_ bytes: [UInt8]) throws -> [Item] {
        let digest = SHA256Digest(of: bytes)
        guard case .object(let members) = try CanonicalJSON.parse(bytes) else {
            throw StatementNotShown(path: "$", reason: "is no object")
        }
        var reader = StatementReader()
        try reader.read(members, in: StatementWords.statement)
        return [
            .heading("You sign the SHA-256 of this statement", depth: 0),
            .field(label: "SHA-256", value: digest.hex, paths: [], depth: 1),
            .words(PGPWords.spell(digest.bytes).joined(separator: " "), depth: 1),
        ] + reader.items
    }

    /// The same as paragraphs of a screen.
    package static func paragraphs(_ bytes: [UInt8]) throws -> [Paragraph] {
        paragraphs(try read(bytes))
    }

    static func paragraphs(_ items: [Item]) -> [Paragraph] { items.flatMap(paragraphs) }

    /// Where values begin, for labels of up to 17 characters three levels deep.
    private static let valueColumn = 26

    private static func paragraphs(_ item: Item) -> [Paragraph] {
        func indent(_ depth: Int) -> String { String(repeating: " ", count: 2 * depth) }
        func column(_ label: String, _ depth: Int) -> String {
            indent(depth) + label + String(repeating: " ", count: max(1, valueColumn - label.count - 2 * depth))
        }
        switch item {
        case .section(let text, _, _): return paragraphs(.heading(text, depth: 0))
        case .element(let label, let number, let count, let depth):
            return paragraphs(.heading("\(label) \(number) of \(count)", depth: depth))
        case .heading(let text, let depth):
            return (depth == 0 ? [.blank] : []) + [Paragraph(text, lead: indent(depth), style: .strong)]
        case .field(let label, let value, _, let depth):
            return [Paragraph(value, lead: column(label, depth))]
        case .document(let label, let lines, _, let depth):
            if lines.count == 1 { return [Paragraph(lines[0], lead: column(label, depth))] }
            return [Paragraph(label, lead: indent(depth))] + lines.map { Paragraph($0, lead: indent(depth + 1)) }
        case .words(let words, let depth):
            return [Paragraph(words, lead: indent(depth) + "  in words  ")]
        case .asWritten(let text, let depth):
            return [Paragraph(text, lead: indent(depth) + "  in the bytes  ", style: .faint)]
        }
    }
}

/// A statement that must not be signed here, because not all of it can be shown.
package struct StatementNotShown: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String {
        "The statement cannot be shown whole: \(path) \(reason). Sign nothing; find out which program wrote it"
    }
}
