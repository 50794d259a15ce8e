/// Deletes imported material, the emergency stop; only the very same material can be imported in its place.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html>
package enum DeleteImportedKeyMaterial: KMSOperation {
    package static let name = "DeleteImportedKeyMaterial"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        /// 64 lowercase hex digits. Without one it is the current material that goes: always name it.
        package let keyMaterialID: String?

        package init(keyID: String, keyMaterialID: String? = nil) {
            self.keyID = keyID
            self.keyMaterialID = keyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case keyMaterialID = "KeyMaterialId"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String
        /// The material that was deleted; of symmetric keys only.
        package let keyMaterialID: String?

        package init(keyID: String, keyMaterialID: String? = nil) {
            self.keyID = keyID
            self.keyMaterialID = keyMaterialID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case keyMaterialID = "KeyMaterialId"
        }
    }
}
