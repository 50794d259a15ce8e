package import CryptoPrimitives

/// A KMS key is about to be made, with what the plan says of it and the quorum authorized.
package struct CreateIntended: Codable, Hashable, Sendable {
    package let slot: String
    /// The value of the tag by which the key is found again: the label of the slot's HSM key.
    package let label: String
    /// The SHA-256 of the policy's text.
    package let policy: SHA256Digest
    /// Who asks KMS for it: the caller's ARN as sts:GetCallerIdentity gave it for this step, percent-encoded.
    package let caller: String?

    package init(slot: String, label: String, policy: SHA256Digest, caller: String? = nil) {
        self.slot = slot
        self.label = label
        self.policy = policy
        self.caller = caller
    }
}

/// KMS has the key, waiting for its material; description, tags and multi-Region flag were read back as planned.
package struct Created: Codable, Hashable, Sendable {
    package let slot: String
    /// The new key's ARN.
    package let key: String
    /// The SHA-256 of the policy's text as KMS gives it back. Another one than planned is a difference of the release.
    package let policy: SHA256Digest
    package let learned: Learned

    package init(slot: String, key: String, policy: SHA256Digest, learned: Learned) {
        self.slot = slot
        self.key = key
        self.policy = policy
        self.learned = learned
    }
}

/// An alias is about to be made, or to move from one key to another.
package struct AliasIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let alias: String
    /// The ARN of the key that the alias resolves to, or `none`.
    package let from: String
    package let to: String
    /// Who asks KMS for it: the caller's ARN as sts:GetCallerIdentity gave it for this step, percent-encoded.
    package let caller: String?

    package init(slot: String, alias: String, from: String, to: String, caller: String? = nil) {
        self.slot = slot
        self.alias = alias
        self.from = from
        self.to = to
        self.caller = caller
    }
}

/// The alias resolves to the key.
package struct AliasSet: Codable, Hashable, Sendable {
    package let slot: String
    package let alias: String
    package let target: String
    package let learned: Learned

    package init(slot: String, alias: String, target: String, learned: Learned) {
        self.slot = slot
        self.alias = alias
        self.target = target
        self.learned = learned
    }
}

/// The change was tried by use, not believed.
package struct ActivationVerified: Codable, Hashable, Sendable {
    package let slot: String
    /// Absent, like its target, where the slot has no alias.
    package let alias: String?
    /// The key the alias resolves to.
    package let aliasTarget: String?
    /// The material that decrypted the plan's probe, whose plaintext came out right; absent where there was none.
    package let oldMaterial: String?
    /// The material that decrypted what had just been encrypted with the alias, or with the key where there is none.
    package let newMaterial: String

    package init(slot: String, alias: String?, aliasTarget: String?, oldMaterial: String?, newMaterial: String) {
        self.slot = slot
        self.alias = alias
        self.aliasTarget = aliasTarget
        self.oldMaterial = oldMaterial
        self.newMaterial = newMaterial
    }
}
