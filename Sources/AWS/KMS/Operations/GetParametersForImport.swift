/// Hands out a wrapping key and an import token, both for one KMS key and for 24 hours.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html>
package enum GetParametersForImport: KMSOperation {
    package static let name = "GetParametersForImport"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String
        package let wrappingAlgorithm: WrappingAlgorithm
        package let wrappingKeySpec: WrappingKeySpec

        package init(keyID: String, wrappingAlgorithm: WrappingAlgorithm, wrappingKeySpec: WrappingKeySpec) {
            self.keyID = keyID
            self.wrappingAlgorithm = wrappingAlgorithm
            self.wrappingKeySpec = wrappingKeySpec
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case wrappingAlgorithm = "WrappingAlgorithm"
            case wrappingKeySpec = "WrappingKeySpec"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String
        /// Opaque; goes back with the material.
        package let importToken: Blob
        /// The wrapping key, a DER SubjectPublicKeyInfo.
        package let publicKey: Blob
        /// When token and wrapping key expire.
        package let parametersValidTo: Timestamp

        package init(keyID: String, importToken: Blob, publicKey: Blob, parametersValidTo: Timestamp) {
            self.keyID = keyID
            self.importToken = importToken
            self.publicKey = publicKey
            self.parametersValidTo = parametersValidTo
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case importToken = "ImportToken"
            case publicKey = "PublicKey"
            case parametersValidTo = "ParametersValidTo"
        }
    }
}
