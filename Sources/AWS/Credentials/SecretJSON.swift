import CryptoPrimitives

/// The members of one JSON object (RFC 8259) that may hold secrets: they are read where they lie, in locked memory.
struct SecretJSON {
    /// Why it is no JSON object; nothing of the text is told.
    struct Malformed: Error {
        let reason: String
    }

    private enum Value {
        /// Between the quotes, with its escapes.
        case string(Range<Int>)
        case number(Range<Int>)
        case null
        case other
    }

    private let bytes: SecretBytes
    private let members: [String: Value]

    /// - Throws: `Malformed`, for a member that stands twice too.
    init(parsing bytes: SecretBytes) throws {
        self.bytes = bytes
        members = try bytes.withUnsafeBytes { text in
            guard text.isUTF8 else { throw Malformed(reason: "it is not UTF-8") }
            var scanner = JSONScanner(text)
            var members: [String: Value] = [:]
            try scanner.object { name, scanner in
                let name = String(decoding: text[name], as: UTF8.self)
                guard members[name] == nil else { throw Malformed(reason: "a member stands twice") }
                members[name] = try Self.value(&scanner)
            }
            try scanner.end()
            return members
        }
    }

    /// A secret; nil if there is none, or null.
    ///
    /// - Throws: `CryptoError` when memory cannot be locked, `Malformed` for an escape that is none.
    func secret(_ name: String) throws -> SecretBytes? {
        guard case .string(let range) = members[name] else { return nil }
        return try bytes.withUnsafeBytes { text in
            try SecretBytes(capacity: range.count) { buffer in
                try JSONScanner.unescape(text[range], into: buffer)
            }
        }
    }

    /// Text that is no secret and holds no escape; nil for everything else.
    func text(_ name: String) -> String? {
        guard case .string(let range) = members[name] else { return nil }
        let text = bytes.withUnsafeBytes { String(decoding: $0[range], as: UTF8.self) }
        return text.contains("\\") ? nil : text
    }

    /// A number as it is written.
    func number(_ name: String) -> String? {
        guard case .number(let range) = members[name] else { return nil }
        return bytes.withUnsafeBytes { String(decoding: $0[range], as: UTF8.self) }
    }

    /// Whether a member is text, or not there, or null.
    func isTextOrAbsent(_ name: String) -> Bool {
        switch members[name] {
        case .string, .null, nil: true
        case .number, .other: false
        }
    }

    private static func value(_ scanner: inout JSONScanner) throws -> Value {
        switch scanner.next {
        case UInt8(ascii: "\""): return .string(try scanner.string())
        case UInt8(ascii: "n"):
            try scanner.value()
            return .null
        case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
            return .number(try scanner.number())
        default:
            try scanner.value()
            return .other
        }
    }
}
