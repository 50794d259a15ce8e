import CryptoPrimitives
import Evidence

/// Keys and signatures, and what is sealed to a key.
enum Keys {
    static func signature(_ bytes: [UInt8]) throws {
        guard let signature = try? SSHSignature(armored: bytes) else { return }
        try Finding.unless(signature.armored == bytes, "a signature in two forms")
    }

    static func publicKey(_ bytes: [UInt8]) throws {
        guard let line = String(validating: bytes, as: UTF8.self), let key = try? SSHPublicKey(line: line) else {
            return
        }
        try Finding.unless(key.line.utf8.elementsEqual(line.utf8), "a key in two forms")
        _ = key.fingerprint
    }

    /// A `.pub` file or a private key, of which only the public half is read.
    static func keyFile(_ bytes: [UInt8]) throws {
        bytes.withUnsafeBytes { file in
            _ = SSHPublicKey(keyFile: file)
            _ = PrivateKeyArmor(file)?.isEncrypted
        }
    }

    /// What travels across an air gap sealed, and the certificate that it is sealed to.
    static func sealed(_ bytes: [UInt8]) throws {
        let key = try recipient.get()
        let opened = try Finding.refusing(CryptoError.self) { try key.open(bytes) }
        try Finding.unless(opened == nil, "something opens that nobody sealed")
        let certificate = try Finding.refusing(CryptoError.self) { try SealingCertificate(der: bytes) }
        try Finding.unless(certificate.map { $0.der == bytes } ?? true, "a certificate in two forms")
    }

    /// A wrapping key as a service hands it out, and an ECDSA signature as DSSE has it.
    static func der(_ bytes: [UInt8]) throws {
        _ = try Finding.refusing(CryptoError.self) { try RSAPublicKey(spki: bytes) }
        let signature = try Finding.refusing(CryptoError.self) { try P256Signature(der: bytes) }
        try Finding.unless(signature.map { (try? $0.der()) == bytes } ?? true, "a signature in two forms")
    }

    private static let recipient = Result { try SealingKey(generatingFor: "decoders") }
}
