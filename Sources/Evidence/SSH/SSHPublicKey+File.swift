import CryptoPrimitives

extension SSHPublicKey {
    /// The public half of a key's file as ssh-keygen writes it: a `.pub` file, or a private key in OpenSSH's own form,
    /// which says it without a passphrase (PROTOCOL.key). Nil for any other form, and for a key that no roster has.
    ///
    /// It is what the file says of itself: it tells people early that they named the wrong file, and proves nothing. Of a
    /// private key nothing behind the public half is decoded or copied.
    package init?(keyFile bytes: UnsafeRawBufferPointer) {
        let key =
            if let armor = PrivateKeyArmor(bytes) {
                armor.publicHalf.flatMap { try? SSHPublicKey(blob: $0) }
            } else {
                Self.line(of: bytes).flatMap { try? SSHPublicKey(line: $0) }
            }
        guard let key else { return nil }
        self = key
    }

    /// The first two words of the first line; the third is a comment.
    private static func line(of file: UnsafeRawBufferPointer) -> String? {
        guard file.starts(with: "ssh-".utf8) || file.starts(with: "ecdsa-".utf8) || file.starts(with: "sk-".utf8) else {
            return nil
        }
        return String(decoding: file.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            .split(separator: " ").prefix(2).joined(separator: " ")
    }
}

/// What stands between the lines of an OpenSSH private key's file, of which only the beginning is decoded.
private struct PrivateKeyArmor {
    private static let magic = Array("openssh-key-v1\0".utf8)
    /// More than any public half or name of a cipher has.
    private static let longest = 16 << 10
    private let base64: UnsafeRawBufferPointer.SubSequence

    init?(_ file: UnsafeRawBufferPointer) {
        let begin = Array("-----BEGIN OPENSSH PRIVATE KEY-----\n".utf8)
        guard file.starts(with: begin) else { return nil }
        base64 = file.dropFirst(begin.count)
    }

    /// The blob of the one key in it; nil where it is no such file.
    var publicHalf: [UInt8]? {
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
