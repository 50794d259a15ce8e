import CryptoPrimitives
import Evidence

extension Engine {
    /// What a release is signed for beside it, where the plan folds *activate* into it: each activation as KMS has it now,
    /// but for the material, which nobody knows yet.
    func foldedActivations() async throws -> [FoldedActivation] {
        try requireReasonsNotToRetain()
        var activations: [FoldedActivation] = []
        for slot in record.plan.slots {
            if var underWay = try await foldedActivationUnderWay(of: slot) {
                underWay.intendedBefore = record.aliasIntendedBefore(slot)?.seq
                activations.append(underWay)
                continue
            }
            guard let commitment = record.slots[slot.slot]?.generated?.commitment else {
                throw CeremonyError(.state, "\(slot.slot) has no key yet", remedy: "Run again")
            }
            let key = try key(of: slot)
            var rotationsUsed: Int?
            if slot.strategy == .rotate {
                rotationsUsed = try await ports.kms.materials(of: key).count(where: \.onDemand)
            }
            var activation = FoldedActivation(
                of: slot, key: key, commitment: commitment, aliasTargetBefore: try await aliasTarget(of: slot),
                policy: try await ports.kms.policyDigest(of: key), rotationsUsed: rotationsUsed,
                backup: record.backup(of: slot))
            activation.intendedBefore = record.aliasIntendedBefore(slot)?.seq
            activations.append(activation)
        }
        return activations
    }

    /// The same as for a gate of its own, of an activation that is done.
    private func foldedActivationUnderWay(of slot: PlanSlot) async throws -> FoldedActivation? {
        guard case .release(let signed)? = record.gates.takenBack[.release]?.subject, try await isActivated(slot)
        else { return nil }
        return signed.activations?.first { $0.slot == slot.slot }
    }

    /// In the place of the gate: before the first effect on a key, KMS must have it as the release was signed.
    func requireAsReleased() async throws {
        for slot in record.plan.slots {
            if try await isActivated(slot) { continue }
            guard try await activation(of: slot) == record.activation(of: slot.slot) else {
                throw CeremonyError(
                    .state,
                    "\(slot.shownName) is not what the release was signed to activate: its alias, its policy or its "
                        + "rotations changed",
                    remedy:
                        "Nothing was activated. Find out who changed it; bring it back as it was, or end the ceremony")
            }
        }
    }

    /// Whether an activation is done, where KMS is asked what became of what another machine left: people sign nothing that it does not show.
    func isActivated(_ slot: PlanSlot) async throws -> Bool {
        if record.isActivated(slot) { return true }
        guard record.wasActivationLeft(slot), let material = record.slots[slot.slot]?.imported?.material else {
            return false
        }
        guard slot.strategy != .rotate else {
            return try await rotated(slot, to: material, learned: .byLooking) != nil
        }
        return try await aliasTarget(of: slot) == key(of: slot)
    }
}
