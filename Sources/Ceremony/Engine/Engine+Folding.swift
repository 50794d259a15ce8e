import CryptoPrimitives
import Evidence

extension Engine {
    /// What a release is signed for beside it, where the plan folds *activate* into it: each activation as KMS has it now,
    /// but for the material, which nobody knows yet.
    func foldedActivations() async throws -> [FoldedActivation] {
        try requireReasonsNotToRetain()
        var activations: [FoldedActivation] = []
        for slot in record.plan.slots {
            if let underWay = foldedActivationUnderWay(of: slot) {
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
            activations.append(
                FoldedActivation(
                    of: slot, key: key, commitment: commitment, aliasTargetBefore: try await aliasTarget(of: slot),
                    policy: try await ports.kms.policyDigest(of: key), rotationsUsed: rotationsUsed,
                    backup: record.backup(of: slot)))
        }
        return activations
    }

    /// The same as for a gate of its own, of an activation that is under way.
    private func foldedActivationUnderWay(of slot: PlanSlot) -> FoldedActivation? {
        guard isActivating(slot), case .release(let signed)? = record.gates.takenBack[.release]?.subject else {
            return nil
        }
        return signed.activations?.first { $0.slot == slot.slot }
    }

    /// In the place of the gate: before the first effect on a key, KMS must have it as the release was signed.
    func requireAsReleased() async throws {
        for slot in record.plan.slots where !isActivating(slot) {
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

    func isActivating(_ slot: PlanSlot) -> Bool {
        switch record.openIntent {
        case .rotateIntended(let intent) where intent.slot == slot.slot: return true
        case .aliasIntended(let intent) where intent.slot == slot.slot: return true
        default: break
        }
        if [.rotateIntended, .aliasIntended].contains(where: { record.wasLeft($0, slot.slot) }) { return true }
        guard let progress = record.slots[slot.slot] else { return false }
        return progress.rotated != nil || progress.aliasSet != nil || progress.verified != nil
    }
}
