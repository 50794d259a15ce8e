/// The material that a `revoke` deletes, as KMS had it when the plan was frozen.
package struct RevokedMaterial: Codable, Hashable, Sendable {
    /// What the material is to its key, by KMS's name for it.
    package enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case current = "CURRENT"
        case nonCurrent = "NON_CURRENT"
    }

    /// What a deletion does to the key, in the words that people sign.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html>
    package enum Effect: String, Codable, Hashable, Sendable {
        /// So it is for the old material of a key as for the current one: KMS wants all that the key ever used.
        case unusable = "the whole key is unusable until every missing material, this one too, is imported again"
    }

    /// KMS's id of it, by which it is deleted, and nothing else is.
    package let material: String
    package let state: State
    package let effect: Effect

    package init(material: String, state: State) {
        self.material = material
        self.state = state
        effect = .unusable
    }
}

extension RevokedMaterial {
    /// The state in which KMS shows a key that lacks material.
    package static let stopped = "PendingImport"

    /// The states of a key of which material may be deleted so that what is signed of it comes true.
    package static let deletableStates = ["Enabled", "Disabled", stopped]
}

/// What the gate *activate* is signed for in place of an activation: one material, which is deleted.
package struct Revocation: Codable, Hashable, Sendable {
    package let slot: String
    /// The key's ARN.
    package let key: String
    /// Absent where the plan names the key by none; else it resolves to the key.
    package let alias: String?
    package let material: String
    package let state: RevokedMaterial.State
    /// What is current before the deletion: the material itself, or another one, which is kept.
    package let currentMaterial: String
    package let effect: RevokedMaterial.Effect
    /// The number of the line that intended this deletion before, when nobody knows whether KMS was asked then.
    package internal(set) var intendedBefore: Int?
}

extension Plan {
    /// Whether it deletes material, and does nothing else.
    package var isRevocation: Bool { slots.contains { $0.strategy == .revoke } }

    /// The gates that open, in their order. What deletes material releases none; what is imported again takes effect at the
    /// import, and nothing is left to activate.
    package var gates: [Gate] {
        policy.gates.filter { ($0 != .release || !isRevocation) && ($0 != .activate || !isReimport) }
    }

    /// What *activate* is signed for at first; nil where it makes material current.
    var revocations: [Revocation]? { isRevocation ? slots.compactMap(\.revocation) : nil }
}

extension PlanSlot {
    /// nil of another strategy.
    package var revocation: Revocation? {
        guard let revoked, let currentMaterial else { return nil }
        return Revocation(
            slot: slot, key: key, alias: alias, material: revoked.material, state: revoked.state,
            currentMaterial: currentMaterial, effect: revoked.effect)
    }
}
