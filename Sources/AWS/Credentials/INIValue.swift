import CryptoPrimitives

/// A value of a shared file: where it stands, in bytes that stay in locked memory.
struct INIValue: Sendable {
    /// The whole file.
    private let bytes: SecretBytes
    /// Its lines without the white space around them, the empty ones at the end left out.
    private let lines: [Range<Int>]
    /// `file:line`, for errors.
    let place: String

    init(bytes: SecretBytes, lines: [Range<Int>], place: String) {
        self.bytes = bytes
        var lines = lines
        while lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines
        self.place = place
    }

    /// Whether an indented block stands below the name in place of a value: `s3 =` and settings of its own.
    var isBlock: Bool { lines.count > 1 && lines.first?.isEmpty == true }

    /// The value as text, never for a secret.
    var text: String {
        bytes.withUnsafeBytes { whole in
            lines.map { String(decoding: whole[$0], as: UTF8.self) }.joined(separator: "\n")
        }
    }

    /// The value in locked memory of its own.
    ///
    /// - Throws: `CryptoError` when memory cannot be locked.
    func secret() throws -> SecretBytes {
        let size = lines.reduce(lines.count - 1) { $0 + $1.count }
        return try bytes.withUnsafeBytes { whole in
            try SecretBytes(capacity: size) { buffer in
                var end = 0
                for (number, line) in lines.enumerated() {
                    if number > 0 {
                        buffer[end] = UInt8(ascii: "\n")
                        end += 1
                    }
                    UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyBytes(from: whole[line])
                    end += line.count
                }
                return end
            }
        }
    }

    /// Checks that every line of the indented block is a setting, without a copy of any.
    ///
    /// - Throws: `AWSError.configuration` for a line that is none.
    func requireBlock() throws {
        let isWhole = bytes.withUnsafeBytes { whole in
            lines.allSatisfy { $0.isEmpty || whole[$0].contains(UInt8(ascii: "=")) }
        }
        guard isWhole else {
            throw AWSError.configuration("\(place): the block below it has a line without =; correct it")
        }
    }

    /// The settings of the indented block; their names keep their case.
    ///
    /// - Throws: `AWSError.configuration` for a line that is no setting.
    func block() throws -> [String: String] {
        try requireBlock()
        var settings: [String: String] = [:]
        bytes.withUnsafeBytes { whole in
            for line in lines where !line.isEmpty {
                let halves = whole[line]
                    .split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                    .map { String(decoding: INIFile.trimmed($0), as: UTF8.self) }
                settings[halves[0]] = halves[1]
            }
        }
        return settings
    }
}
