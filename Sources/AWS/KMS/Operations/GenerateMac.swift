/// Makes a message authentication code.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html>
package enum GenerateMac: KMSOperation {
    package static let name = "GenerateMac"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// 1 to 4096 bytes.
        package let message: Blob
        /// Key id, key ARN, alias name or alias ARN.
        package let keyID: String
        package let macAlgorithm: MACAlgorithm
        package let grantTokens: [String]?
        package let dryRun: Bool?

        package init(
            message: Blob,
            keyID: String,
            macAlgorithm: MACAlgorithm,
            grantTokens: [String]? = nil,
            dryRun: Bool? = nil
        ) {
            self.message = message
            self.keyID = keyID
            self.macAlgorithm = macAlgorithm
            self.grantTokens = grantTokens
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case message = "Message"
            case keyID = "KeyId"
            case macAlgorithm = "MacAlgorithm"
            case grantTokens = "GrantTokens"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let mac: Blob
        package let macAlgorithm: MACAlgorithm
        /// The ARN of the key.
        package let keyID: String

        package init(mac: Blob, macAlgorithm: MACAlgorithm, keyID: String) {
            self.mac = mac
            self.macAlgorithm = macAlgorithm
            self.keyID = keyID
        }

        private enum CodingKeys: String, CodingKey {
            case mac = "Mac"
            case macAlgorithm = "MacAlgorithm"
            case keyID = "KeyId"
        }
    }
}
