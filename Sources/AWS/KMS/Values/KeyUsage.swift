/// The cryptographic operations a key is for.
package struct KeyUsage: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let signVerify = KeyUsage(rawValue: "SIGN_VERIFY")
    package static let encryptDecrypt = KeyUsage(rawValue: "ENCRYPT_DECRYPT")
    package static let generateVerifyMAC = KeyUsage(rawValue: "GENERATE_VERIFY_MAC")
    package static let keyAgreement = KeyUsage(rawValue: "KEY_AGREEMENT")
    package static let encapsulateDecapsulate = KeyUsage(rawValue: "ENCAPSULATE_DECAPSULATE")
}
