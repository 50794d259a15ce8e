/// Draws random bytes.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html>
package enum GenerateRandom: KMSOperation {
    package static let name = "GenerateRandom"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// 1 to 1024.
        package let numberOfBytes: Int?
        package let customKeyStoreID: String?
        package let recipient: RecipientInfo?

        package init(numberOfBytes: Int? = nil, customKeyStoreID: String? = nil, recipient: RecipientInfo? = nil) {
            self.numberOfBytes = numberOfBytes
            self.customKeyStoreID = customKeyStoreID
            self.recipient = recipient
        }

        private enum CodingKeys: String, CodingKey {
            case numberOfBytes = "NumberOfBytes"
            case customKeyStoreID = "CustomKeyStoreId"
            case recipient = "Recipient"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let plaintext: Blob
        package let ciphertextForRecipient: Blob?

        package init(plaintext: Blob, ciphertextForRecipient: Blob? = nil) {
            self.plaintext = plaintext
            self.ciphertextForRecipient = ciphertextForRecipient
        }

        private enum CodingKeys: String, CodingKey {
            case plaintext = "Plaintext"
            case ciphertextForRecipient = "CiphertextForRecipient"
        }
    }
}
