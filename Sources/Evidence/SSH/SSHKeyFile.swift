import CryptoPrimitives

extension SSHPublicKey {
    private static let (begin, end) = ("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----")

    /// The public half of a key's file as ssh-keygen writes it: a `.pub` file, or a private key in OpenSSH's own form,
    /// which says it without a passphrase (PROTOCOL.key). Nil for any other form, and for a key that no roster has.
    ///
    /// It is what the file says of itself: it tells people early that they named the wrong file, and proves nothing.
    package init?(keyFile bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let key: SSHPublicKey? =
            if lines.count > 2, lines[0] == Self.begin, lines[lines.count - 1] == Self.end {
                Base64.decode(lines.dropFirst().dropLast().joined()).flatMap(Self.publicHalf)
            } else {
                lines.first.flatMap {
                    try? SSHPublicKey(line: $0.split(separator: " ").prefix(2).joined(separator: " "))
                }
            }
        guard let key else { return nil }
        self = key
    }

    private static func publicHalf(of privateKey: [UInt8]) -> SSHPublicKey? {
        var reader = SSHWireReader(privateKey)
        let magic = Array("openssh-key-v1\0".utf8)
        guard (try? reader.bytes(magic.count)) == magic else { return nil }
        // The cipher, how its key is derived and from what, and how many keys there are.
        for _ in 0..<3 { guard (try? reader.string()) != nil else { return nil } }
        guard (try? reader.uint32()) == 1, let blob = try? reader.string() else { return nil }
        return try? SSHPublicKey(blob: blob)
    }
}
