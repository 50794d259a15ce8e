import AWS
import CryptoPrimitives

/// What a key spec means: what material it takes and what may be done with it.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>
enum KeyType: Hashable, Sendable {
    case symmetric
    case hmac(SHA2)
    case asymmetric(AsymmetricAlgorithm)

    /// Nil of a spec that the emulator does not serve.
    init?(_ spec: KeySpec) {
        switch spec {
        case .symmetricDefault: self = .symmetric
        case .hmac224: self = .hmac(.sha224)
        case .hmac256: self = .hmac(.sha256)
        case .hmac384: self = .hmac(.sha384)
        case .hmac512: self = .hmac(.sha512)
        case .rsa2048: self = .asymmetric(.rsa(bits: 2048))
        case .rsa3072: self = .asymmetric(.rsa(bits: 3072))
        case .rsa4096: self = .asymmetric(.rsa(bits: 4096))
        case .eccNISTP256: self = .asymmetric(.ec(.p256))
        case .eccNISTP384: self = .asymmetric(.ec(.p384))
        case .eccNISTP521: self = .asymmetric(.ec(.p521))
        case .eccSECGP256k1: self = .asymmetric(.ec(.secp256k1))
        default: return nil
        }
    }

    /// AWS's three families, within which alone an alias moves.
    enum Family: Hashable, Sendable {
        case symmetric
        case hmac
        case asymmetric
    }

    var family: Family {
        switch self {
        case .symmetric: .symmetric
        case .hmac: .hmac
        case .asymmetric: .asymmetric
        }
    }

    /// What a key of this type can be made for; the emulator derives no shared secrets.
    var usages: [KeyUsage] {
        switch self {
        case .symmetric: [.encryptDecrypt]
        case .hmac: [.generateVerifyMAC]
        case .asymmetric(.rsa): [.encryptDecrypt, .signVerify]
        case .asymmetric(.ec): [.signVerify]
        }
    }

    func encryptionAlgorithms(for usage: KeyUsage) -> [EncryptionAlgorithm]? {
        guard usage == .encryptDecrypt else { return nil }
        return self == .symmetric ? [.symmetricDefault] : [.rsaesOAEPSHA1, .rsaesOAEPSHA256]
    }

    func signingAlgorithms(for usage: KeyUsage) -> [SigningAlgorithm]? {
        guard usage == .signVerify, case .asymmetric(let algorithm) = self else { return nil }
        return switch algorithm {
        case .rsa:
            [
                .rsassaPKCS1v15SHA256, .rsassaPKCS1v15SHA384, .rsassaPKCS1v15SHA512, .rsassaPSSSHA256,
                .rsassaPSSSHA384, .rsassaPSSSHA512,
            ]
        case .ec(.p256), .ec(.secp256k1): [.ecdsaSHA256]
        case .ec(.p384): [.ecdsaSHA384]
        case .ec(.p521): [.ecdsaSHA512]
        }
    }

    var macAlgorithms: [MACAlgorithm]? {
        guard case .hmac(let hash) = self else { return nil }
        return switch hash {
        case .sha224: [.hmacSHA224]
        case .sha256: [.hmacSHA256]
        case .sha384: [.hmacSHA384]
        case .sha512: [.hmacSHA512]
        }
    }

    /// Key material that the emulator makes: bytes of a secret key, or PKCS#8 of a private one.
    ///
    /// - Throws: `CryptoError` when libcrypto fails.
    func newMaterial() throws -> SecretBytes {
        switch self {
        case .symmetric: try .random(count: 32)
        case .hmac(let hash): try .random(count: hash.size)
        case .asymmetric(let algorithm): try PrivateKey(generating: algorithm).pkcs8()
        }
    }

    /// Material that was imported, in the one form in which the emulator keeps it.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html>
    ///
    /// - Throws: IncorrectKeyMaterialException unless it is a key of this type.
    func accepted(_ material: SecretBytes) throws -> SecretBytes {
        switch self {
        case .symmetric:
            guard material.count == 32 else {
                throw KMSFault.incorrectMaterial("The key material of a symmetric encryption key is 256 bits long.")
            }
            return material
        case .hmac(let hash):
            guard material.count == hash.size else {
                throw KMSFault.incorrectMaterial("The key material of this HMAC key is \(hash.size * 8) bits long.")
            }
            return material
        case .asymmetric(let algorithm):
            guard let key = try? PrivateKey(pkcs8: material), key.algorithm == algorithm else {
                throw KMSFault.incorrectMaterial("The key material is no PKCS #8 private key of the key's spec.")
            }
            return try key.pkcs8()
        }
    }
}
