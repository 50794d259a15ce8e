import CryptoPrimitives
import Evidence

extension Engine {
    /// Makes or moves the aliases that the activation names, and tries every result by use.
    ///
    /// KMS has no conditional UpdateAlias: whoever moves the alias between our look and our call is overtaken, and only
    /// CloudTrail tells.
    func aliasAll() async throws {
        for slot in record.plan.slots where slot.strategy == .import || slot.strategy == .replace {
            guard let signed = record.activation(of: slot.slot), let progress = record.slots[slot.slot] else {
                throw CeremonyError(.state, "No activation was signed for \(slot.slot)", remedy: "Verify the folder")
            }
            if signed.changesAlias, progress.aliasSet == nil { try await setAlias(slot, signed) }
            if progress.verified == nil { try await verifyByUse(slot) }
        }
    }

    private func setAlias(_ slot: PlanSlot, _ signed: ActivateSlot) async throws {
        guard let alias = signed.alias, let from = signed.aliasTargetBefore, let to = signed.aliasTargetAfter else {
            return
        }
        let intent = AliasIntended(
            slot: slot.slot, alias: alias, from: from, to: to, caller: try await caller(of: .activate))
        try await effect(.aliasIntended(intent)) {
            try await self.aliasSet(slot, signed, learned: .byLooking)
        } act: {
            try await self.requireKeysAsSigned(slot, signed)
            // Compared last of all, directly before the move. What was signed may have come about already.
            if let result = try await self.aliasSet(slot, signed, learned: .byLooking) { return result }
            let request =
                from == ActivateSlot.noTarget
                ? try await self.ports.kms.createAlias(alias, for: to)
                : try await self.ports.kms.updateAlias(alias, to: to)
            for _ in 0..<60 {
                if let result = try await self.aliasSet(slot, signed, learned: Learned(request: request)) {
                    return result
                }
                try await self.ports.clock.wait(milliseconds: 1000)
            }
            throw CeremonyError(
                .state, "KMS accepted the change of \(alias) but does not show it yet",
                remedy: "Run again in a few minutes: it is looked at before anything is done again")
        }
    }

    /// The result, if the alias resolves to the new key.
    ///
    /// - Throws: `CeremonyError` when it resolves neither there nor to where it was.
    private func aliasSet(_ slot: PlanSlot, _ signed: ActivateSlot, learned: Learned) async throws -> Event? {
        guard let alias = signed.alias else { return nil }
        let target = try await ports.kms.target(of: alias) ?? ActivateSlot.noTarget
        if target == signed.aliasTargetAfter {
            return .aliasSet(AliasSet(slot: slot.slot, alias: alias, target: target, learned: learned))
        }
        guard target == signed.aliasTargetBefore else { throw Self.elsewhere(alias, target) }
        return nil
    }

    /// What the activation was signed for must still be so: both keys with their materials, and the new one's policy.
    private func requireKeysAsSigned(_ slot: PlanSlot, _ signed: ActivateSlot) async throws {
        let new = try await ports.kms.describe(signed.key)
        let policy = try await ports.kms.policyDigest(of: signed.key)
        var materialBefore: String?
        if slot.strategy == .replace {
            let old = try await ports.kms.describe(slot.key)
            try requireUnrelated(old, slot)
            materialBefore = try await currentMaterial(of: old, slot)
        }
        guard new.state == "Enabled", try await currentMaterial(of: new, slot) == signed.materialAfter,
            policy == signed.policy, materialBefore == signed.materialBefore
        else {
            throw CeremonyError(
                .state,
                "The keys of \(slot.slot) are no longer as the activation was signed: a state, a material or the policy changed",
                remedy: "\(slot.shownName) was not touched. Find out who changed it before going on")
        }
    }

    private static func elsewhere(_ alias: String, _ target: String) -> CeremonyError {
        CeremonyError(
            .state, "\(alias) does not resolve to what the activation was signed for, but to \(target)",
            remedy: "It was not touched. Find out who changed it before going on")
    }
}
