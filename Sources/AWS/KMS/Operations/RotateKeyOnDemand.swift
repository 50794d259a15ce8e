/// Makes the pending material current. A key has 25 of these for ever.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html>
package enum RotateKeyOnDemand: KMSOperation {
    package static let name = "RotateKeyOnDemand"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
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
