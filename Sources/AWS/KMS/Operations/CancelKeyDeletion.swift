/// Takes back the deletion of a key, which is disabled then.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html>
package enum CancelKeyDeletion: KMSOperation {
    package static let name = "CancelKeyDeletion"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String

        package init(keyID: String) {
            self.keyID = keyID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String

        package init(keyID: String) {
            self.keyID = keyID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
        }
    }
}
