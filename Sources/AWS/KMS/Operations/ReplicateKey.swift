/// Makes a replica of a multi-Region primary key in another Region; one of imported material waits for it there.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html>
package enum ReplicateKey: KMSOperation {
    package static let name = "ReplicateKey"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        package let replicaRegion: String
        package let policy: String?
        package let bypassPolicyLockoutSafetyCheck: Bool?
        package let description: String?
        package let tags: [Tag]?

        package init(
            keyID: String,
            replicaRegion: String,
            policy: String? = nil,
            bypassPolicyLockoutSafetyCheck: Bool? = nil,
            description: String? = nil,
            tags: [Tag]? = nil
        ) {
            self.keyID = keyID
            self.replicaRegion = replicaRegion
            self.policy = policy
            self.bypassPolicyLockoutSafetyCheck = bypassPolicyLockoutSafetyCheck
            self.description = description
            self.tags = tags
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case replicaRegion = "ReplicaRegion"
            case policy = "Policy"
            case bypassPolicyLockoutSafetyCheck = "BypassPolicyLockoutSafetyCheck"
            case description = "Description"
            case tags = "Tags"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let replicaKeyMetadata: KeyMetadata
        package let replicaPolicy: String
        package let replicaTags: [Tag]

        package init(replicaKeyMetadata: KeyMetadata, replicaPolicy: String, replicaTags: [Tag]) {
            self.replicaKeyMetadata = replicaKeyMetadata
            self.replicaPolicy = replicaPolicy
            self.replicaTags = replicaTags
        }

        private enum CodingKeys: String, CodingKey {
            case replicaKeyMetadata = "ReplicaKeyMetadata"
            case replicaPolicy = "ReplicaPolicy"
            case replicaTags = "ReplicaTags"
        }
    }
}
