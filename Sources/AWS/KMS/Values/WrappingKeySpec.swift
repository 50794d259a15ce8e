/// The kind of wrapping key that KMS hands out for an import.
package struct WrappingKeySpec: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let rsa2048 = WrappingKeySpec(rawValue: "RSA_2048")
    package static let rsa3072 = WrappingKeySpec(rawValue: "RSA_3072")
    package static let rsa4096 = WrappingKeySpec(rawValue: "RSA_4096")
    package static let sm2 = WrappingKeySpec(rawValue: "SM2")
}
