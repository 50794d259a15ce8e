import CryptoPrimitives
import Evidence

/// The alias of what is imported first, or replaced, is made or moved.
///
/// What people signed is good for one call. Where nobody knows whether that was made, and the alias resolves to what it did before,
/// it may have been moved and moved back since, perhaps because applications failed: they sign once more, and are told.
extension Engine {
    /// Makes or moves the aliases that the activation names, and tries every result by use.
    ///
    /// KMS has no conditional UpdateAlias: whoever moves the alias between our look and our call is overtaken, and only
    /// CloudTrail tells.
    ///
    /// - Returns: Whom the gate of the activation waits for, where it is signed again.
    func aliasAll() async throws -> Outcome? {
        for slot in record.plan.slots where slot.strategy == .import || slot.strategy == .replace {
            guard let signed = record.activation(of: slot.slot), let progress = record.slots[slot.slot] else {
                throw CeremonyError(.state, "No activation was signed for \(slot.slot)", remedy: "Verify the folder")
            }
            if signed.changesAlias, progress.aliasSet == nil, try await !setAlias(slot, signed) {
                if let waiting = try await activateAgain() { return waiting }
                return try await aliasAll()
            }
            if progress.verified == nil { try await verifyByUse(slot) }
        }
        return nil
    }

    /// Has the activation signed again where it was signed.
    private func activateAgain() async throws -> Outcome? {
        guard record.plan.policy.foldsActivate else {
            return try await pass(.activate) { .activate(try await self.activateSubject()) }
        }
        if let waiting = try await pass(.release, subject: { .release(try await self.releaseSubject()) }) {
            return waiting
        }
        try await requireAsReleased()
        return nil
    }

    /// - Returns: Whether the alias is as it was signed; false where people have to sign again.
    private func setAlias(_ slot: PlanSlot, _ signed: ActivateSlot) async throws -> Bool {
        guard let alias = signed.alias, let from = signed.aliasTargetBefore, let to = signed.aliasTargetAfter else {
            return true
        }
        let intent = Event.aliasIntended(
            AliasIntended(slot: slot.slot, alias: alias, from: from, to: to, caller: try await caller(of: .activate)))
        if record.openIntent == intent { return try await lookUp(slot, signed, alias) }
        var found = record.wasTried(intent) ? try await aliasSet(slot, signed, learned: .byLooking) : nil
        if found == nil {
            try await attend()
            try await requireKeysAsSigned(slot, signed)
            // Compared last of all: what is intended then is asked for. What was signed may have come about already.
            found = try await aliasSet(slot, signed, learned: .byLooking)
        }
        try await effect(intent) {
            try await self.aliasSet(slot, signed, learned: .byLooking)
        } act: {
            if let found { return found }
            return try await self.move(slot, signed, alias, from: from, to: to)
        }
        return true
    }

    /// Makes the one call, and waits until KMS shows what it did.
    private func move(
        _ slot: PlanSlot, _ signed: ActivateSlot, _ alias: String, from: String, to: String
    ) async throws -> Event {
        let request =
            from == ActivateSlot.noTarget
            ? try await ports.kms.createAlias(alias, for: to) : try await ports.kms.updateAlias(alias, to: to)
        for _ in 0..<60 {
            if let result = try await aliasSet(slot, signed, learned: Learned(request: request)) { return result }
            try await ports.clock.wait(milliseconds: 1000)
        }
        throw CeremonyError(
            .state, "KMS accepted the change of \(alias) but does not show it yet",
            remedy: "Run again in a few minutes: it is looked at before anything is done again")
    }

    /// What became of a call that a killed run may have made, or that was not answered. It is not made again for what was signed
    /// then.
    private func lookUp(_ slot: PlanSlot, _ signed: ActivateSlot, _ alias: String) async throws -> Bool {
        let found = try await patiently { try await self.aliasSet(slot, signed, learned: .byLooking) }
        try journal(found ?? .aliasAbandoned(AliasAbandoned(slot: slot.slot, alias: alias)))
        return found != nil
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
        let isUsable = new.state == "Enabled"
        let material = isUsable ? try await currentMaterial(of: new, slot) : signed.materialAfter
        let changes = [
            isUsable ? nil : "the new key is \(PercentEncoding.encode(new.state))",
            material == signed.materialAfter ? nil : "the new key's material changed",
            policy == signed.policy ? nil : "the new key's policy changed",
            materialBefore == signed.materialBefore ? nil : "the old key's material changed",
        ].compactMap(\.self)
        guard changes.isEmpty else {
            throw CeremonyError(
                .state,
                "The keys of \(slot.slot) are no longer as the activation was signed: \(changes.joined(separator: "; "))",
                remedy:
                    "\(slot.shownName) was not touched. Find out who changed it; have it as it was, then run again, or "
                    + "end the ceremony")
        }
    }

    private static func elsewhere(_ alias: String, _ target: String) -> CeremonyError {
        CeremonyError(
            .state, "\(alias) does not resolve to what the activation was signed for, but to \(target)",
            remedy:
                "It was not touched. Find out who changed it; have it as it was, then run again, or end the ceremony")
    }
}
