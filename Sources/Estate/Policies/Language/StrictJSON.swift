/// JSON as others write it (RFC 8259), read strictly: bounded, and no name twice in one object, since of two values two
/// programs may believe either.
package indirect enum StrictJSON: Hashable, Sendable {
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
    ///   - limit: The most bytes that are looked at.
    /// - Throws: `PolicyError` naming the byte.
    package init(_ bytes: [UInt8], limit: Int) throws(PolicyError) {
        guard bytes.count <= limit else {
            throw PolicyError("$", "it has \(bytes.count) bytes, more than the \(limit) that are read")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw PolicyError("$", "it is not UTF-8") }
        var reader = StrictJSONReader(bytes)
        self = try reader.document()
    }

    /// The member's value; nil for none, and of anything but an object.
    package subscript(_ name: String) -> StrictJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}

private struct StrictJSONReader {
    /// No policy nests deeper than 7; a bound keeps the stack.
    private static let deepest = 16

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(PolicyError) -> StrictJSON {
        let value = try value()
        guard next == nil else { throw refusal("bytes follow the end of the document") }
        return value
    }

    private mutating func value() throws(PolicyError) -> StrictJSON {
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

    private mutating func object() throws(PolicyError) -> StrictJSON {
        try enter()
        var members: [StrictJSON.Member] = []
        var names: Set<[UInt8]> = []
        if take("}") { return leave(.object(members)) }
        repeat {
            guard next == UInt8(ascii: "\"") else { throw refusal("a name is missing") }
            let name = try string()
            guard names.insert(Array(name.utf8)).inserted else {
                throw refusal("the name \(name.prefix(64)) stands twice in one object")
            }
            guard take(":") else { throw refusal("\":\" is missing") }
            members.append(.init(name: name, value: try value()))
        } while take(",")
        guard take("}") else { throw refusal("\",\" or \"}\" is missing") }
        return leave(.object(members))
    }

    private mutating func array() throws(PolicyError) -> StrictJSON {
        try enter()
        var elements: [StrictJSON] = []
        if take("]") { return leave(.array(elements)) }
        repeat { elements.append(try value()) } while take(",")
        guard take("]") else { throw refusal("\",\" or \"]\" is missing") }
        return leave(.array(elements))
    }

    private mutating func enter() throws(PolicyError) {
        guard depth < Self.deepest else { throw refusal("it nests deeper than \(Self.deepest)") }
        depth += 1
        position += 1
    }

    private mutating func leave(_ value: StrictJSON) -> StrictJSON {
        depth -= 1
        return value
    }

    private mutating func string() throws(PolicyError) -> String {
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

    private mutating func escape() throws(PolicyError) -> Unicode.Scalar {
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
    private mutating func unicode() throws(PolicyError) -> Unicode.Scalar {
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

    private mutating func hexadecimal() throws(PolicyError) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        let isHex = digits.allSatisfy { byte in Character(Unicode.Scalar(byte)).isHexDigit }
        guard digits.count == 4, isHex, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw refusal("an escape that JSON does not have")
        }
        position += 4
        return value
    }

    private mutating func number() throws(PolicyError) -> StrictJSON {
        let found = bytes[position...].prefix { "0123456789+-.eE".utf8.contains($0) }
        let text = String(decoding: found, as: UTF8.self)
        guard text.wholeMatch(of: #/-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/#) != nil else {
            throw refusal("a value is missing")
        }
        position = found.endIndex
        return .number(text)
    }

    private mutating func word(_ word: String, _ value: StrictJSON) throws(PolicyError) -> StrictJSON {
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

    private func refusal(_ reason: String) -> PolicyError { PolicyError("byte \(position)", reason) }
}
