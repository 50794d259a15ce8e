import CP11Kit

/// A mechanism's number: CKM_.
package struct MechanismType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt

    package init(rawValue: UInt) { self.rawValue = rawValue }

    package static let aesKeyGeneration = MechanismType(rawValue: CKM_AES_KEY_GEN)
    package static let aesECB = MechanismType(rawValue: CKM_AES_ECB)
    package static let ecKeyPairGeneration = MechanismType(rawValue: CKM_EC_KEY_PAIR_GEN)
    package static let ecdsa = MechanismType(rawValue: CKM_ECDSA)
    package static let rsaOAEP = MechanismType(rawValue: CKM_RSA_PKCS_OAEP)
}
