/// Replaces the description of a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html>
package enum UpdateKeyDescription: KMSOperation {
    package static let name = "UpdateKeyDescription"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        /// At most 8192 characters.
        package let description: String

        package init(keyID: String, description: String) {
            self.keyID = keyID
            self.description = description
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case description = "Description"
        }
    }

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
