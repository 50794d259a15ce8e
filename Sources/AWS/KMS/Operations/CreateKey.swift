/// Makes a KMS key. It has no idempotency token: find a key made by a lost call by its tags or description.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
package enum CreateKey: KMSOperation {
    package static let name = "CreateKey"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        package let policy: String?
        package let description: String?
        package let keyUsage: KeyUsage?
        /// The older name of `keySpec`; AWS refuses both together.
        package let customerMasterKeySpec: KeySpec?
        package let keySpec: KeySpec?
        package let origin: KeyOrigin?
        package let customKeyStoreID: String?
        package let bypassPolicyLockoutSafetyCheck: Bool?
        package let tags: [Tag]?
        package let multiRegion: Bool?
        package let xksKeyID: String?

        package init(
            policy: String? = nil,
            description: String? = nil,
            keyUsage: KeyUsage? = nil,
            customerMasterKeySpec: KeySpec? = nil,
            keySpec: KeySpec? = nil,
            origin: KeyOrigin? = nil,
            customKeyStoreID: String? = nil,
            bypassPolicyLockoutSafetyCheck: Bool? = nil,
            tags: [Tag]? = nil,
            multiRegion: Bool? = nil,
            xksKeyID: String? = nil
        ) {
            self.policy = policy
            self.description = description
            self.keyUsage = keyUsage
            self.customerMasterKeySpec = customerMasterKeySpec
            self.keySpec = keySpec
            self.origin = origin
            self.customKeyStoreID = customKeyStoreID
            self.bypassPolicyLockoutSafetyCheck = bypassPolicyLockoutSafetyCheck
            self.tags = tags
            self.multiRegion = multiRegion
            self.xksKeyID = xksKeyID
        }

        private enum CodingKeys: String, CodingKey {
            case policy = "Policy"
            case description = "Description"
            case keyUsage = "KeyUsage"
            case customerMasterKeySpec = "CustomerMasterKeySpec"
            case keySpec = "KeySpec"
            case origin = "Origin"
            case customKeyStoreID = "CustomKeyStoreId"
            case bypassPolicyLockoutSafetyCheck = "BypassPolicyLockoutSafetyCheck"
            case tags = "Tags"
            case multiRegion = "MultiRegion"
            case xksKeyID = "XksKeyId"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let keyMetadata: KeyMetadata

        package init(keyMetadata: KeyMetadata) {
            self.keyMetadata = keyMetadata
        }

        private enum CodingKeys: String, CodingKey {
            case keyMetadata = "KeyMetadata"
        }
    }
}
