import CP11Kit
package import CryptoPrimitives

/// A mechanism's number: CKM_.
package struct MechanismType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt

    package init(rawValue: UInt) { self.rawValue = rawValue }

    package static let aesKeyGeneration = MechanismType(rawValue: CKM_AES_KEY_GEN)
    package static let genericSecretKeyGeneration = MechanismType(rawValue: CKM_GENERIC_SECRET_KEY_GEN)
    package static let ecKeyPairGeneration = MechanismType(rawValue: CKM_EC_KEY_PAIR_GEN)
    package static let rsaKeyPairGeneration = MechanismType(rawValue: CKM_RSA_PKCS_KEY_PAIR_GEN)
    package static let aesECB = MechanismType(rawValue: CKM_AES_ECB)
    package static let ecdsa = MechanismType(rawValue: CKM_ECDSA)
    package static let rsaPKCS = MechanismType(rawValue: CKM_RSA_PKCS)
    package static let rsaOAEP = MechanismType(rawValue: CKM_RSA_PKCS_OAEP)
    package static let aesKeyWrapPad = MechanismType(rawValue: CKM_AES_KEY_WRAP_PAD)
    package static let rsaAESKeyWrap = MechanismType(rawValue: CKM_RSA_AES_KEY_WRAP)
    package static let aesECBEncryptData = MechanismType(rawValue: CKM_AES_ECB_ENCRYPT_DATA)
    package static let sha256KeyDerivation = MechanismType(rawValue: CKM_SHA256_KEY_DERIVATION)

    package static func hmac(_ hash: SHA2) -> MechanismType {
        switch hash {
        case .sha224: MechanismType(rawValue: CKM_SHA224_HMAC)
        case .sha256: MechanismType(rawValue: CKM_SHA256_HMAC)
        case .sha384: MechanismType(rawValue: CKM_SHA384_HMAC)
        case .sha512: MechanismType(rawValue: CKM_SHA512_HMAC)
        }
    }

    /// The standard's name of the mechanisms used here, else the number in hex.
    package var description: String { Self.names[rawValue] ?? "CKM 0x" + String(rawValue, radix: 16) }

    private static let names: [UInt: String] = [
        CKM_AES_KEY_GEN: "CKM_AES_KEY_GEN", CKM_GENERIC_SECRET_KEY_GEN: "CKM_GENERIC_SECRET_KEY_GEN",
        CKM_EC_KEY_PAIR_GEN: "CKM_EC_KEY_PAIR_GEN", CKM_RSA_PKCS_KEY_PAIR_GEN: "CKM_RSA_PKCS_KEY_PAIR_GEN",
        CKM_AES_ECB: "CKM_AES_ECB", CKM_ECDSA: "CKM_ECDSA", CKM_RSA_PKCS: "CKM_RSA_PKCS",
        CKM_RSA_PKCS_OAEP: "CKM_RSA_PKCS_OAEP",
        CKM_AES_KEY_WRAP_PAD: "CKM_AES_KEY_WRAP_PAD", CKM_RSA_AES_KEY_WRAP: "CKM_RSA_AES_KEY_WRAP",
        CKM_SHA224_HMAC: "CKM_SHA224_HMAC", CKM_SHA256_HMAC: "CKM_SHA256_HMAC", CKM_SHA384_HMAC: "CKM_SHA384_HMAC",
        CKM_SHA512_HMAC: "CKM_SHA512_HMAC", CKM_AES_ECB_ENCRYPT_DATA: "CKM_AES_ECB_ENCRYPT_DATA",
        CKM_SHA256_KEY_DERIVATION: "CKM_SHA256_KEY_DERIVATION",
    ]
}
