/// Walks over JSON (RFC 8259) without taking any of it along.
struct JSONScanner {
    private typealias Malformed = SecretJSON.Malformed

    /// Nobody nests credentials; a bound keeps the stack.
    private static let deepest = 16

    private let text: UnsafeRawBufferPointer
    private var index = 0
    private var depth = 0

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// The byte that comes next, white space left out; nil at the end.
    var next: UInt8? {
        mutating get {
            skipSpace()
            return index < text.count ? text[index] : nil
        }
    }

    /// Walks over an object, telling the range of each member's name; `member` walks over the value.
    mutating func object(_ member: (Range<Int>, inout JSONScanner) throws -> Void) throws {
        try enter("{")
        if next == UInt8(ascii: "}") { return leave() }
        repeat {
            let name = try string()
            try expect(":")
            try member(name, &self)
        } while try isComma(before: "}")
        leave()
    }

    /// Walks over any value.
    mutating func value() throws {
        switch next {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"): try object { _, scanner in try scanner.value() }
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: _ = try number()
        }
    }

    /// Walks over a string.
    ///
    /// - Returns: What lies between the quotes.
    mutating func string() throws -> Range<Int> {
        try expect("\"")
        let start = index
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""):
                index += 1
                return start..<(index - 1)
            case UInt8(ascii: "\\"): index += 2
            case 0..<0x20: throw Malformed(reason: "a string holds a control character")
            default: index += 1
            }
        }
        throw Malformed(reason: "a string does not end")
    }

    /// Walks over a number.
    mutating func number() throws -> Range<Int> {
        skipSpace()
        let start = index
        let rest = text[index...].prefix { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        guard String(decoding: rest, as: UTF8.self).wholeMatch(of: #/-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/#) != nil
        else { throw Malformed(reason: "a value is missing") }
        index = rest.endIndex
        return start..<index
    }

    /// - Throws: `Malformed` if anything but white space follows.
    mutating func end() throws {
        guard next == nil else { throw Malformed(reason: "something follows it") }
    }

    /// Writes what a string means.
    ///
    /// - Returns: How many bytes were written: never more than there were.
    static func unescape(
        _ string: Slice<UnsafeRawBufferPointer>, into buffer: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
            UInt8(ascii: "/"): UInt8(ascii: "/"),
        ]
        var written = 0
        var bytes = string.makeIterator()
        while var byte = bytes.next() {
            if byte == UInt8(ascii: "\\") {
                guard let escape = bytes.next() else { throw Malformed(reason: "a string ends in an escape") }
                guard let meant = try plain[escape] ?? Self.codeUnit(escape, &bytes) else {
                    throw Malformed(reason: "a secret holds a character that none holds")
                }
                byte = meant
            }
            buffer[written] = byte
            written += 1
        }
        return written
    }

    /// `\uXXXX` for one of ASCII; what else can be escaped no credential holds.
    private static func codeUnit(
        _ escape: UInt8, _ bytes: inout Slice<UnsafeRawBufferPointer>.Iterator
    ) throws -> UInt8? {
        guard escape == UInt8(ascii: "u") else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = bytes.next().flatMap({ Character(UnicodeScalar($0)).hexDigitValue }) else {
                throw Malformed(reason: "a string holds an escape that is none")
            }
            value = value << 4 | UInt32(digit)
        }
        return value < 0x80 ? UInt8(value) : nil
    }

    private mutating func array() throws {
        try enter("[")
        if next == UInt8(ascii: "]") { return leave() }
        repeat { try value() } while try isComma(before: "]")
        leave()
    }

    private mutating func enter(_ bracket: Unicode.Scalar) throws {
        try expect(bracket)
        depth += 1
        guard depth <= Self.deepest else { throw Malformed(reason: "it is nested too deeply") }
    }

    /// Steps over the closing bracket, which is known to be there.
    private mutating func leave() {
        index += 1
        depth -= 1
    }

    /// Steps over a comma, or stops at the closing bracket.
    private mutating func isComma(before bracket: Unicode.Scalar) throws -> Bool {
        switch next {
        case UInt8(ascii: ","):
            index += 1
            return true
        case UInt8(ascii: bracket): return false
        default: throw Malformed(reason: "a comma or a bracket is missing")
        }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard next == UInt8(ascii: character) else { throw Malformed(reason: "\(character) is missing") }
        index += 1
    }

    private mutating func word(_ word: StaticString) throws {
        let bytes = word.withUTF8Buffer { Array($0) }
        guard text[index...].starts(with: bytes) else { throw Malformed(reason: "a value is missing") }
        index += bytes.count
    }

    private mutating func skipSpace() {
        while index < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[index]) { index += 1 }
    }
}
