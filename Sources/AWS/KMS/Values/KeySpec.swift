/// The kind of key material a key holds.
package struct KeySpec: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let rsa2048 = KeySpec(rawValue: "RSA_2048")
    package static let rsa3072 = KeySpec(rawValue: "RSA_3072")
    package static let rsa4096 = KeySpec(rawValue: "RSA_4096")
    package static let eccNISTP256 = KeySpec(rawValue: "ECC_NIST_P256")
    package static let eccNISTP384 = KeySpec(rawValue: "ECC_NIST_P384")
    package static let eccNISTP521 = KeySpec(rawValue: "ECC_NIST_P521")
    package static let eccSECGP256k1 = KeySpec(rawValue: "ECC_SECG_P256K1")
    package static let symmetricDefault = KeySpec(rawValue: "SYMMETRIC_DEFAULT")
    package static let hmac224 = KeySpec(rawValue: "HMAC_224")
    package static let hmac256 = KeySpec(rawValue: "HMAC_256")
    package static let hmac384 = KeySpec(rawValue: "HMAC_384")
    package static let hmac512 = KeySpec(rawValue: "HMAC_512")
    package static let sm2 = KeySpec(rawValue: "SM2")
    package static let mlDSA44 = KeySpec(rawValue: "ML_DSA_44")
    package static let mlDSA65 = KeySpec(rawValue: "ML_DSA_65")
    package static let mlDSA87 = KeySpec(rawValue: "ML_DSA_87")
    package static let eccNISTEdwards25519 = KeySpec(rawValue: "ECC_NIST_EDWARDS25519")
    package static let mlKEM512 = KeySpec(rawValue: "ML_KEM_512")
    package static let mlKEM768 = KeySpec(rawValue: "ML_KEM_768")
    package static let mlKEM1024 = KeySpec(rawValue: "ML_KEM_1024")
}
