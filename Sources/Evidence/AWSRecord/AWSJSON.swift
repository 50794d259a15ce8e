/// JSON that AWS wrote (RFC 8259), read so strictly that no two readers can take it for different things.
///
/// Names and texts are kept as bytes, since Swift takes texts for equal that are written otherwise.
enum AWSJSON {
    case object([(name: [UInt8], value: AWSJSON)])
    case array([AWSJSON])
    /// UTF-8, without escapes.
    case text([UInt8])
    case null
    /// A number, true or false: of what is read of an event, nothing is one.
    case other

    /// - Throws: `AWSEvent.Malformed` for what is no JSON in UTF-8, is nested too deeply, or has a name twice in one
    ///   object: of two values, two programs may believe either.
    init(_ bytes: [UInt8]) throws(AWSEvent.Malformed) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw AWSJSONReader.notJSON }
        var reader = AWSJSONReader(bytes)
        self = try reader.document()
    }

    /// The value of an object's member; nil where there is none.
    func member(_ name: StaticString) -> AWSJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.elementsEqual(name.withUTF8Buffer { Array($0) }) }?.value
    }
}

/// Reads one JSON document from its first byte to its last.
private struct AWSJSONReader {
    static let notJSON = AWSEvent.Malformed(reason: "it is not JSON")

    /// AWS nests some six deep.
    private static let deepest = 64

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(AWSEvent.Malformed) -> AWSJSON {
        let value = try value()
        guard next == nil else { throw Self.notJSON }
        return value
    }

    /// The byte that comes next, white space left out; nil at the end.
    private var next: UInt8? {
        mutating get {
            while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
            return index < bytes.count ? bytes[index] : nil
        }
    }

    private mutating func value() throws(AWSEvent.Malformed) -> AWSJSON {
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        default: try number()
        }
        return .other
    }

    private mutating func object() throws(AWSEvent.Malformed) -> AWSJSON {
        try enter()
        var members: [(name: [UInt8], value: AWSJSON)] = []
        var names: Set<[UInt8]> = []
        while try !isEnd(UInt8(ascii: "}"), afterFirst: !members.isEmpty) {
            guard next == UInt8(ascii: "\"") else { throw Self.notJSON }
            let name = try text()
            guard names.insert(name).inserted else {
                let shown = PercentEncoding.encode(String(decoding: name.prefix(64), as: UTF8.self))
                throw AWSEvent.Malformed(reason: "the name \(shown) stands twice in one object")
            }
            guard next == UInt8(ascii: ":") else { throw Self.notJSON }
            index += 1
            members.append((name, try value()))
        }
        return .object(members)
    }

    private mutating func array() throws(AWSEvent.Malformed) -> AWSJSON {
        try enter()
        var elements: [AWSJSON] = []
        while try !isEnd(UInt8(ascii: "]"), afterFirst: !elements.isEmpty) { elements.append(try value()) }
        return .array(elements)
    }

    private mutating func enter() throws(AWSEvent.Malformed) {
        index += 1
        depth += 1
        guard depth <= Self.deepest else {
            throw AWSEvent.Malformed(reason: "it is nested over \(Self.deepest) deep")
        }
    }

    /// Steps over the closing bracket, or over the comma that must stand before all but the first.
    private mutating func isEnd(_ bracket: UInt8, afterFirst: Bool) throws(AWSEvent.Malformed) -> Bool {
        if next == bracket {
            index += 1
            depth -= 1
            return true
        }
        guard afterFirst else { return false }
        guard next == UInt8(ascii: ",") else { throw Self.notJSON }
        index += 1
        return false
    }

    private mutating func word(_ word: StaticString) throws(AWSEvent.Malformed) {
        let letters = word.withUTF8Buffer { Array($0) }
        guard bytes[index...].starts(with: letters) else { throw Self.notJSON }
        index += letters.count
    }

    private mutating func number() throws(AWSEvent.Malformed) {
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        func digits() throws(AWSEvent.Malformed) {
            let count = bytes[index...].prefix(while: isDigit).count
            guard count > 0 else { throw Self.notJSON }
            index += count
        }
        func takes(_ characters: String) -> Bool {
            guard index < bytes.count, characters.utf8.contains(bytes[index]) else { return false }
            index += 1
            return true
        }
        _ = takes("-")
        if takes("0") {
            guard index == bytes.count || !isDigit(bytes[index]) else { throw Self.notJSON }
        } else {
            try digits()
        }
        if takes(".") { try digits() }
        if takes("eE") {
            _ = takes("+-")
            try digits()
        }
    }

    private mutating func text() throws(AWSEvent.Malformed) -> [UInt8] {
        index += 1
        var text: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): text += try escaped()
            case 0..<0x20: throw Self.notJSON
            default: text.append(byte)
            }
        }
        throw Self.notJSON
    }

    private mutating func escaped() throws(AWSEvent.Malformed) -> [UInt8] {
        guard index < bytes.count else { throw Self.notJSON }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
        default: throw Self.notJSON
        }
    }

    /// What `\uXXXX` stands for, or two of them that make one.
    private mutating func scalar() throws(AWSEvent.Malformed) -> Character {
        var value = try codeUnit()
        if (0xD800..<0xDC00).contains(value), bytes[index...].starts(with: [0x5C, UInt8(ascii: "u")]) {
            index += 2
            let low = try codeUnit()
            guard (0xDC00..<0xE000).contains(low) else { throw Self.notJSON }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw Self.notJSON }
        return Character(scalar)
    }

    private mutating func codeUnit() throws(AWSEvent.Malformed) -> UInt32 {
        let digits = bytes[index...].prefix(4)
        guard digits.count == 4 else { throw Self.notJSON }
        index += 4
        var value: UInt32 = 0
        for digit in digits {
            guard let number = Character(Unicode.Scalar(digit)).hexDigitValue else { throw Self.notJSON }
            value = value << 4 | UInt32(number)
        }
        return value
    }
}
