import CryptoPrimitives
import Evidence

extension Engine {
    /// What a release allows: each slot's material to the wrapping keys that were fetched for it.
    func releaseSubject() async throws -> ReleaseSubject {
        let plan = record.plan
        guard let slots = record.releasable else {
            throw CeremonyError(.state, "A slot has no key or no wrapping key yet", remedy: "Run again")
        }
        let activations = plan.policy.foldsActivate ? try await foldedActivations() : nil
        return ReleaseSubject(
            keySpec: plan.wrapping.keySpec, caller: plan.environment.aws.callers?.import ?? plan.environment.aws.caller,
            activator: plan.policy.foldsActivate ? plan.environment.aws.callers?.activate : nil,
            endpoint: plan.environment.aws.endpoint, token: plan.environment.token.serial,
            deadline: record.releaseDeadline,
            warnings: record.warnings,
            differences: try await differences(), slots: slots, activations: activations)
    }

    /// What an activation makes current, and what the aliases resolve to.
    func activateSubject() async throws -> ActivateSubject {
        if let revocations = record.revocations { return try await revocationSubject(revocations) }
        try requireReasonsNotToRetain()
        var slots: [ActivateSlot] = []
        for slot in record.plan.slots {
            var signed: ActivateSlot
            if let underWay = try await activationUnderWay(of: slot) {
                signed = underWay
            } else {
                signed = try await activation(of: slot)
                if signed.aliasTargetBefore != slot.aliasTarget { throw Self.moved(signed, slot) }
            }
            signed.intendedBefore = record.aliasIntendedBefore(slot)?.seq
            slots.append(signed)
        }
        return ActivateSubject(caller: record.plan.environment.aws.callers?.activate, slots: slots)
    }

    /// What was signed of an activation that is done, though its gate was taken back since: KMS is no longer
    /// as it was before.
    private func activationUnderWay(of slot: PlanSlot) async throws -> ActivateSlot? {
        guard case .activate(let signed)? = record.gates.takenBack[.activate]?.subject, try await isActivated(slot)
        else { return nil }
        return signed.slots.first { $0.slot == slot.slot }
    }

    /// What the activation of an imported slot makes current, as KMS has it now.
    func activation(of slot: PlanSlot) async throws -> ActivateSlot {
        guard let material = record.slots[slot.slot]?.imported?.material else {
            throw CeremonyError(.state, "\(slot.slot) is not imported yet", remedy: "Run again")
        }
        let key = try key(of: slot)
        return ActivateSlot(
            slot: slot.slot, key: key, alias: slot.alias, aliasTargetBefore: try await aliasTarget(of: slot),
            aliasTargetAfter: slot.alias.map { _ in key }, materialBefore: slot.currentMaterial,
            materialAfter: material, policy: try await ports.kms.policyDigest(of: key),
            rotationsUsed: try await rotationsUsed(slot, holding: material), retention: slot.retention,
            backup: record.backup(of: slot))
    }

    /// What the slot's alias resolves to now; nil where it has none.
    func aliasTarget(of slot: PlanSlot) async throws -> String? {
        guard let alias = slot.alias else { return nil }
        return try await ports.kms.target(of: alias) ?? ActivateSlot.noTarget
    }

    /// Requires the imported material where the import left it.
    ///
    /// - Returns: How many on-demand rotations of a key that is to rotate are spent; nil for the others.
    private func rotationsUsed(_ slot: PlanSlot, holding material: String) async throws -> Int? {
        guard slot.keySpec.keepsMaterials else {
            let key = try await ports.kms.describe(try key(of: slot))
            guard try await currentMaterial(of: key, slot) == material else { throw Self.gone(slot, .current) }
            return nil
        }
        let materials = try await materials(of: slot, showing: material)
        if materials.contains(where: { $0.id == material && !$0.isImported }) { throw Self.deleted(material, in: slot) }
        let state: KMSMaterial.State = slot.strategy == .rotate ? .pendingRotation : .current
        guard materials.contains(where: { $0.id == material && $0.state == state }) else {
            throw Self.gone(slot, state)
        }
        return slot.strategy == .rotate ? materials.count(where: \.onDemand) : nil
    }

    private static func moved(_ activation: ActivateSlot, _ slot: PlanSlot) -> CeremonyError {
        let (alias, planned) = (slot.alias ?? "", slot.aliasTarget ?? "")
        return CeremonyError(
            .state,
            "\(alias) is no longer as the plan found it: it resolves to \(activation.aliasTargetBefore ?? ""), and did to "
                + planned,
            remedy:
                "Nothing was activated. Find out who changed it; have it as it was, then run again, or end the ceremony"
        )
    }

    private static func gone(_ slot: PlanSlot, _ state: KMSMaterial.State) -> CeremonyError {
        CeremonyError(
            .state, "The imported material of \(slot.slot) is no longer \(state.word) in KMS",
            remedy: "Somebody rotated or deleted it, and no quorum signed that. Find out who, and end the ceremony")
    }
}

extension KMSMaterial.State {
    /// What it is called when people are spoken to.
    var word: String {
        switch self {
        case .current: "current"
        case .nonCurrent: "an old one"
        case .pendingRotation: "pending"
        case .other: "in a known state"
        }
    }
}
