/// Walks over XML (XML 1.0) without taking any of it along.
struct XMLScanner {
    private typealias Malformed = SecretXML.Malformed

    /// No answer of STS comes near them; bounds keep the stack and the table.
    private static let deepest = 16
    private static let most = 256

    private let text: UnsafeRawBufferPointer
    private var index = 0
    private var path: [String] = []
    private var count = 0
    private var texts: [String: Range<Int>] = [:]

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// Walks over the whole of it.
    ///
    /// - Returns: Where the text of each element without elements in it lies, by its path.
    mutating func document() throws -> [String: Range<Int>] {
        if starts(with: "<?xml") { try declaration() }
        skipSpace()
        try element()
        skipSpace()
        guard index == text.count else { throw Malformed(reason: "something follows its root") }
        return texts
    }

    private mutating func declaration() throws {
        while index < text.count, !starts(with: "?>") { index += 1 }
        guard starts(with: "?>") else { throw Malformed(reason: "its declaration does not end") }
        index += 2
    }

    private mutating func element() throws {
        count += 1
        guard path.count < Self.deepest, count <= Self.most else { throw Malformed(reason: "it is too large") }
        try expect("<")
        let name = try name()
        path.append(name)
        defer { path.removeLast() }
        if try isEmptyTag() { return try keep(index..<index) }
        var start = index
        var hasChildren = false
        while true {
            let end = try textEnd()
            if starts(with: "</") {
                index += 2
                guard try self.name() == name else { throw Malformed(reason: "an element ends another") }
                skipSpace()
                try expect(">")
                return try hasChildren ? requireSpace(start..<end) : keep(start..<end)
            }
            try requireSpace(start..<end)
            hasChildren = true
            try element()
            start = index
        }
    }

    /// Steps over text.
    ///
    /// - Returns: Where the next tag starts.
    private mutating func textEnd() throws -> Int {
        while index < text.count, text[index] != UInt8(ascii: "<") { index += 1 }
        guard index < text.count else { throw Malformed(reason: "an element does not end") }
        return index
    }

    private func requireSpace(_ range: Range<Int>) throws {
        guard text[range].allSatisfy(Self.isSpace) else { throw Malformed(reason: "text stands beside an element") }
    }

    private mutating func keep(_ range: Range<Int>) throws {
        guard texts.updateValue(range, forKey: path.joined(separator: "/")) == nil else {
            throw Malformed(reason: "an element stands twice")
        }
    }

    /// Steps over attributes to the tag's end.
    ///
    /// - Returns: Whether the tag is its element's end, too.
    private mutating func isEmptyTag() throws -> Bool {
        var quote: UInt8?
        while index < text.count {
            let byte = text[index]
            index += 1
            switch (quote, byte) {
            case (nil, UInt8(ascii: ">")): return false
            case (nil, UInt8(ascii: "/")):
                try expect(">")
                return true
            case (nil, UInt8(ascii: "\"")), (nil, UInt8(ascii: "'")): quote = byte
            case (_, UInt8(ascii: "<")): throw Malformed(reason: "a tag holds another")
            default: if byte == quote { quote = nil }
            }
        }
        throw Malformed(reason: "a tag does not end")
    }

    private mutating func name() throws -> String {
        let start = index
        while index < text.count, Self.isName(text[index]) { index += 1 }
        guard index > start else { throw Malformed(reason: "a tag has no name that AWS uses") }
        return String(decoding: text[start..<index], as: UTF8.self)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private mutating func skipSpace() {
        while index < text.count, Self.isSpace(text[index]) { index += 1 }
    }

    private func starts(with word: StaticString) -> Bool {
        word.withUTF8Buffer { text[index...].starts(with: $0) }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard index < text.count, text[index] == UInt8(ascii: character) else {
            throw Malformed(reason: "\(character) is missing")
        }
        index += 1
    }

    /// Writes what a text means.
    ///
    /// - Returns: How many bytes were written: never more than there were.
    static func unescape(
        _ text: Slice<UnsafeRawBufferPointer>, into buffer: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        var written = 0
        var bytes = text.makeIterator()
        while var byte = bytes.next() {
            if byte == UInt8(ascii: "&") { byte = try entity(&bytes) }
            buffer[written] = byte
            written += 1
        }
        return written
    }

    /// One of the five, or a number that is ASCII's; what else can be written so, no credential holds.
    private static func entity(_ bytes: inout Slice<UnsafeRawBufferPointer>.Iterator) throws -> UInt8 {
        let known: [String: UInt8] = [
            "amp": UInt8(ascii: "&"), "lt": UInt8(ascii: "<"), "gt": UInt8(ascii: ">"), "quot": UInt8(ascii: "\""),
            "apos": UInt8(ascii: "'"),
        ]
        var name: [UInt8] = []
        while let byte = bytes.next(), name.count <= 8 {
            guard byte == UInt8(ascii: ";") else {
                name.append(byte)
                continue
            }
            let text = String(decoding: name, as: UTF8.self)
            let number = text.hasPrefix("#x") ? UInt8(text.dropFirst(2), radix: 16) : UInt8(text.dropFirst(1))
            if let meant = known[text] ?? (text.hasPrefix("#") ? number : nil), (1..<0x80).contains(meant) {
                return meant
            }
            break
        }
        throw Malformed(reason: "it holds an entity that is none")
    }
}
