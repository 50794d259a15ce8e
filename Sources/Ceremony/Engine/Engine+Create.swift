import CryptoPrimitives
import Evidence

extension Engine {
    /// Makes the KMS key of every slot that replaces one, as the quorum authorized it.
    func createAll() async throws {
        for slot in record.plan.slots where slot.strategy == .replace && record.slots[slot.slot]?.created == nil {
            try await create(slot)
        }
    }

    private func create(_ slot: PlanSlot) async throws {
        guard let settings = slot.new else {
            throw CeremonyError(.state, "The plan does not say what \(slot.slot) is to be", remedy: "Verify the folder")
        }
        let intent = Event.createIntended(
            CreateIntended(
                slot: slot.slot, label: slot.label, policy: settings.policyDigest,
                caller: try await caller(of: .create)))
        try await effect(intent, looksPatiently: true) {
            guard let key = try await self.findCreated(slot) else { return nil }
            return try await self.readBack(key, slot, settings, .byLooking)
        } act: {
            let answer = try await self.ports.kms.createKey(
                settings, keySpec: slot.keySpec, usage: slot.keyUsage)
            return try await self.readBack(answer.key, slot, settings, Learned(request: answer.request))
        }
    }

    /// The key that a call without an answer made, if it made one: the only one that carries this ceremony's tag.
    ///
    /// KMS may take a while to show a key that it made. Nothing found at first is looked for once more after that.
    private func findCreated(_ slot: PlanSlot) async throws -> String? {
        var tagged = try await ports.kms.keys(tagged: slot.marker)
        if tagged.found.isEmpty, ports.kms.settlesWithin > 0 {
            try await ports.clock.wait(milliseconds: ports.kms.settlesWithin * 1000)
            tagged = try await ports.kms.keys(tagged: slot.marker)
        }
        guard tagged.found.count <= 1 else {
            throw CeremonyError(
                .state,
                "\(tagged.found.count) keys carry the tag of \(slot.slot): \(tagged.found.joined(separator: ", "))",
                remedy: "This ceremony makes one. Find out who made the others, and schedule their deletion")
        }
        if tagged.found.isEmpty, tagged.unreadable > 0 {
            throw CeremonyError(
                .state,
                "Whether the key for \(slot.slot) was made cannot be told: \(tagged.unreadable) keys do not let their tags be read",
                remedy: "Let the caller use kms:ListResourceTags on all keys, then run again")
        }
        return tagged.found.first
    }

    /// What CreateKey was asked for must be what KMS has. Its policy alone may read otherwise: people see that at the
    /// next gate.
    ///
    /// KMS may show the key, its policy or its tags a little later than it answered.
    private func readBack(
        _ key: String, _ slot: PlanSlot, _ planned: KeySettings, _ learned: Learned
    ) async throws -> Event {
        var seen: SeenKey?
        _ = try await patiently { () -> SeenKey? in
            do {
                let found = try await self.ports.kms.describe(key)
                seen = SeenKey(key: found, settings: try await self.ports.kms.settings(of: found.arn))
            } catch is NoSuchKey { return nil }
            // Of what kind it is does not change with time: that is not waited for.
            return seen.flatMap { $0.isAsPlanned(planned) || !$0.isOfKind(of: slot) ? $0 : nil }
        }
        guard let seen else {
            throw CeremonyError(
                .state,
                "KMS answered that it made \(key) for \(slot.slot), and does not show it with policy and tags yet",
                remedy: "It has no material and serves nobody. Run again in a few minutes: it is looked for by its tag "
                    + "before another is made")
        }
        guard seen.isOfKind(of: slot), seen.isAsPlanned(planned) else {
            throw CeremonyError(
                .state,
                "The new key of \(slot.slot), \(seen.key.arn), is not what the plan says: its state, origin, kind, description, tags or multi-Region flag differ",
                remedy: "It has no material and serves nobody. Find out who changed it")
        }
        return .created(
            Created(slot: slot.slot, key: seen.key.arn, policy: seen.settings.policyDigest, learned: learned))
    }
}

/// A new key as KMS shows it.
private struct SeenKey {
    let key: KMSKey
    let settings: KeySettings

    func isOfKind(of slot: PlanSlot) -> Bool {
        key.origin == "EXTERNAL" && key.spec == slot.keySpec.rawValue && key.usage == slot.keyUsage.rawValue
    }

    func isAsPlanned(_ planned: KeySettings) -> Bool {
        key.isFreshExternal && settings.description == planned.description
            && settings.multiRegion == planned.multiRegion && settings.tags == planned.tags
    }
}

extension KMSKey {
    /// Whether it is a key that waits for material, and was never given any that it names.
    package var isFreshExternal: Bool {
        origin == "EXTERNAL" && state == "PendingImport" && currentMaterial == nil
    }
}
