package import CryptoPrimitives

/// What a release says of the activation of a slot, where the plan folds *activate* into it: everything but the material,
/// which is the one that KMS returns for this commitment.
package struct FoldedActivation: Codable, Hashable, Sendable {
    package let slot: String
    /// The ARN of the key that is to hold the new material.
    package let key: String
    package let commitment: String
    /// Absent, like both targets, where the slot has no alias.
    package let alias: String?
    /// The ARN of the key that the alias resolves to now, or `none`.
    package let aliasTargetBefore: String?
    package let aliasTargetAfter: String?
    /// Absent for the first material of a key.
    package let materialBefore: String?
    /// The SHA-256 of the policy's text, of the key that is to hold the new material.
    package let policy: SHA256Digest
    /// `rotate`: on-demand rotations spent before this one, of the 25 a key has.
    package let rotationsUsed: Int?
    /// What becomes of the HSM key afterwards.
    package let retention: Retention
    /// The SHA-256 of the exhibit that shows a restored backup of a key that is not retained.
    package let backup: SHA256Digest?
    /// The number of the line that intended to change the alias before, when nobody knows whether KMS was asked then.
    package var intendedBefore: Int?

    /// - Parameters:
    ///   - planned: The slot.
    ///   - key: That is to hold the new material.
    ///   - aliasTargetBefore: What the slot's alias resolves to; nil where it has none.
    ///   - backup: The exhibit's digest.
    package init(
        of planned: PlanSlot, key: String, commitment: String, aliasTargetBefore: String?, policy: SHA256Digest,
        rotationsUsed: Int?, backup: SHA256Digest?
    ) {
        slot = planned.slot
        self.key = key
        self.commitment = commitment
        alias = planned.alias
        self.aliasTargetBefore = aliasTargetBefore
        aliasTargetAfter = planned.alias.map { _ in key }
        materialBefore = planned.currentMaterial
        self.policy = policy
        self.rotationsUsed = rotationsUsed
        retention = planned.retention
        self.backup = backup
    }

    /// The activation of the material that KMS returned for the commitment.
    func activation(of material: String) -> ActivateSlot {
        ActivateSlot(
            slot: slot, key: key, alias: alias, aliasTargetBefore: aliasTargetBefore,
            aliasTargetAfter: aliasTargetAfter, materialBefore: materialBefore, materialAfter: material,
            policy: policy, rotationsUsed: rotationsUsed, retention: retention, backup: backup)
    }
}
