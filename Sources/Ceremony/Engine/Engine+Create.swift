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
            CreateIntended(slot: slot.slot, label: slot.label, policy: settings.policyDigest))
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
    private func readBack(
        _ key: String, _ slot: PlanSlot, _ planned: KeySettings, _ learned: Learned
    ) async throws -> Event {
        let found = try await ports.kms.describe(key)
        let settings = try await ports.kms.settings(of: found.arn)
        guard found.isFreshExternal, found.spec == slot.keySpec.rawValue, found.usage == slot.keyUsage.rawValue,
            settings.description == planned.description,
            settings.multiRegion == planned.multiRegion, settings.tags == planned.tags
        else {
            throw CeremonyError(
                .state,
                "The new key of \(slot.slot), \(found.arn), is not what the plan says: its state, origin, kind, description, tags or multi-Region flag differ",
                remedy: "It has no material and serves nobody. Find out who changed it")
        }
        return .created(
            Created(slot: slot.slot, key: found.arn, policy: settings.policyDigest, learned: learned))
    }
}

extension KMSKey {
    /// Whether it is a key that waits for material, and was never given any that it names.
    package var isFreshExternal: Bool {
        origin == "EXTERNAL" && state == "PendingImport" && currentMaterial == nil
    }
}
