/// How KMS authenticates messages.
package struct MACAlgorithm: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let hmacSHA224 = MACAlgorithm(rawValue: "HMAC_SHA_224")
    package static let hmacSHA256 = MACAlgorithm(rawValue: "HMAC_SHA_256")
    package static let hmacSHA384 = MACAlgorithm(rawValue: "HMAC_SHA_384")
    package static let hmacSHA512 = MACAlgorithm(rawValue: "HMAC_SHA_512")
}
