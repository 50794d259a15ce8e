import CryptoPrimitives

/// What stands between the lines of a private key's file in OpenSSH's own form (PROTOCOL.key), of which only the beginning is
/// decoded.
package struct PrivateKeyArmor {
    private static let magic = Array("openssh-key-v1\0".utf8)
    /// More than any public half or name of a cipher has.
    private static let longest = 16 << 10
    private let base64: UnsafeRawBufferPointer.SubSequence

    /// Nil for a file of another form.
    package init?(_ file: UnsafeRawBufferPointer) {
        let begin = Array("-----BEGIN OPENSSH PRIVATE KEY-----\n".utf8)
        guard file.starts(with: begin) else { return nil }
        base64 = file.dropFirst(begin.count)
    }

    /// Whether a passphrase is wanted for it: its cipher has a name other than `none`.
    package var isEncrypted: Bool {
        guard decoded(Self.magic.count) == Self.magic, let length = number(at: Self.magic.count) else { return false }
        let end = Self.magic.count + 4
        return decoded(end + length).map { Array($0[end...]) != Array("none".utf8) } ?? false
    }

    /// The blob of the one key in it; nil where it is no such file.
    package var publicHalf: [UInt8]? {
        guard decoded(Self.magic.count) == Self.magic else { return nil }
        var end = Self.magic.count
        // The cipher, how its key is derived, and from what.
        for _ in 0..<3 {
            guard let length = number(at: end) else { return nil }
            end += 4 + length
        }
        // How many keys there are.
        guard number(at: end) == 1, let length = number(at: end + 4) else { return nil }
        end += 8
        return decoded(end + length).map { Array($0[end...]) }
    }

    private func number(at offset: Int) -> Int? {
        guard let bytes = decoded(offset + 4) else { return nil }
        let number = bytes[offset...].reduce(0) { $0 << 8 | Int($1) }
        return number <= Self.longest ? number : nil
    }

    /// The first so many bytes; nil where there are fewer.
    private func decoded(_ count: Int) -> [UInt8]? {
        let digits = base64.lazy.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            .prefix((count + 2) / 3 * 4)
        guard let bytes = Base64.decode(String(decoding: Array(digits), as: UTF8.self)), bytes.count >= count else {
            return nil
        }
        return Array(bytes.prefix(count))
    }
}
