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
