import CryptoPrimitives

/// Reads the lines of a shared file, one after another.
struct INIReader {
    private typealias Line = Slice<UnsafeRawBufferPointer>

    private struct Setting {
        let line: Int
        var lines: [Range<Int>]
    }
    private struct Section {
        let name: String
        var settings: [String: Setting] = [:]
    }

    private static let defaults = "DEFAULT"

    private let whole: UnsafeRawBufferPointer
    private let bytes: SecretBytes
    private let path: String
    private var sections: [Section] = []
    private var section: Int?
    private var setting: String?
    private var indentation = 0
    private var number = 0

    /// - Parameters:
    ///   - whole: The file's bytes, UTF-8.
    ///   - bytes: What keeps them.
    ///   - path: For errors, printable.
    init(_ whole: UnsafeRawBufferPointer, of bytes: SecretBytes, path: String) {
        self.whole = whole
        self.bytes = bytes
        self.path = path
    }

    /// - Throws: `AWSError.configuration` with the line that cannot be read; a line's text may be a secret and is not told.
    mutating func read() throws -> [INIFile.Section] {
        for line in lines() {
            number += 1
            try take(line)
        }
        let common = values(of: sections.first { $0.name == Self.defaults })
        return sections.filter { $0.name != Self.defaults }.map { section in
            .init(name: section.name, settings: common.merging(values(of: section)) { _, own in own })
        }
    }

    private mutating func take(_ line: Line) throws {
        let text = INIFile.trimmed(line)
        guard let first = text.first else {
            append(text)
            return
        }
        guard first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return }
        let indentation = text.startIndex - line.startIndex
        if setting != nil, indentation > self.indentation {
            append(text)
            return
        }
        self.indentation = indentation
        if let name = Self.header(text) { return try begin(name) }
        guard let section else { throw refusal("a setting stands before the first [section]") }
        try add(text, to: section)
    }

    /// `[name]`, whatever follows: all between the first bracket and the last, if that is anything.
    private static func header(_ text: Line) -> String? {
        guard text.first == UInt8(ascii: "["), let end = text.lastIndex(of: UInt8(ascii: "]")),
            end > text.startIndex + 1
        else { return nil }
        return String(decoding: text[(text.startIndex + 1)..<end], as: UTF8.self)
    }

    private mutating func begin(_ name: String) throws {
        setting = nil
        if let known = sections.firstIndex(where: { $0.name == name }) {
            guard name == Self.defaults else { throw refusal("the section \(Printable.text(name)) stands here again") }
            section = known
        } else {
            sections.append(Section(name: name))
            section = sections.count - 1
        }
    }

    private mutating func add(_ text: Line, to section: Int) throws {
        let delimiters = [UInt8(ascii: "="), UInt8(ascii: ":")]
        guard let delimiter = text.firstIndex(where: delimiters.contains) else { throw refusal("there is no = in it") }
        let name = String(decoding: INIFile.trimmed(text[..<delimiter]), as: UTF8.self).lowercased()
        guard !name.isEmpty else { throw refusal("nothing stands before the =") }
        guard sections[section].settings[name] == nil else {
            throw refusal("\(Printable.text(name)) stands in its section again")
        }
        let value = INIFile.trimmed(text[(delimiter + 1)...])
        sections[section].settings[name] = Setting(line: number, lines: [value.startIndex..<value.endIndex])
        setting = name
    }

    private mutating func append(_ text: Line) {
        guard let section, let setting else { return }
        sections[section].settings[setting]?.lines.append(text.startIndex..<text.endIndex)
    }

    private func values(of section: Section?) -> INIFile.Settings {
        (section?.settings ?? [:]).mapValues {
            INIValue(bytes: bytes, lines: $0.lines, place: "\(path):\($0.line)")
        }
    }

    /// Lines end with LF, CR LF or CR, as Python's text files do.
    private func lines() -> [Line] {
        var lines: [Line] = []
        var start = 0
        var index = 0
        while index < whole.count {
            let byte = whole[index]
            index += 1
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else { continue }
            lines.append(whole[start..<(index - 1)])
            if byte == UInt8(ascii: "\r"), index < whole.count, whole[index] == UInt8(ascii: "\n") { index += 1 }
            start = index
        }
        if start < whole.count { lines.append(whole[start..<whole.count]) }
        return lines
    }

    private func refusal(_ problem: String) -> AWSError {
        .configuration("\(path):\(number) cannot be read: \(problem); correct it")
    }
}
