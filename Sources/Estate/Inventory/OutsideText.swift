import Evidence

/// Text from outside, whole, in any alphabet; in a snapshot it is percent-encoded as free text is in evidence.
package struct OutsideText: Codable, Hashable, Comparable, Sendable {
    /// May hold control characters: mind where it is shown.
    package let text: String

    package init(_ text: String) { self.text = text }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            text = try PercentEncoding.decode(try container.decode(String.self))
        } catch let error as PercentEncodingError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(PercentEncoding.encode(text))
    }

    /// By bytes: Swift's own order takes different texts for equal.
    package static func < (one: Self, other: Self) -> Bool { one.text.utf8.lexicographicallyPrecedes(other.text.utf8) }
    package static func == (one: Self, other: Self) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }
    package func hash(into hasher: inout Hasher) { hasher.combine(Array(text.utf8)) }
}
