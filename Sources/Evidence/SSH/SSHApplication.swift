/// What a FIDO2 key was made for, which its authenticator signs with everything else: `ssh:` and perhaps more.
package struct SSHApplication: Hashable, Sendable {
    /// The most bytes that one may have. OpenSSH's own has four.
    private static let limit = 64

    /// `ssh:…`, of 0x21 to 0x7E alone.
    package let bytes: [UInt8]

    /// - Throws: `SSHFormatError` for any other: authenticators sign for web sites too.
    init(bytes: [UInt8]) throws(SSHFormatError) {
        guard bytes.count <= Self.limit, bytes.starts(with: "ssh:".utf8),
            bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw SSHFormatError(
                reason: "its application is not \"ssh:\" and more in printable ASCII, \(Self.limit) bytes at most")
        }
        self.bytes = bytes
    }
}
