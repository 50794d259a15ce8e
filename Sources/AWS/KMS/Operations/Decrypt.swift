/// Decrypts what Encrypt or a data key call made.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
package enum Decrypt: KMSOperation {
    package static let name = "Decrypt"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        package let ciphertextBlob: Blob?
        package let encryptionContext: [String: String]?
        package let grantTokens: [String]?
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String?
        package let encryptionAlgorithm: EncryptionAlgorithm?
        package let dryRun: Bool?
        package let recipient: RecipientInfo?
        package let dryRunModifiers: [DryRunModifier]?

        package init(
            ciphertextBlob: Blob? = nil,
            encryptionContext: [String: String]? = nil,
            grantTokens: [String]? = nil,
            keyID: String? = nil,
            encryptionAlgorithm: EncryptionAlgorithm? = nil,
            dryRun: Bool? = nil,
            recipient: RecipientInfo? = nil,
            dryRunModifiers: [DryRunModifier]? = nil
        ) {
            self.ciphertextBlob = ciphertextBlob
            self.encryptionContext = encryptionContext
            self.grantTokens = grantTokens
            self.keyID = keyID
            self.encryptionAlgorithm = encryptionAlgorithm
            self.dryRun = dryRun
            self.recipient = recipient
            self.dryRunModifiers = dryRunModifiers
        }

        private enum CodingKeys: String, CodingKey {
            case ciphertextBlob = "CiphertextBlob"
            case encryptionContext = "EncryptionContext"
            case grantTokens = "GrantTokens"
            case keyID = "KeyId"
            case encryptionAlgorithm = "EncryptionAlgorithm"
            case dryRun = "DryRun"
            case recipient = "Recipient"
            case dryRunModifiers = "DryRunModifiers"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String?
        package let plaintext: Blob?
        package let encryptionAlgorithm: EncryptionAlgorithm?
        /// The material that decrypted, 64 lowercase hex digits; of symmetric keys only.
        package let keyMaterialID: String?

        package init(
            keyID: String? = nil,
            plaintext: Blob? = nil,
            encryptionAlgorithm: EncryptionAlgorithm? = nil,
            keyMaterialID: String? = nil
        ) {
            self.keyID = keyID
            self.plaintext = plaintext
            self.encryptionAlgorithm = encryptionAlgorithm
            self.keyMaterialID = keyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case plaintext = "Plaintext"
            case encryptionAlgorithm = "EncryptionAlgorithm"
            case keyMaterialID = "KeyMaterialId"
        }
    }
}
