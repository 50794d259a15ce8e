/// How KMS encrypts; `symmetricDefault` is AES-256-GCM.
package struct EncryptionAlgorithm: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let symmetricDefault = EncryptionAlgorithm(rawValue: "SYMMETRIC_DEFAULT")
    package static let rsaesOAEPSHA1 = EncryptionAlgorithm(rawValue: "RSAES_OAEP_SHA_1")
    package static let rsaesOAEPSHA256 = EncryptionAlgorithm(rawValue: "RSAES_OAEP_SHA_256")
    package static let sm2pke = EncryptionAlgorithm(rawValue: "SM2PKE")
}
