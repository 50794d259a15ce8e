/// Keeps a key from being used until it is enabled.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html>
package enum DisableKey: KMSOperation {
    package static let name = "DisableKey"
    package static let isIdempotent = true

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

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
