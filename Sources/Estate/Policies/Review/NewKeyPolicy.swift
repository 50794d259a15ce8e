package import Evidence

/// The key policy that a new key is to be made with.
///
/// KMS is told to take it as it is: its own check would want the role that creates keys to be able to change policies,
/// too. What that check is for must then be seen to before.
package struct NewKeyPolicy {
    private let policy: PolicyDocument
    private let access: CeremonyAccess
    private let isMultiRegion: Bool

    /// - Throws: `PolicyError` for what is no policy in AWS's language; `EncodingError` for what is not percent-encoded.
    package init(of settings: KeySettings, in access: CeremonyAccess) throws {
        policy = try PolicyDocument(Array(try PercentEncoding.decode(settings.policy).utf8), .key)
        isMultiRegion = settings.multiRegion
        self.access = access
    }

    /// Whether somebody of the key's own account can change it, now or by an IAM policy.
    package var canBeMended: Bool {
        PolicyReview(
            policy, grants: nil,
            against: PolicyIntent(
                partition: access.partition, account: access.account, keyARN: someARN, people: PolicyPeople())
        ).canBeMended
    }

    /// Of a key that nobody has: a statement about the old key by its ARN is not about the new one.
    private var someARN: String {
        access.arn(
            "key/" + (isMultiRegion ? "mrk-00000000000000000000000000000000" : "00000000-0000-0000-0000-000000000000"))
    }
}
