/// How key material is wrapped for an import.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html>
package struct WrappingAlgorithm: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let rsaesPKCS1v15 = WrappingAlgorithm(rawValue: "RSAES_PKCS1_V1_5")
    package static let rsaesOAEPSHA1 = WrappingAlgorithm(rawValue: "RSAES_OAEP_SHA_1")
    package static let rsaesOAEPSHA256 = WrappingAlgorithm(rawValue: "RSAES_OAEP_SHA_256")
    package static let rsaAESKeyWrapSHA1 = WrappingAlgorithm(rawValue: "RSA_AES_KEY_WRAP_SHA_1")
    package static let rsaAESKeyWrapSHA256 = WrappingAlgorithm(rawValue: "RSA_AES_KEY_WRAP_SHA_256")
    package static let sm2pke = WrappingAlgorithm(rawValue: "SM2PKE")
}
