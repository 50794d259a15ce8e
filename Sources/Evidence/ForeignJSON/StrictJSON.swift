/// JSON as others write it (RFC 8259), read so strictly that no two readers can take it for different things: no name stands
/// twice in one object, since of two values two programs may believe either. Names are compared as bytes, since Swift takes
/// texts for equal that are written otherwise.
package indirect enum StrictJSON: Hashable, Sendable {
    /// A name and its value, in an object.
    package struct Member: Hashable, Sendable {
        package let name: String
        package let value: StrictJSON
    }

    /// In the order of the text.
    case object([Member])
    case array([StrictJSON])
    case string(String)
    /// As it is written.
    case number(String)
    case bool(Bool)
    case null

    /// - Parameters:
    ///   - bytes: One document.
    ///   - deepest: How deep objects and lists may lie in each other; a bound keeps the stack.
    /// - Throws: `StrictJSONFlaw`.
    package init(_ bytes: [UInt8], deepest: Int) throws(StrictJSONFlaw) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw StrictJSONFlaw(position: 0, reason: .malformed("it is not UTF-8"))
        }
        var reader = StrictJSONReader(bytes, deepest: deepest)
        self = try reader.document()
    }

    /// The member's value; nil for none, and of anything but an object.
    package subscript(_ name: some StringProtocol) -> StrictJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}

private struct StrictJSONReader {
    private let deepest: Int
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8], deepest: Int) { (self.bytes, self.deepest) = (bytes, deepest) }

    mutating func document() throws(StrictJSONFlaw) -> StrictJSON {
        let value = try value()
        guard next == nil else { throw refusal("bytes follow the end of the document") }
        return value
    }

    private mutating func value() throws(StrictJSONFlaw) -> StrictJSON {
        switch next {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): .string(try string())
        case UInt8(ascii: "t"): try word("true", .bool(true))
        case UInt8(ascii: "f"): try word("false", .bool(false))
        case UInt8(ascii: "n"): try word("null", .null)
        default: try number()
        }
    }

    private mutating func object() throws(StrictJSONFlaw) -> StrictJSON {
        try enter()
        var members: [StrictJSON.Member] = []
        var names: Set<[UInt8]> = []
        if take("}") { return leave(.object(members)) }
        repeat {
            guard next == UInt8(ascii: "\"") else { throw refusal("a name is missing") }
            let name = try string()
            guard names.insert(Array(name.utf8)).inserted else {
                throw StrictJSONFlaw(position: position, reason: .twice(name))
            }
            guard take(":") else { throw refusal("\":\" is missing") }
            members.append(.init(name: name, value: try value()))
        } while take(",")
        guard take("}") else { throw refusal("\",\" or \"}\" is missing") }
        return leave(.object(members))
    }

    private mutating func array() throws(StrictJSONFlaw) -> StrictJSON {
        try enter()
        var elements: [StrictJSON] = []
        if take("]") { return leave(.array(elements)) }
        repeat { elements.append(try value()) } while take(",")
        guard take("]") else { throw refusal("\",\" or \"]\" is missing") }
        return leave(.array(elements))
    }

    private mutating func enter() throws(StrictJSONFlaw) {
        guard depth < deepest else { throw StrictJSONFlaw(position: position, reason: .tooDeep(deepest)) }
        depth += 1
        position += 1
    }

    private mutating func leave(_ value: StrictJSON) -> StrictJSON {
        depth -= 1
        return value
    }

    private mutating func string() throws(StrictJSONFlaw) -> String {
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += String(try escape()).utf8
            case 0..<0x20: throw refusal("a string holds a control character")
            default: text.append(byte)
            }
        }
        throw refusal("a string does not end")
    }

    private mutating func escape() throws(StrictJSONFlaw) -> Unicode.Scalar {
        guard position < bytes.count else { throw refusal("a string does not end") }
        position += 1
        switch bytes[position - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw refusal("an escape that JSON does not have")
        }
    }

    /// `\uXXXX`, or two of them for one character beyond U+FFFF.
    private mutating func unicode() throws(StrictJSONFlaw) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: "\\u".utf8) else {
            throw refusal("half a surrogate pair")
        }
        position += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw refusal("half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(StrictJSONFlaw) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        let isHex = digits.allSatisfy { byte in Character(Unicode.Scalar(byte)).isHexDigit }
        guard digits.count == 4, isHex, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw refusal("an escape that JSON does not have")
        }
        position += 4
        return value
    }

    private mutating func number() throws(StrictJSONFlaw) -> StrictJSON {
        let start = position
        _ = step(over: "-")
        if step(over: "0") {
            guard position == bytes.count || !Self.isDigit(bytes[position]) else { throw refusal("a value is missing") }
        } else {
            try digits()
        }
        if step(over: ".") { try digits() }
        if step(over: "eE") {
            _ = step(over: "+-")
            try digits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func digits() throws(StrictJSONFlaw) {
        let count = bytes[position...].prefix(while: Self.isDigit).count
        guard count > 0 else { throw refusal("a value is missing") }
        position += count
    }

    private mutating func step(over characters: StaticString) -> Bool {
        guard position < bytes.count, characters.withUTF8Buffer({ $0.contains(bytes[position]) }) else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: String, _ value: StrictJSON) throws(StrictJSONFlaw) -> StrictJSON {
        guard bytes[position...].starts(with: word.utf8) else { throw refusal("a value is missing") }
        position += word.utf8.count
        return value
    }

    /// The byte that comes next, white space left out; nil at the end.
    private var next: UInt8? {
        mutating get {
            while position < bytes.count, " \t\r\n".utf8.contains(bytes[position]) { position += 1 }
            return position < bytes.count ? bytes[position] : nil
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func refusal(_ what: String) -> StrictJSONFlaw {
        StrictJSONFlaw(position: position, reason: .malformed(what))
    }
}
