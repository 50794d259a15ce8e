import CryptoPrimitives
import PKCS11

extension AsymmetricAlgorithm {
    /// The key pairs that AWS KMS imports.
    static let imported: [AsymmetricAlgorithm] =
        [2048, 3072, 4096].map { .rsa(bits: $0) } + EllipticCurve.allCases.map { .ec($0) }

    var isRSA: Bool {
        if case .rsa = self { true } else { false }
    }

    /// Makes such a key pair on a token by the ceremony's templates.
    func generate(on session: Session, label: String = "key", id: [UInt8] = [1]) async throws -> KeyPair {
        let publicTemplate = KeyTemplates.publicKey(label: label, id: id)
        let privateTemplate = KeyTemplates.privateKey(label: label, id: id)
        return switch self {
        case .rsa(let bits):
            try await session.generateRSA(
                bits: bits, publicTemplate: publicTemplate, privateTemplate: privateTemplate)
        case .ec(let curve):
            try await session.generateEC(curve, publicTemplate: publicTemplate, privateTemplate: privateTemplate)
        }
    }

    var publicKeyOrigin: [Attribute] {
        switch self {
        case .rsa(let bits): KeyTemplates.rsaPublicKeyOrigin(bits: bits)
        case .ec(let curve): KeyTemplates.ecPublicKeyOrigin(curve)
        }
    }

    var privateKeyOrigin: [Attribute] {
        switch self {
        case .rsa: KeyTemplates.rsaPrivateKeyOrigin
        case .ec(let curve): KeyTemplates.ecPrivateKeyOrigin(curve)
        }
    }
}

/// RSA keys in software to wrap under, made once.
enum WrappingKeys {
    private static let made = Result { try [2048, 3072, 4096].map { try RSAPrivateKey(bits: $0) } }

    /// One of each size that AWS KMS has for wrapping.
    static func ofEachSize() throws -> [RSAPrivateKey] { try made.get() }
}

/// The two ways in which a private key leaves a token.
enum PrivateKeyWrap: CaseIterable {
    /// The token's own mechanism.
    case native
    case composed

    func wrap(_ key: Object, under wrappingKey: Object, on session: Session) async throws -> [UInt8] {
        switch self {
        case .native: try await session.wrapRSAAES(key, under: wrappingKey)
        case .composed: try await session.wrapComposed(key, under: wrappingKey)
        }
    }
}

extension RSAPrivateKey {
    /// Opens a blob of RSA_AES_KEY_WRAP in software.
    ///
    /// - Returns: The PKCS#8, exactly as it was wrapped.
    func unwrap(_ blob: [UInt8], hash: OAEPHash = .sha256) throws -> SecretBytes {
        let size = publicKey.modulus.count
        let ephemeral = try decryptOAEP(Array(blob.prefix(size)), hash: hash)
        return try AES256.unwrapKWP(Array(blob.dropFirst(size)), key: ephemeral)
    }
}

extension SecretBytes {
    /// The bytes, which in a test are nobody's secret.
    var exposed: [UInt8] { withUnsafeBytes { Array($0) } }
}
