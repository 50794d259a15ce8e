/// Reads the data types of the SSH protocol (RFC 4251, 5), each in its one form.
struct SSHWireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

    mutating func bytes(_ count: Int) throws(SSHFormatError) -> [UInt8] {
        guard count <= rest.count else { throw SSHFormatError(reason: "ends too early") }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func uint32() throws(SSHFormatError) -> UInt32 {
        try bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func string() throws(SSHFormatError) -> [UInt8] {
        try bytes(Int(try uint32()))
    }

    /// A string that must be exactly this text.
    mutating func expect(_ text: String, as what: String) throws(SSHFormatError) {
        guard try string() == Array(text.utf8) else { throw SSHFormatError(reason: "\(what) is not \"\(text)\"") }
    }

    /// A positive number in its shortest form.
    ///
    /// - Returns: `size` bytes, big-endian.
    mutating func positiveNumber(size: Int) throws(SSHFormatError) -> [UInt8] {
        let number = try string()
        guard let first = number.first else { throw SSHFormatError(reason: "a number is zero") }
        guard first < 0x80 else { throw SSHFormatError(reason: "a number is negative") }
        if first == 0 {
            guard number.count > 1, number[1] >= 0x80 else {
                throw SSHFormatError(reason: "a number is not in its shortest form")
            }
        }
        let magnitude = number.drop { $0 == 0 }
        guard magnitude.count <= size else { throw SSHFormatError(reason: "a number is too large") }
        return [UInt8](repeating: 0, count: size - magnitude.count) + magnitude
    }

    func finish() throws(SSHFormatError) {
        guard rest.isEmpty else { throw SSHFormatError(reason: "\(rest.count) bytes too many") }
    }
}

/// Writes the data types of the SSH protocol (RFC 4251, 5).
enum SSHWire {
    static func uint32(_ number: Int) -> [UInt8] {
        let number = UInt32(number)
        return stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }

    static func string(_ bytes: [UInt8]) -> [UInt8] { uint32(bytes.count) + bytes }

    static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

    /// A positive number: without leading zeros, but with one where the first bit would read as a sign.
    static func number(_ bigEndian: some Sequence<UInt8>) -> [UInt8] {
        let magnitude = bigEndian.drop { $0 == 0 }
        let first = magnitude.first { _ in true } ?? 0
        return string((first >= 0x80 ? [0] : []) + magnitude)
    }
}
