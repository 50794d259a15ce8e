package import CryptoPrimitives

/// A public key as OpenSSH writes it (RFC 5656, 3.1; RFC 8709, 4; OpenSSH's PROTOCOL.u2f), of the kinds a roster may name.
package enum SSHPublicKey: Hashable, Sendable {
    case ecdsaP256(P256PublicKey)
    case ed25519(Ed25519PublicKey)
    /// A key that never leaves a FIDO2 authenticator, made for one application.
    case authenticatorP256(P256PublicKey, SSHApplication)
    case authenticatorEd25519(Ed25519PublicKey, SSHApplication)

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
            case Self.authenticatorP256Type:
                try reader.expect("nistp256", as: "the public key's curve")
                let key = try P256PublicKey(point: try reader.string())
                self = .authenticatorP256(key, try SSHApplication(bytes: try reader.string()))
            case Self.authenticatorEd25519Type:
                let key = try Ed25519PublicKey(bytes: try reader.string())
                self = .authenticatorEd25519(key, try SSHApplication(bytes: try reader.string()))
            case let other:
                throw SSHFormatError(reason: "the public key is \(Self.refused[other] ?? "of an unknown kind")")
            }
        } catch let error as CryptoError {
            throw SSHFormatError(reason: "the public key is none: \(error.operation)")
        }
        try reader.finish()
    }

    private static let p256Type = "ecdsa-sha2-nistp256"
    private static let ed25519Type = "ssh-ed25519"
    private static let authenticatorP256Type = "sk-ecdsa-sha2-nistp256@openssh.com"
    private static let authenticatorEd25519Type = "sk-ssh-ed25519@openssh.com"

    /// What else OpenSSH has, by name.
    private static let refused = [
        "ssh-rsa": "an RSA key", "ssh-dss": "a DSA key", "ecdsa-sha2-nistp384": "an ECDSA P-384 key",
        "ecdsa-sha2-nistp521": "an ECDSA P-521 key", "ssh-xmss@openssh.com": "an XMSS key",
    ].merging(
        [
            "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-ed25519",
            "sk-ecdsa-sha2-nistp256", "sk-ssh-ed25519",
        ].map { ("\($0)-cert-v01@openssh.com", "a certificate") }
    ) { $1 }

    /// The name of the key's and its signatures' algorithm.
    package var type: String {
        switch self {
        case .ecdsaP256: Self.p256Type
        case .ed25519: Self.ed25519Type
        case .authenticatorP256: Self.authenticatorP256Type
        case .authenticatorEd25519: Self.authenticatorEd25519Type
        }
    }

    /// Whether a FIDO2 authenticator holds it, for which application; nil for a plain key.
    package var application: SSHApplication? {
        switch self {
        case .ecdsaP256, .ed25519: nil
        case .authenticatorP256(_, let application), .authenticatorEd25519(_, let application): application
        }
    }

    /// The key without its application: what makes one key out of all names for it.
    package var plain: SSHPublicKey {
        switch self {
        case .ecdsaP256, .ed25519: self
        case .authenticatorP256(let key, _): .ecdsaP256(key)
        case .authenticatorEd25519(let key, _): .ed25519(key)
        }
    }

    /// The key's wire form.
    package var blob: [UInt8] {
        let key =
            switch plain {
            case .ecdsaP256(let key), .authenticatorP256(let key, _):
                SSHWire.string("nistp256") + SSHWire.string(key.point)
            case .ed25519(let key), .authenticatorEd25519(let key, _): SSHWire.string(key.bytes)
            }
        return SSHWire.string(type) + key + (application.map { SSHWire.string($0.bytes) } ?? [])
    }

    /// `TYPE BASE64`, as in a `.pub` file without its comment.
    package var line: String { "\(type) \(Base64.encode(blob))" }

    /// `SHA256:…` as `ssh-keygen -l` shows it: for people. Compare keys, not fingerprints.
    package var fingerprint: String {
        "SHA256:" + Base64.encode(SHA256Digest(of: blob).bytes).prefix { $0 != "=" }
    }
}
