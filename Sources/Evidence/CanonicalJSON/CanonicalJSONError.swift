/// Why bytes are not the evidence they should be, or a value cannot be written as evidence.
package struct CanonicalJSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in words; never longer than a few lines whatever the input.
    package let reason: String
    /// Where: `$` is the document, `$.body.slots[3]` an element in it.
    package let path: String
    /// The first byte concerned, counted from 0; nil when a value was to be written and no bytes exist yet.
    package let offset: Int?

    package init(reason: String, path: String = "$", offset: Int? = nil) {
        self.reason = reason
        self.path = path
        self.offset = offset
    }

    package var description: String {
        "\(path)\(offset.map { " (byte \($0))" } ?? ""): \(reason)"
    }
}
