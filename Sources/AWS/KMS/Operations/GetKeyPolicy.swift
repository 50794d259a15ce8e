/// Reads a key policy.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
package enum GetKeyPolicy: KMSOperation {
    package static let name = "GetKeyPolicy"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String
        package let policyName: String?

        package init(keyID: String, policyName: String? = nil) {
            self.keyID = keyID
            self.policyName = policyName
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case policyName = "PolicyName"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let policy: String
        package let policyName: String?

        package init(policy: String, policyName: String? = nil) {
            self.policy = policy
            self.policyName = policyName
        }

        private enum CodingKeys: String, CodingKey {
            case policy = "Policy"
            case policyName = "PolicyName"
        }
    }
}
