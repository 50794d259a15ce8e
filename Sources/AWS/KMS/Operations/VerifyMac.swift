/// Verifies a message authentication code; a wrong one is an error, not an answer.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html>
package enum VerifyMac: KMSOperation {
    package static let name = "VerifyMac"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// 1 to 4096 bytes.
        package let message: Blob
        /// Key id, key ARN, alias name or alias ARN.
        package let keyID: String
        package let macAlgorithm: MACAlgorithm
        package let mac: Blob
        package let grantTokens: [String]?
        package let dryRun: Bool?

        package init(
            message: Blob,
            keyID: String,
            macAlgorithm: MACAlgorithm,
            mac: Blob,
            grantTokens: [String]? = nil,
            dryRun: Bool? = nil
        ) {
            self.message = message
            self.keyID = keyID
            self.macAlgorithm = macAlgorithm
            self.mac = mac
            self.grantTokens = grantTokens
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case message = "Message"
            case keyID = "KeyId"
            case macAlgorithm = "MacAlgorithm"
            case mac = "Mac"
            case grantTokens = "GrantTokens"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String
        package let macValid: Bool
        package let macAlgorithm: MACAlgorithm

        package init(keyID: String, macValid: Bool, macAlgorithm: MACAlgorithm) {
            self.keyID = keyID
            self.macValid = macValid
            self.macAlgorithm = macAlgorithm
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case macValid = "MacValid"
            case macAlgorithm = "MacAlgorithm"
        }
    }
}
