/// One material of a key is about to be deleted, by its id.
package struct RevokeIntended: Codable, Hashable, Sendable {
    package let slot: String
    package let key: String
    package let material: String
    /// Who asks KMS for it: the caller's ARN as sts:GetCallerIdentity gave it for this step, percent-encoded.
    package let caller: String?

    package init(slot: String, key: String, material: String, caller: String? = nil) {
        self.slot = slot
        self.key = key
        self.material = material
        self.caller = caller
    }
}

/// KMS deleted the material.
package struct Revoked: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String
    package let learned: Learned

    package init(slot: String, material: String, learned: Learned) {
        self.slot = slot
        self.material = material
        self.learned = learned
    }
}

/// Nobody knows whether KMS was asked to delete the material, which it has: it may have been imported again since. What was
/// signed is carried out no more, and *activate* is signed again.
package struct RevokeAbandoned: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String

    package init(slot: String, material: String) {
        self.slot = slot
        self.material = material
    }
}

/// KMS was looked at afterwards, and no longer has the material.
package struct RevocationVerified: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String
    /// The key's state as DescribeKey has it then: `PendingImport`, since the key is of no use any more.
    package let keyState: String

    package init(slot: String, material: String, keyState: String) {
        self.slot = slot
        self.material = material
        self.keyState = keyState
    }
}
