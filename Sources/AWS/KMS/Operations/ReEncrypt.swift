/// Decrypts, and encrypts under another key, without showing the plaintext.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html>
package enum ReEncrypt: KMSOperation {
    package static let name = "ReEncrypt"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        package let ciphertextBlob: Blob?
        package let sourceEncryptionContext: [String: String]?
        /// Key id, key ARN, alias name or alias ARN. Of asymmetric keys it is required.
        package let sourceKeyID: String?
        /// Key id, key ARN, alias name or alias ARN.
        package let destinationKeyID: String
        package let destinationEncryptionContext: [String: String]?
        package let sourceEncryptionAlgorithm: EncryptionAlgorithm?
        package let destinationEncryptionAlgorithm: EncryptionAlgorithm?
        package let grantTokens: [String]?
        package let dryRun: Bool?
        package let dryRunModifiers: [DryRunModifier]?

        package init(
            destinationKeyID: String,
            ciphertextBlob: Blob? = nil,
            sourceEncryptionContext: [String: String]? = nil,
            sourceKeyID: String? = nil,
            destinationEncryptionContext: [String: String]? = nil,
            sourceEncryptionAlgorithm: EncryptionAlgorithm? = nil,
            destinationEncryptionAlgorithm: EncryptionAlgorithm? = nil,
            grantTokens: [String]? = nil,
            dryRun: Bool? = nil,
            dryRunModifiers: [DryRunModifier]? = nil
        ) {
            self.ciphertextBlob = ciphertextBlob
            self.sourceEncryptionContext = sourceEncryptionContext
            self.sourceKeyID = sourceKeyID
            self.destinationKeyID = destinationKeyID
            self.destinationEncryptionContext = destinationEncryptionContext
            self.sourceEncryptionAlgorithm = sourceEncryptionAlgorithm
            self.destinationEncryptionAlgorithm = destinationEncryptionAlgorithm
            self.grantTokens = grantTokens
            self.dryRun = dryRun
            self.dryRunModifiers = dryRunModifiers
        }

        private enum CodingKeys: String, CodingKey {
            case ciphertextBlob = "CiphertextBlob"
            case sourceEncryptionContext = "SourceEncryptionContext"
            case sourceKeyID = "SourceKeyId"
            case destinationKeyID = "DestinationKeyId"
            case destinationEncryptionContext = "DestinationEncryptionContext"
            case sourceEncryptionAlgorithm = "SourceEncryptionAlgorithm"
            case destinationEncryptionAlgorithm = "DestinationEncryptionAlgorithm"
            case grantTokens = "GrantTokens"
            case dryRun = "DryRun"
            case dryRunModifiers = "DryRunModifiers"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let ciphertextBlob: Blob
        /// The ARN of the source key.
        package let sourceKeyID: String
        /// The ARN of the destination key.
        package let keyID: String
        package let sourceEncryptionAlgorithm: EncryptionAlgorithm?
        package let destinationEncryptionAlgorithm: EncryptionAlgorithm?
        package let sourceKeyMaterialID: String?
        package let destinationKeyMaterialID: String?

        package init(
            ciphertextBlob: Blob,
            sourceKeyID: String,
            keyID: String,
            sourceEncryptionAlgorithm: EncryptionAlgorithm? = nil,
            destinationEncryptionAlgorithm: EncryptionAlgorithm? = nil,
            sourceKeyMaterialID: String? = nil,
            destinationKeyMaterialID: String? = nil
        ) {
            self.ciphertextBlob = ciphertextBlob
            self.sourceKeyID = sourceKeyID
            self.keyID = keyID
            self.sourceEncryptionAlgorithm = sourceEncryptionAlgorithm
            self.destinationEncryptionAlgorithm = destinationEncryptionAlgorithm
            self.sourceKeyMaterialID = sourceKeyMaterialID
            self.destinationKeyMaterialID = destinationKeyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case ciphertextBlob = "CiphertextBlob"
            case sourceKeyID = "SourceKeyId"
            case keyID = "KeyId"
            case sourceEncryptionAlgorithm = "SourceEncryptionAlgorithm"
            case destinationEncryptionAlgorithm = "DestinationEncryptionAlgorithm"
            case sourceKeyMaterialID = "SourceKeyMaterialId"
            case destinationKeyMaterialID = "DestinationKeyMaterialId"
        }
    }
}
