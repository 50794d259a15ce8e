/// Makes a data key, encrypted under a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html>
package enum GenerateDataKeyWithoutPlaintext: KMSOperation {
    package static let name = "GenerateDataKeyWithoutPlaintext"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN, alias name or alias ARN.
        package let keyID: String
        package let encryptionContext: [String: String]?
        package let keySpec: DataKeySpec?
        /// 1 to 1024; instead of a key spec.
        package let numberOfBytes: Int?
        package let grantTokens: [String]?
        package let dryRun: Bool?

        package init(
            keyID: String,
            encryptionContext: [String: String]? = nil,
            keySpec: DataKeySpec? = nil,
            numberOfBytes: Int? = nil,
            grantTokens: [String]? = nil,
            dryRun: Bool? = nil
        ) {
            self.keyID = keyID
            self.encryptionContext = encryptionContext
            self.keySpec = keySpec
            self.numberOfBytes = numberOfBytes
            self.grantTokens = grantTokens
            self.dryRun = dryRun
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case encryptionContext = "EncryptionContext"
            case keySpec = "KeySpec"
            case numberOfBytes = "NumberOfBytes"
            case grantTokens = "GrantTokens"
            case dryRun = "DryRun"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let ciphertextBlob: Blob
        /// The ARN of the key.
        package let keyID: String
        /// 64 lowercase hex digits; of symmetric keys only.
        package let keyMaterialID: String?

        package init(ciphertextBlob: Blob, keyID: String, keyMaterialID: String? = nil) {
            self.ciphertextBlob = ciphertextBlob
            self.keyID = keyID
            self.keyMaterialID = keyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case ciphertextBlob = "CiphertextBlob"
            case keyID = "KeyId"
            case keyMaterialID = "KeyMaterialId"
        }
    }
}
