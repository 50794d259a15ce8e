/// Takes tags from a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html>
package enum UntagResource: KMSOperation {
    package static let name = "UntagResource"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        package let tagKeys: [String]

        package init(keyID: String, tagKeys: [String]) {
            self.keyID = keyID
            self.tagKeys = tagKeys
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case tagKeys = "TagKeys"
        }
    }

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
