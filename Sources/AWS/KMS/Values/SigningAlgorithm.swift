/// How KMS signs.
package struct SigningAlgorithm: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let rsassaPSSSHA256 = SigningAlgorithm(rawValue: "RSASSA_PSS_SHA_256")
    package static let rsassaPSSSHA384 = SigningAlgorithm(rawValue: "RSASSA_PSS_SHA_384")
    package static let rsassaPSSSHA512 = SigningAlgorithm(rawValue: "RSASSA_PSS_SHA_512")
    package static let rsassaPKCS1v15SHA256 = SigningAlgorithm(rawValue: "RSASSA_PKCS1_V1_5_SHA_256")
    package static let rsassaPKCS1v15SHA384 = SigningAlgorithm(rawValue: "RSASSA_PKCS1_V1_5_SHA_384")
    package static let rsassaPKCS1v15SHA512 = SigningAlgorithm(rawValue: "RSASSA_PKCS1_V1_5_SHA_512")
    package static let ecdsaSHA256 = SigningAlgorithm(rawValue: "ECDSA_SHA_256")
    package static let ecdsaSHA384 = SigningAlgorithm(rawValue: "ECDSA_SHA_384")
    package static let ecdsaSHA512 = SigningAlgorithm(rawValue: "ECDSA_SHA_512")
    package static let sm2dsa = SigningAlgorithm(rawValue: "SM2DSA")
    package static let mlDSASHAKE256 = SigningAlgorithm(rawValue: "ML_DSA_SHAKE_256")
    package static let ed25519SHA512 = SigningAlgorithm(rawValue: "ED25519_SHA_512")
    package static let ed25519phSHA512 = SigningAlgorithm(rawValue: "ED25519_PH_SHA_512")
}
