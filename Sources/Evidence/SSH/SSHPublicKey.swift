package import CryptoPrimitives

/// A public key as OpenSSH writes it (RFC 5656, 3.1; RFC 8709, 4), of the two kinds a roster may name.
package enum SSHPublicKey: Hashable, Sendable {
    case ecdsaP256(P256PublicKey)
    case ed25519(Ed25519PublicKey)

    /// Reads `TYPE BASE64`, without a comment, in its one form.
    ///
    /// - Throws: `SSHFormatError` for any other kind, form or length.
    package init(line: String) throws {
        let fields = line.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 2, let blob = Base64.decode(String(fields[1])) else {
            throw SSHFormatError(reason: "a public key is \"TYPE BASE64\", one space between them and no comment")
        }
        let key = try SSHPublicKey(blob: blob)
        guard key.line.utf8.elementsEqual(line.utf8) else {
            throw SSHFormatError(reason: "the public key's type is not the one its bytes name, \(key.type)")
        }
        self = key
    }

    /// Reads the key's wire form, and nothing after it.
    ///
    /// - Throws: `SSHFormatError` for any other kind, form or length.
    package init(blob: [UInt8]) throws {
        var reader = SSHWireReader(blob)
        let type = try reader.string()
        do {
            switch String(decoding: type, as: UTF8.self) {
            case Self.p256Type:
                try reader.expect("nistp256", as: "the public key's curve")
                self = .ecdsaP256(try P256PublicKey(point: try reader.string()))
            case Self.ed25519Type:
                self = .ed25519(try Ed25519PublicKey(bytes: try reader.string()))
            default:
                throw SSHFormatError(reason: "the public key is neither \(Self.p256Type) nor \(Self.ed25519Type)")
            }
        } catch let error as CryptoError {
            throw SSHFormatError(reason: "the public key is none: \(error.operation)")
        }
        try reader.finish()
    }

    private static let p256Type = "ecdsa-sha2-nistp256"
    private static let ed25519Type = "ssh-ed25519"

    /// The name of the key's and its signatures' algorithm.
    package var type: String {
        switch self {
        case .ecdsaP256: Self.p256Type
        case .ed25519: Self.ed25519Type
        }
    }

    /// The key's wire form.
    package var blob: [UInt8] {
        switch self {
        case .ecdsaP256(let key): SSHWire.string(type) + SSHWire.string("nistp256") + SSHWire.string(key.point)
        case .ed25519(let key): SSHWire.string(type) + SSHWire.string(key.bytes)
        }
    }

    /// `TYPE BASE64`, as in a `.pub` file without its comment.
    package var line: String { "\(type) \(Base64.encode(blob))" }

    /// `SHA256:…` as `ssh-keygen -l` shows it: for people. Compare keys, not fingerprints.
    package var fingerprint: String {
        "SHA256:" + Base64.encode(SHA256Digest(of: blob).bytes).prefix { $0 != "=" }
    }
}
