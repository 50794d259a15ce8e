package import CryptoPrimitives

/// One key that the ceremony makes or moves, as KMS had it when the plan was frozen.
///
/// Which of the optional fields are there follows from the strategy, and `Plan.validate` holds the plan to it.
package struct PlanSlot: Codable, Hashable, Sendable {
    /// The slot's name, unique in the plan: the alias without `alias/`, or the key's id where it has no alias.
    package let slot: String
    package let strategy: Strategy
    /// What the key is; for `replace` both of them, since an alias keeps its type.
    package let keySpec: KeySpec
    package let keyUsage: KeyUsage
    /// The KMS key's ARN; for `replace` that of the old key, since the new one has none yet.
    package let key: String
    /// The alias, with `alias/`; an `import` can do without.
    package let alias: String?
    /// `import` with an alias: whether the ceremony makes the alias, or it resolved to the key already.
    package let createsAlias: Bool?
    /// `CKA_LABEL` of the HSM key; absent from a `revoke`, which needs none.
    package let hsmLabel: String?
    /// `CKA_ID` of the HSM key, 16 bytes in hex; absent likewise.
    package let hsmID: String?
    /// The description that KMS is to keep with the material; where KMS keeps none, there is none.
    package let description: String?
    /// The material that is current before the ceremony; an `import` has none. Of a key whose material KMS does not name
    /// it is the commitment that KMS computes.
    package let currentMaterial: String?
    /// `rotate`: on-demand rotations spent of the 25 that a key has.
    package let rotationsUsed: Int?
    /// The SHA-256 of the key policy's text.
    package let policy: SHA256Digest
    package let proof: Proof
    /// Whether the HSM key can be wrapped only under a key that the HSM's security officer marked as trusted.
    package let trustedWrapping: Bool
    package let retention: Retention
    /// The name of the exhibit that shows a backup of the HSM key which was restored; where it is not retained.
    package let backup: String?
    /// What must still decrypt afterwards; an `import` has nothing that was encrypted before, and a key that is no
    /// symmetric encryption key is recognized by its commitment.
    package let probe: Probe?
    /// `replace`: what the new key is to be, whole.
    package let new: KeySettings?
    /// `replace`: what the old key was.
    package let old: KeySettings?
    /// `replace`: who may use the old key by a grant. Grants do not travel to the new key.
    package let grants: [PlanGrant]?
    /// `revoke`: the material that is deleted.
    package let revoked: RevokedMaterial?
    /// `reimport`: the material that is imported again.
    package let reimported: ReimportedMaterial?

    package init(
        slot: String, strategy: Strategy, keySpec: KeySpec, keyUsage: KeyUsage, key: String, alias: String?,
        createsAlias: Bool? = nil, label: String?, id: String?, description: String?, currentMaterial: String? = nil,
        rotationsUsed: Int? = nil, policy: SHA256Digest, proof: Proof, custody: Custody = Custody(),
        probe: Probe? = nil, new: KeySettings? = nil,
        old: KeySettings? = nil, grants: [PlanGrant]? = nil, revoked: RevokedMaterial? = nil,
        reimported: ReimportedMaterial? = nil
    ) {
        self.slot = slot
        self.strategy = strategy
        self.keySpec = keySpec
        self.keyUsage = keyUsage
        self.key = key
        self.alias = alias
        self.createsAlias = createsAlias
        hsmLabel = label
        hsmID = id
        self.description = description
        self.currentMaterial = currentMaterial
        self.rotationsUsed = rotationsUsed
        self.policy = policy
        self.proof = proof
        trustedWrapping = custody.trustedWrapping
        retention = custody.retention
        backup = custody.backup
        self.probe = probe
        self.new = new
        self.old = old
        self.grants = grants
        self.revoked = revoked
        self.reimported = reimported
    }

    private enum CodingKeys: String, CodingKey {
        case slot, strategy, keySpec, keyUsage, key, alias, createsAlias
        case hsmLabel = "label"
        case hsmID = "id"
        case description, currentMaterial, rotationsUsed, policy, proof, trustedWrapping, retention, backup, probe
        case new, old, grants, revoked, reimported
    }

    /// `CKA_LABEL` of the HSM key; of a slot that has one.
    package var label: String { hsmLabel ?? "" }

    /// `CKA_ID` of the HSM key, in hex; of a slot that has one.
    package var id: String { hsmID ?? "" }

    /// What the alias resolves to before the ceremony, as statements and intents name it; nil without an alias.
    package var aliasTarget: String? {
        alias.map { _ in createsAlias == true ? ActivateSlot.noTarget : key }
    }

    /// What the slot is called when people are spoken to: its alias, or its key.
    package var shownName: String { alias ?? key }
}
