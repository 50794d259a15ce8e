/// Tells what a key is and which material is current.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
package enum DescribeKey: KMSOperation {
    package static let name = "DescribeKey"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String
        package let grantTokens: [String]?

        package init(keyID: String, grantTokens: [String]? = nil) {
            self.keyID = keyID
            self.grantTokens = grantTokens
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case grantTokens = "GrantTokens"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let keyMetadata: KeyMetadata

        package init(keyMetadata: KeyMetadata) {
            self.keyMetadata = keyMetadata
        }

        private enum CodingKeys: String, CodingKey {
            case keyMetadata = "KeyMetadata"
        }
    }
}
