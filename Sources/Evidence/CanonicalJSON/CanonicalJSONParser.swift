/// Reads canonical bytes and nothing else.
struct CanonicalJSONParser {
    enum KeyOrder {
        /// As canonical bytes have them.
        case sorted
        /// As a general encoder may write them.
        case inAnyOrder
    }

    private let bytes: [UInt8]
    private let keys: KeyOrder
    private let hasPlainStrings: Bool
    private var position = 0
    private var path = JSONPath()

    /// - Throws: `CanonicalJSONError` with path and offset of the first byte that is refused.
    static func parse(_ bytes: [UInt8], keys: KeyOrder) throws -> JSONValue {
        var parser = CanonicalJSONParser(bytes: bytes, keys: keys)
        let value = try parser.value()
        guard parser.position == bytes.count else { throw parser.refusal("bytes follow the end of the document") }
        return value
    }

    private init(bytes: [UInt8], keys: KeyOrder) {
        self.bytes = bytes
        self.keys = keys
        hasPlainStrings = bytes.hasPlainStrings
    }

    private mutating func value() throws -> JSONValue {
        guard let byte = next else { throw unexpected("a value") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): throw refusal("null is not used: what is absent is left out")
        default: throw unexpected("a value")
        }
    }

    private mutating func object() throws -> [String: JSONValue] {
        try enterContainer()
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return members }
        var previous: String?
        repeat {
            let start = position
            guard next == UInt8(ascii: "\"") else { throw unexpected("a key") }
            let key = try string()
            guard members[key] == nil else { throw refusal("the key is there twice", in: key, at: start) }
            if keys == .sorted, let previous, !previous.utf8.lexicographicallyPrecedes(key.utf8) {
                throw refusal("the key is out of order; keys are sorted by their bytes", in: key, at: start)
            }
            guard take(UInt8(ascii: ":")) else { throw unexpected("\":\"") }
            path.steps.append(.key(key))
            members[key] = try value()
            path.steps.removeLast()
            previous = key
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw unexpected("\",\" or \"}\"") }
        return members
    }

    private mutating func array() throws -> [JSONValue] {
        try enterContainer()
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            path.steps.append(.index(elements.count))
            elements.append(try value())
            path.steps.removeLast()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected("\",\" or \"]\"") }
        return elements
    }

    /// Steps over an opening bracket. The path is as long as the containers around it are many.
    private mutating func enterContainer() throws {
        guard path.steps.count < CanonicalJSON.maximumDepth else {
            throw refusal("nests deeper than \(CanonicalJSON.maximumDepth)")
        }
        position += 1
    }

    private mutating func string() throws -> String {
        position += 1
        if hasPlainStrings, let end = bytes.index(of: UInt8(ascii: "\""), from: position) {
            defer { position = end + 1 }
            return String(decoding: bytes[position..<end], as: UTF8.self)
        }
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                let escaped = position + 1 < bytes.count ? bytes[position + 1] : nil
                guard let escaped, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else {
                    throw refusal("an escape other than \\\" and \\\\ is not canonical")
                }
                text.append(escaped)
                position += 2
            case 0x20...0x7E:
                text.append(byte)
                position += 1
            default:
                throw refusal("byte 0x\(Self.hex(byte)) in a string; bytes outside 0x20-0x7E are percent-encoded")
            }
        }
        throw unexpected("the end of a string")
    }

    private mutating func integer() throws -> Int64 {
        let start = position
        let negative = take(UInt8(ascii: "-"))
        let digits = position
        var magnitude: Int64 = 0
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            magnitude = magnitude * 10 + Int64(byte - UInt8(ascii: "0"))
            guard magnitude <= CanonicalJSON.maximumInteger else {
                throw refusal("an integer beyond 2^53 - 1", at: start)
            }
            position += 1
        }
        guard position > digits else { throw unexpected("a digit") }
        if bytes[digits] == UInt8(ascii: "0"), negative || position > digits + 1 {
            throw refusal(negative ? "zero has no sign and a number no leading zero" : "a leading zero", at: start)
        }
        if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
            throw refusal("a number with a fraction or an exponent; only integers are used", at: start)
        }
        return negative ? -magnitude : magnitude
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw unexpected("a value") }
        position += word.utf8.count
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private func unexpected(_ wanted: String) -> CanonicalJSONError {
        switch next {
        case nil: refusal("the document ends where \(wanted) should stand")
        case 0x09, 0x0A, 0x0D, 0x20: refusal("white space where \(wanted) should stand")
        case let byte?: refusal("byte 0x\(Self.hex(byte)) where \(wanted) should stand")
        }
    }

    private func refusal(_ reason: String, in key: String? = nil, at offset: Int? = nil) -> CanonicalJSONError {
        var path = path
        if let key { path.steps.append(.key(key)) }
        return CanonicalJSONError(reason: reason, path: path.description, offset: offset ?? position)
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
