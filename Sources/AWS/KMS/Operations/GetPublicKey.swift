/// Tells the public key of an asymmetric key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html>
package enum GetPublicKey: KMSOperation {
    package static let name = "GetPublicKey"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN, alias name or alias ARN.
        package let keyID: String
        package let grantTokens: [String]?

        package init(keyID: String, grantTokens: [String]? = nil) {
            self.keyID = keyID
            self.grantTokens = grantTokens
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case grantTokens = "GrantTokens"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String
        /// DER SubjectPublicKeyInfo.
        package let publicKey: Blob
        /// The older name of `keySpec`; AWS still sends both.
        package let customerMasterKeySpec: KeySpec?
        package let keySpec: KeySpec
        package let keyUsage: KeyUsage
        package let encryptionAlgorithms: [EncryptionAlgorithm]?
        package let signingAlgorithms: [SigningAlgorithm]?
        package let keyAgreementAlgorithms: [String]?

        package init(
            keyID: String,
            publicKey: Blob,
            keySpec: KeySpec,
            keyUsage: KeyUsage,
            customerMasterKeySpec: KeySpec? = nil,
            encryptionAlgorithms: [EncryptionAlgorithm]? = nil,
            signingAlgorithms: [SigningAlgorithm]? = nil,
            keyAgreementAlgorithms: [String]? = nil
        ) {
            self.keyID = keyID
            self.publicKey = publicKey
            self.customerMasterKeySpec = customerMasterKeySpec
            self.keySpec = keySpec
            self.keyUsage = keyUsage
            self.encryptionAlgorithms = encryptionAlgorithms
            self.signingAlgorithms = signingAlgorithms
            self.keyAgreementAlgorithms = keyAgreementAlgorithms
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case publicKey = "PublicKey"
            case customerMasterKeySpec = "CustomerMasterKeySpec"
            case keySpec = "KeySpec"
            case keyUsage = "KeyUsage"
            case encryptionAlgorithms = "EncryptionAlgorithms"
            case signingAlgorithms = "SigningAlgorithms"
            case keyAgreementAlgorithms = "KeyAgreementAlgorithms"
        }
    }
}
