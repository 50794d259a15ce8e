/// Encrypts up to 4096 bytes under a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
package enum Encrypt: KMSOperation {
    package static let name = "Encrypt"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String
        /// At most 4096 bytes.
        package let plaintext: Blob
        package let encryptionContext: [String: String]?
        package let grantTokens: [String]?
        package let encryptionAlgorithm: EncryptionAlgorithm?
        package let dryRun: Bool?

        package init(
            keyID: String,
            plaintext: Blob,
            encryptionContext: [String: String]? = nil,
            grantTokens: [String]? = nil,
            encryptionAlgorithm: EncryptionAlgorithm? = nil,
            dryRun: Bool? = nil
        ) {
            self.keyID = keyID
            self.plaintext = plaintext
            self.encryptionContext = encryptionContext
            self.grantTokens = grantTokens
            self.encryptionAlgorithm = encryptionAlgorithm
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case plaintext = "Plaintext"
            case encryptionContext = "EncryptionContext"
            case grantTokens = "GrantTokens"
            case encryptionAlgorithm = "EncryptionAlgorithm"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let ciphertextBlob: Blob
        /// The ARN of the key.
        package let keyID: String
        package let encryptionAlgorithm: EncryptionAlgorithm?

        package init(ciphertextBlob: Blob, keyID: String, encryptionAlgorithm: EncryptionAlgorithm? = nil) {
            self.ciphertextBlob = ciphertextBlob
            self.keyID = keyID
            self.encryptionAlgorithm = encryptionAlgorithm
        }

        private enum CodingKeys: String, CodingKey {
            case ciphertextBlob = "CiphertextBlob"
            case keyID = "KeyId"
            case encryptionAlgorithm = "EncryptionAlgorithm"
        }
    }
}
