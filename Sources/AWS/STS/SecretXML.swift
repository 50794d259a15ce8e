import CryptoPrimitives

/// The texts of one small XML document (XML 1.0) that may hold secrets: they are read where they lie, in locked memory.
///
/// Read is what AWS writes: a declaration, elements, attributes that are passed over, and text with the entities that XML
/// knows without a DTD. A DTD, a comment, a processing instruction and CDATA are refused.
struct SecretXML: Sendable {
    /// Why it cannot be read; nothing of the text is told.
    struct Malformed: Error {
        let reason: String
    }

    private let bytes: SecretBytes
    /// Of each element without elements in it, by the names of those around it and its own, with slashes between.
    private let texts: [String: Range<Int>]

    /// - Throws: `Malformed`, for an element that stands twice, too.
    init(parsing bytes: SecretBytes) throws {
        self.bytes = bytes
        texts = try bytes.withUnsafeBytes { text in
            guard text.isUTF8 else { throw Malformed(reason: "it is not UTF-8") }
            var scanner = XMLScanner(text)
            return try scanner.document()
        }
    }

    /// A secret; nil if there is none.
    ///
    /// - Throws: `CryptoError` when memory cannot be locked, `Malformed` for an entity that is none.
    func secret(_ path: String) throws -> SecretBytes? {
        guard let range = texts[path] else { return nil }
        return try bytes.withUnsafeBytes { text in
            try SecretBytes(capacity: range.count) { try XMLScanner.unescape(text[range], into: $0) }
        }
    }

    /// Text that is no secret; nil if there is none.
    ///
    /// - Throws: `Malformed` for an entity that is none.
    func text(_ path: String) throws -> String? {
        guard let range = texts[path] else { return nil }
        return try bytes.withUnsafeBytes { text in
            try String(unsafeUninitializedCapacity: range.count) { buffer in
                try XMLScanner.unescape(text[range], into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }
}
