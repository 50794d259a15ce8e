/// Replaces the policy of a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>
package enum PutKeyPolicy: KMSOperation {
    package static let name = "PutKeyPolicy"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        /// `default`, the only one there is.
        package let policyName: String?
        package let policy: String
        package let bypassPolicyLockoutSafetyCheck: Bool?

        package init(
            keyID: String,
            policy: String,
            policyName: String? = nil,
            bypassPolicyLockoutSafetyCheck: Bool? = nil
        ) {
            self.keyID = keyID
            self.policyName = policyName
            self.policy = policy
            self.bypassPolicyLockoutSafetyCheck = bypassPolicyLockoutSafetyCheck
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case policyName = "PolicyName"
            case policy = "Policy"
            case bypassPolicyLockoutSafetyCheck = "BypassPolicyLockoutSafetyCheck"
        }
    }

    /// What KMS answers: nothing but that it is done.
    package typealias Output = NoOutput
}
