/// Imports wrapped key material into a key whose origin is EXTERNAL.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
package enum ImportKeyMaterial: KMSOperation {
    package static let name = "ImportKeyMaterial"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String
        package let importToken: Blob
        /// The material, wrapped under the wrapping key that came with the token.
        package let encryptedKeyMaterial: Blob
        /// When the material expires, at most 365 days away; required if it expires.
        package let validTo: Timestamp?
        package let expirationModel: ExpirationModel?
        /// By default new material for a key without any, existing material for a key with some.
        package let importType: ImportType?
        /// At most 256 of `a-zA-Z0-9:/_.-` and white space.
        package let keyMaterialDescription: String?
        /// The material that is imported again; 64 lowercase hex digits.
        package let keyMaterialID: String?

        package init(
            keyID: String,
            importToken: Blob,
            encryptedKeyMaterial: Blob,
            validTo: Timestamp? = nil,
            expirationModel: ExpirationModel? = nil,
            importType: ImportType? = nil,
            keyMaterialDescription: String? = nil,
            keyMaterialID: String? = nil
        ) {
            self.keyID = keyID
            self.importToken = importToken
            self.encryptedKeyMaterial = encryptedKeyMaterial
            self.validTo = validTo
            self.expirationModel = expirationModel
            self.importType = importType
            self.keyMaterialDescription = keyMaterialDescription
            self.keyMaterialID = keyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case importToken = "ImportToken"
            case encryptedKeyMaterial = "EncryptedKeyMaterial"
            case validTo = "ValidTo"
            case expirationModel = "ExpirationModel"
            case importType = "ImportType"
            case keyMaterialDescription = "KeyMaterialDescription"
            case keyMaterialID = "KeyMaterialId"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String?
        /// 64 lowercase hex digits.
        package let keyMaterialID: String?

        package init(keyID: String? = nil, keyMaterialID: String? = nil) {
            self.keyID = keyID
            self.keyMaterialID = keyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case keyMaterialID = "KeyMaterialId"
        }
    }
}
