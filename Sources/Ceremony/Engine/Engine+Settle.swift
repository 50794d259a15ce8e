package import Evidence

extension Engine {
    /// Leaves the HSM's keys as the plan has it for each, and removes blobs and tokens.
    func settleAll() async throws {
        for slot in record.plan.slots
        where slot.strategy.importsMaterial && record.slots[slot.slot]?.settled == nil {
            try await effect(.settleIntended(SettleIntended(slot: slot.slot, retention: slot.retention))) {
                try await self.findSettled(slot)
            } act: {
                try await self.requireCommitted(slot)
                return try await self.settle(slot)
            }
        }
        try await ports.hsm.leave()
    }

    private func settle(_ slot: PlanSlot) async throws -> Event {
        switch slot.retention {
        case .retain:
            return try settled(
                slot, try await ports.hsm.removeCheckUsage(label: slot.label, id: slot.id, of: slot.keySpec))
        case .lock:
            return try settled(slot, try await ports.hsm.lock(label: slot.label, id: slot.id, of: slot.keySpec))
        case .destroy:
            try await ports.hsm.destroy(label: slot.label, id: slot.id)
            let left = try await ports.hsm.find(label: slot.label, id: slot.id)
            guard left.isEmpty else {
                throw CeremonyError(
                    .state, "The token destroyed the key of \(slot.slot), and has it still",
                    remedy: "Have the token examined")
            }
            return try settled(slot, nil)
        }
    }

    /// How a killed run has left the slot's key, if that is as it is to be left.
    private func findSettled(_ slot: PlanSlot) async throws -> Event? {
        let found = try await ports.hsm.find(label: slot.label, id: slot.id)
        if slot.retention == .destroy {
            if found.isEmpty { return try settled(slot, nil) }
            // Of a pair the private half goes first.
            if found.allSatisfy(\.isPublicHalf) { return try await settle(slot) }
        }
        guard !found.isEmpty else { throw gone(slot) }
        guard let key = found.first, found.count == 1, key.label == slot.label, key.id == slot.id else {
            throw Self.notOne(found, slot, undone: "Nothing was settled for \(slot.slot)")
        }
        guard slot.retention != .destroy else { return nil }
        let made = try attributes(of: slot)
        let wanted = KeyAttributes.settled(made, slot.retention)
        func differs(from template: [AttributeSetting]) -> Bool {
            !KeyAttributes.differences(key.attributes, template, isRestored: slot.isRestored).isEmpty
        }
        if !differs(from: wanted) { return try settled(slot, key) }
        // A token that failed in the middle: what is left to take away is taken away. The key cannot be asked any more which
        // it is; with this ceremony's label and id it is what was left under this intent.
        let untouched = made.filter(wanted.contains)
        guard differs(from: made), !differs(from: untouched) else { return nil }
        return try await settle(slot)
    }

    /// Of a key that is not there any more: nothing is wrapped of it, and no line can say that it was left as the plan has it.
    func gone(_ slot: PlanSlot) -> CeremonyError {
        let isInKMS = record.slots[slot.slot]?.imported != nil
        return CeremonyError(
            .state, "The token \(record.plan.environment.token.serial) has no key labelled \(slot.label) any more",
            remedy: (isInKMS ? "What KMS has of it stays as it is. " : "Nothing more was done with it. ")
                + "If all of the token's keys are gone, it may be another token's: look at that first. Once the very key is back, run "
                + "again. If it is gone for good, this ceremony cannot \(isInKMS ? "settle" : "go on with") it: in an attended run "
                + "put on record as an exception (^X) that it is gone, since when and why, then end the ceremony (^Q); the quorum "
                + "signs both at the close"
                + (isInKMS
                    ? ". From then on KMS alone has that material: what it loses cannot be imported again. Plan a rotate or a "
                        + "replace before that" : ""))
    }

    /// Of more than one object that a slot's key may be, or of another one: which they are.
    static func notOne(_ found: [HSMKey], _ slot: PlanSlot, undone: String) -> CeremonyError {
        let objects = found.map { "\(PercentEncoding.encode($0.label)) with the id \(PercentEncoding.encode($0.id))" }
        return CeremonyError(
            .state,
            "The token has \(found.count) \(found.count == 1 ? "object" : "objects") where it is to have one key, labelled "
                + "\(slot.label), with the id \(slot.id): \(objects.joined(separator: ", "))",
            remedy:
                "\(undone). Find out who made what is too much, by the token's own log. An object that has not both the planned label "
                + "and the planned id is not this ceremony's: have it renamed, or removed by its own id, with the vendor's tool, then "
                + "run again. Where both are the same, remove neither: end this ceremony")
    }

    /// - Parameter key: As the token has it now; nil when it was destroyed.
    private func settled(_ slot: PlanSlot, _ key: HSMKey?) throws -> Event {
        if let key {
            try Self.require(key, KeyAttributes.settled(try attributes(of: slot), slot.retention), of: slot)
        }
        for purpose in slot.purposes {
            try removeBlob(slot.slot, purpose)
            try ports.folder.remove(FolderLayout.token(slot.slot, purpose))
            try ports.folder.remove(FolderLayout.wrappingKey(slot.slot, purpose))
        }
        return .settled(Settled(slot: slot.slot, attributes: key?.attributes ?? []))
    }

    /// What must be on record before people are asked to sign what ends with a key locked or destroyed.
    func requireReasonsNotToRetain() throws {
        for slot in record.plan.slots {
            guard let missing = record.missingForRetention(of: slot), let exception = slot.exceptionToRetain else {
                continue
            }
            let isFolded = record.plan.policy.foldsActivate
            throw CeremonyError(
                .state,
                "The plan is to \(exception)\(isFolded ? " and folds activate into release" : ""), "
                    + "and there is not on record \(missing)",
                remedy: "Put it on record; nothing is \(isFolded ? "released" : "activated") before. "
                    + "Without a backup, freeze a plan that retains it")
        }
    }
}

extension HSMKey {
    /// Whether it is the public half of a pair, alone.
    fileprivate var isPublicHalf: Bool { attributes.contains(AttributeSetting("CKA_CLASS", "CKO_PUBLIC_KEY")) }
}

extension PlanSlot {
    /// The label of the object by which the security officer has the token trust a wrapping key.
    package func wrappingKeyLabel(for purpose: Purpose) -> String { "\(label)/\(purpose.rawValue)" }
}
