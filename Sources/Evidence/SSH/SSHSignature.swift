package import CryptoPrimitives

/// A detached signature in the format of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig), read in one form only.
///
/// One thing is not unique: whoever has an ECDSA signature (r, s) can make (r, n − s), which verifies too, here as in
/// OpenSSH. It signs nothing else, but it has another hash; so evidence names the hash of the signature it counted.
/// The like for Ed25519, (R, S + L), is accepted by OpenSSH 9.2 and refused here (RFC 8032, 5.1.7).
package struct SSHSignature: Hashable, Sendable {
    /// The hash of the message inside what is signed. ECDSA P-256 hashes *that* with SHA-256 whichever this is.
    package enum Hash: String, Sendable {
        case sha256
        case sha512

        func digest(_ message: [UInt8]) -> [UInt8] {
            switch self {
            case .sha256: SHA256Digest(of: message).bytes
            case .sha512: SHA512.hash(message)
            }
        }
    }

    package let publicKey: SSHPublicKey
    /// What the signature is for: `[a-z0-9.-]+`.
    package let namespace: String
    package let hash: Hash
    /// 64 bytes: r ‖ s, big-endian, for ECDSA P-256 (as PKCS#11 has them); R ‖ S of RFC 8032 for Ed25519.
    package let rawSignature: [UInt8]
    /// What a FIDO2 authenticator said with it; nil exactly for a plain key's.
    package let assertion: SSHAssertion?

    /// Wraps a signature that a token made over `bytesToSign`.
    ///
    /// - Parameter rawSignature: r ‖ s, 32 bytes each, big-endian, as `CKM_ECDSA` returns them.
    /// - Throws: `SSHSignatureError.malformed` for numbers or a namespace that no signature has. Whether it verifies is
    ///   for `verify` to say.
    package init(
        ecdsaP256 rawSignature: [UInt8], key: P256PublicKey, namespace: String, hash: Hash = .sha512
    ) throws {
        try self.init(rawSignature, nil, key: .ecdsaP256(key), namespace: Array(namespace.utf8), hash: hash)
    }

    /// Reads a `.sig` file.
    ///
    /// - Parameter armored: The whole file, byte for byte what `ssh-keygen -Y sign` writes: lines of 70, nothing before
    ///   BEGIN, nothing after END and its line feed.
    /// - Throws: `SSHSignatureError.malformed` for any other form, version, hash, kind of key or namespace.
    package init(armored: [UInt8]) throws {
        do {
            self = try Self.read(armored)
        } catch let error as SSHFormatError {
            throw SSHSignatureError.malformed(error.reason)
        }
        guard self.armored == armored else {
            throw SSHSignatureError.malformed("the armor is not as ssh-keygen writes it")
        }
    }

    private init(
        _ raw: [UInt8], _ assertion: SSHAssertion?, key: SSHPublicKey, namespace: [UInt8], hash: Hash
    ) throws {
        guard raw.count == 64 else { throw SSHSignatureError.malformed("a signature is not 64 bytes") }
        if case .ecdsaP256 = key.plain {
            guard [raw.prefix(32), raw.suffix(32)].allSatisfy(Self.isScalar) else {
                throw SSHSignatureError.malformed("r or s is zero or not below the order of P-256")
            }
        } else {
            guard raw.suffix(32).reversed().lexicographicallyPrecedes(Self.ed25519Order) else {
                throw SSHSignatureError.malformed("S is not below the order of Ed25519's group")
            }
        }
        guard (1...128).contains(namespace.count), namespace.allSatisfy(Self.isNamespaceByte) else {
            throw SSHSignatureError.malformed("the namespace is not 1 to 128 of a-z, 0-9, \".\" and \"-\"")
        }
        rawSignature = raw
        self.assertion = assertion
        publicKey = key
        self.namespace = String(decoding: namespace, as: UTF8.self)
        self.hash = hash
    }

    /// Whether this signs `message`, for this purpose, with this key.
    ///
    /// - Parameters:
    ///   - message: The signed file's bytes.
    ///   - namespace: The purpose it must have been made for.
    ///   - key: The key it must have been made with, taken from the roster and not from the signature.
    /// - Throws: `SSHSignatureError` naming why not; `CryptoError` when libcrypto cannot say.
    package func verify(message: [UInt8], namespace: String, key: SSHPublicKey) throws {
        guard self.namespace.utf8.elementsEqual(namespace.utf8) else {
            throw SSHSignatureError.otherNamespace(found: self.namespace, expected: namespace)
        }
        guard publicKey == key else {
            throw SSHSignatureError.otherKey(found: publicKey.fingerprint, expected: key.fingerprint)
        }
        var signed = Self.bytesToSign(message: message, namespace: namespace, hash: hash)
        if let assertion, let application = key.application {
            signed = assertion.bytesToSign(signed, for: application)
        }
        let valid =
            switch key {
            case .ecdsaP256(let key), .authenticatorP256(let key, _):
                try key.isValid(
                    r: Array(rawSignature.prefix(32)), s: Array(rawSignature.suffix(32)),
                    digest: SHA256Digest(of: signed))
            case .ed25519(let key), .authenticatorEd25519(let key, _):
                try key.isValid(signature: rawSignature, message: signed)
            }
        guard valid else { throw SSHSignatureError.doesNotVerify(key: key.fingerprint) }
    }

    /// What a key signs for a message. An ECDSA P-256 token is given the SHA-256 of these bytes, an Ed25519 one the bytes.
    package static func bytesToSign(message: [UInt8], namespace: String, hash: Hash = .sha512) -> [UInt8] {
        magic + SSHWire.string(namespace) + SSHWire.string([]) + SSHWire.string(hash.rawValue)
            + SSHWire.string(hash.digest(message))
    }

    /// The `.sig` file.
    package var armored: [UInt8] {
        let base64 = Array(Base64.encode(blob).utf8)
        let lines = stride(from: 0, to: base64.count, by: 70).flatMap { start in
            base64[start..<min(start + 70, base64.count)] + [UInt8(ascii: "\n")]
        }
        return Array(Self.begin.utf8) + lines + Array(Self.end.utf8)
    }
}

extension SSHSignature {
    private static let magic = Array("SSHSIG".utf8)
    private static let begin = "-----BEGIN SSH SIGNATURE-----\n"
    private static let end = "-----END SSH SIGNATURE-----\n"
    /// Several times what a signature with these keys needs.
    private static let limit = 4096

    private var blob: [UInt8] {
        Self.magic + SSHWire.uint32(1) + SSHWire.string(publicKey.blob) + SSHWire.string(namespace)
            + SSHWire.string([]) + SSHWire.string(hash.rawValue) + SSHWire.string(signatureBlob)
    }

    private var signatureBlob: [UInt8] {
        let value =
            switch publicKey {
            case .ecdsaP256, .authenticatorP256:
                SSHWire.number(rawSignature.prefix(32)) + SSHWire.number(rawSignature.suffix(32))
            case .ed25519, .authenticatorEd25519: rawSignature
            }
        return SSHWire.string(publicKey.type) + SSHWire.string(value) + (assertion?.wire ?? [])
    }

    private static func read(_ armored: [UInt8]) throws -> SSHSignature {
        guard armored.count <= limit else { throw SSHFormatError(reason: "it is over \(limit) bytes") }
        guard armored.starts(with: begin.utf8), armored.suffix(end.utf8.count).elementsEqual(end.utf8) else {
            throw SSHFormatError(reason: "it does not begin and end with the SSH SIGNATURE lines and one line feed")
        }
        let body = armored.dropFirst(begin.utf8.count).dropLast(end.utf8.count).filter { $0 != UInt8(ascii: "\n") }
        guard let blob = Base64.decode(String(decoding: body, as: UTF8.self)) else {
            throw SSHFormatError(reason: "between its first and last line stands other than base64")
        }
        var reader = SSHWireReader(blob)
        guard try reader.bytes(magic.count) == magic, try reader.uint32() == 1 else {
            throw SSHFormatError(reason: "it is no SSHSIG of version 1")
        }
        let key = try SSHPublicKey(blob: try reader.string())
        let namespace = try reader.string()
        try reader.expect("", as: "the reserved field")
        guard let hash = Hash(rawValue: String(decoding: try reader.string(), as: UTF8.self)) else {
            throw SSHFormatError(reason: "its hash is neither sha256 nor sha512")
        }
        let signature = try reader.string()
        try reader.finish()
        let (value, assertion) = try readValue(signature, of: key)
        return try SSHSignature(value, assertion, key: key, namespace: namespace, hash: hash)
    }

    private static func readValue(_ signature: [UInt8], of key: SSHPublicKey) throws -> ([UInt8], SSHAssertion?) {
        var reader = SSHWireReader(signature)
        try reader.expect(key.type, as: "the signature's type")
        let value = try reader.string()
        var assertion: SSHAssertion?
        if key.application != nil {
            assertion = try SSHAssertion(flags: try reader.bytes(1)[0], counter: try reader.uint32())
        }
        try reader.finish()
        guard case .ecdsaP256 = key.plain else { return (value, assertion) }
        return (try readNumbers(value), assertion)
    }

    private static func readNumbers(_ value: [UInt8]) throws -> [UInt8] {
        var numbers = SSHWireReader(value)
        let r = try numbers.positiveNumber(size: 32)
        let s = try numbers.positiveNumber(size: 32)
        try numbers.finish()
        return r + s
    }

    /// The order of P-256 (SEC 2, 2.4.2).
    private static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// The order of Ed25519's group (RFC 8032, 5.1), big-endian.
    private static let ed25519Order: [UInt8] =
        [0x10] + [UInt8](repeating: 0, count: 15) + [
            0x14, 0xDE, 0xF9, 0xDE, 0xA2, 0xF7, 0x9C, 0xD6, 0x58, 0x12, 0x63, 0x1A, 0x5C, 0xF5, 0xD3, 0xED,
        ]

    private static func isScalar(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.contains { $0 != 0 } && bytes.lexicographicallyPrecedes(order)
    }

    private static func isNamespaceByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
