import CryptoPrimitives

/// One of AWS's shared files, in the dialect that botocore reads: Python's RawConfigParser, and indented blocks.
///
/// Comments are whole lines that start with `#` or `;`. A line that is indented deeper than its setting continues it.
/// Names of settings are lowercased. A section or setting that stands twice is an error. What `[DEFAULT]` says holds in
/// every section. The file is read into locked memory, where the secrets in it stay.
///
/// <https://docs.python.org/3.11/library/configparser.html>
struct INIFile: Sendable {
    typealias Settings = [String: INIValue]

    struct Section: Sendable {
        let name: String
        let settings: Settings
    }

    /// In the order of the file.
    let sections: [Section]

    /// The most bytes of a file: whole fleets of profiles fit, and the pages can be locked.
    private static let limit = 256 << 10

    /// - Returns: Nil where there is no such file.
    /// - Throws: `AWSError.configuration` with file and line of what cannot be read.
    init?(reading path: String) throws {
        guard let bytes = try SecretFile.contents(of: path, limit: Self.limit) else { return nil }
        try self.init(bytes, path: path)
    }

    /// - Parameter path: For errors.
    init(_ bytes: SecretBytes, path: String) throws {
        let name = Printable.text(path, limit: 300)
        sections = try bytes.withUnsafeBytes { whole in
            guard whole.isUTF8 else {
                throw AWSError.configuration("\(name) is not UTF-8 text; save it as UTF-8")
            }
            var reader = INIReader(whole, of: bytes, path: name)
            return try reader.read()
        }
        // A block is checked where it stands, wanted or not: what cannot be read whole is not relied on in part.
        for section in sections {
            for value in section.settings.values where value.isBlock { try value.requireBlock() }
        }
    }

    /// Bytes without the ASCII white space around them.
    static func trimmed(_ line: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let start = line.firstIndex { !isSpace($0) } ?? line.endIndex
        let end = line.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return line[start..<end]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte)
    }
}
