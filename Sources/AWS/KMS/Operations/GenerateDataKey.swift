/// Makes a data key, in the open and encrypted under a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
package enum GenerateDataKey: KMSOperation {
    package static let name = "GenerateDataKey"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN, alias name or alias ARN.
        package let keyID: String
        package let encryptionContext: [String: String]?
        /// 1 to 1024; instead of a key spec.
        package let numberOfBytes: Int?
        package let keySpec: DataKeySpec?
        package let grantTokens: [String]?
        package let recipient: RecipientInfo?
        package let dryRun: Bool?

        package init(
            keyID: String,
            encryptionContext: [String: String]? = nil,
            numberOfBytes: Int? = nil,
            keySpec: DataKeySpec? = nil,
            grantTokens: [String]? = nil,
            recipient: RecipientInfo? = nil,
            dryRun: Bool? = nil
        ) {
            self.keyID = keyID
            self.encryptionContext = encryptionContext
            self.numberOfBytes = numberOfBytes
            self.keySpec = keySpec
            self.grantTokens = grantTokens
            self.recipient = recipient
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case encryptionContext = "EncryptionContext"
            case numberOfBytes = "NumberOfBytes"
            case keySpec = "KeySpec"
            case grantTokens = "GrantTokens"
            case recipient = "Recipient"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let ciphertextBlob: Blob
        package let plaintext: Blob?
        /// The ARN of the key.
        package let keyID: String
        package let ciphertextForRecipient: Blob?
        /// 64 lowercase hex digits; of symmetric keys only.
        package let keyMaterialID: String?

        package init(
            ciphertextBlob: Blob,
            keyID: String,
            plaintext: Blob? = nil,
            ciphertextForRecipient: Blob? = nil,
            keyMaterialID: String? = nil
        ) {
            self.ciphertextBlob = ciphertextBlob
            self.plaintext = plaintext
            self.keyID = keyID
            self.ciphertextForRecipient = ciphertextForRecipient
            self.keyMaterialID = keyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case ciphertextBlob = "CiphertextBlob"
            case plaintext = "Plaintext"
            case keyID = "KeyId"
            case ciphertextForRecipient = "CiphertextForRecipient"
            case keyMaterialID = "KeyMaterialId"
        }
    }
}
