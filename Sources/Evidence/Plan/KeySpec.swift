/// What a KMS key is, by KMS's name for it: every kind whose material can be imported and made on an HSM here.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html>
package enum KeySpec: String, Codable, Hashable, Sendable, CaseIterable {
    case symmetric = "SYMMETRIC_DEFAULT"
    case hmac224 = "HMAC_224"
    case hmac256 = "HMAC_256"
    case hmac384 = "HMAC_384"
    case hmac512 = "HMAC_512"
    case rsa2048 = "RSA_2048"
    case rsa3072 = "RSA_3072"
    case rsa4096 = "RSA_4096"
    case p256 = "ECC_NIST_P256"
    case p384 = "ECC_NIST_P384"
    case p521 = "ECC_NIST_P521"
    case secp256k1 = "ECC_SECG_P256K1"
}

/// How keys of one kind are made, wrapped and recognized.
package enum KeyFamily: Hashable, Sendable {
    case aes
    case hmac
    case rsa
    case ec
}

/// What a KMS key may be used for, by KMS's name for it.
package enum KeyUsage: String, Codable, Hashable, Sendable {
    case encryptDecrypt = "ENCRYPT_DECRYPT"
    case generateVerifyMAC = "GENERATE_VERIFY_MAC"
    case signVerify = "SIGN_VERIFY"
    case keyAgreement = "KEY_AGREEMENT"
}

extension KeySpec {
    package var family: KeyFamily {
        switch self {
        case .symmetric: .aes
        case .hmac224, .hmac256, .hmac384, .hmac512: .hmac
        case .rsa2048, .rsa3072, .rsa4096: .rsa
        case .p256, .p384, .p521, .secp256k1: .ec
        }
    }

    /// The usages that KMS lets such a key have; the first is the one to expect.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>
    package var usages: [KeyUsage] {
        switch self {
        case .symmetric: [.encryptDecrypt]
        case .hmac224, .hmac256, .hmac384, .hmac512: [.generateVerifyMAC]
        case .rsa2048, .rsa3072, .rsa4096: [.signVerify, .encryptDecrypt]
        case .p256, .p384, .p521: [.signVerify, .keyAgreement]
        case .secp256k1: [.signVerify]
        }
    }

    /// The bytes of a secret key's material; nil for a key pair.
    ///
    /// HMAC keys have as many as their hash (`HMAC_224`: 28).
    package var secretBytes: Int? {
        switch self {
        case .symmetric, .hmac256: 32
        case .hmac224: 28
        case .hmac384: 48
        case .hmac512: 64
        case .rsa2048, .rsa3072, .rsa4096, .p256, .p384, .p521, .secp256k1: nil
        }
    }

    /// Whether KMS keeps several materials in such a key, each with an id, a description and a state, and rotates it.
    ///
    /// Every other key has one material for ever, without a name: what identifies it is the commitment that KMS itself
    /// can be had to compute.
    package var keepsMaterials: Bool { self == .symmetric }

    /// How its material is wrapped for KMS.
    package var algorithm: WrappingAlgorithm {
        switch family {
        case .aes, .hmac: .oaep
        case .rsa, .ec: .rsaAES
        }
    }

    /// How the HSM can come to such a blob.
    package var ways: [WrappingWay] {
        switch family {
        case .aes, .hmac: [.direct]
        case .rsa, .ec: [.byToken, .composed]
        }
    }
}
