/// Adds tags to a key; a tag key that it has gets the new value.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html>
package enum TagResource: KMSOperation {
    package static let name = "TagResource"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        package let tags: [Tag]

        package init(keyID: String, tags: [Tag]) {
            self.keyID = keyID
            self.tags = tags
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case tags = "Tags"
        }
    }

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
