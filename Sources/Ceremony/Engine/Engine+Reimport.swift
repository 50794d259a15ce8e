import CryptoPrimitives
import Evidence

/// Material that a key had before comes back from the HSM key that it came from, or gets another expiry.
extension Engine {
    /// Takes the HSM key up that an earlier ceremony left: it is read back and identified, and no other is made.
    ///
    /// Its commitment needs the usage that was taken away from it then; settling takes it away again.
    func takeUp(_ slot: PlanSlot) async throws {
        try await effect(.generateIntended(GenerateIntended(slot: slot.slot, label: slot.label, id: slot.id))) {
            nil
        } act: {
            let found = try await self.ports.hsm.find(label: slot.label, id: slot.id)
            guard let key = found.first, found.count == 1, key.label == slot.label, key.id == slot.id else {
                throw CeremonyError(
                    .state,
                    "The token has \(found.count) objects labelled \(slot.label) or with the id \(slot.id), not the one key "
                        + "that the material of \(slot.slot) came from",
                    remedy:
                        "No key was made or changed. Find out what became of it; a token into which a backup of it was "
                        + "restored takes a plan of its own")
            }
            try self.requireFit(key, for: slot)
            let identified = try await self.identify(
                try await self.ports.hsm.giveCheckUsage(label: slot.label, id: slot.id, of: slot.keySpec), slot)
            try await self.requireCheckValues(of: identified, slot)
            return identified
        }
    }

    /// Holds the key to the template, and to where the plan has it from.
    private func requireFit(_ key: HSMKey, for slot: PlanSlot) throws {
        let template = try attributes(of: slot)
        let differences = KeyAttributes.differencesOfKept(key.attributes, template, isRestored: slot.isRestored)
        guard !differences.isEmpty else { return }
        let isOnlyForeign =
            KeyAttributes.differencesOfKept(key.attributes, template, isRestored: true).isEmpty
        throw CeremonyError(
            .state, "The HSM key for \(slot.slot) has " + differences.joined(separator: ", "),
            remedy: isOnlyForeign
                ? "The token says that it did not make it; nothing was changed. If it was restored from a backup, or brought over "
                    + "from another HSM, end the ceremony, and freeze a plan whose definition says so: restored: true"
                : "It is not what the plan found, and was not changed. Have the token examined")
    }

    /// What the plan says that the HSM key must show. One that shows others is left as it was.
    private func requireCheckValues(of identified: Event, _ slot: PlanSlot) async throws {
        guard let known = slot.reimported?.checkValues, case .generated(let key) = identified, key.checkValues != known
        else { return }
        _ = try await ports.hsm.removeCheckUsage(label: slot.label, id: slot.id, of: slot.keySpec)
        throw CeremonyError(
            .state,
            "The HSM key \(slot.label) (id \(slot.id)) shows the check values \(key.checkValues?.words ?? "none"), and the plan has "
                + known.words,
            remedy:
                "It is not the key that the earlier ceremony has on record, and nothing was wrapped. End the ceremony. Find the "
                + "right key, or what is wrong on record; then freeze a plan that names it")
    }

    /// What became of the material since the plan. That it expired or was deleted meanwhile, or got another expiry, people may
    /// accept: the import makes of it what they sign.
    ///
    /// What this ceremony brought back is said, too, where that is not on record yet: who deletes it after people signed that it
    /// is there may stop the key by that.
    func differencesOfMaterial(of slot: PlanSlot) async throws -> [Difference] {
        guard let planned = slot.reimported, record.slots[slot.slot]?.imported == nil else { return [] }
        func difference(_ what: String, _ planned: String, _ observed: String) -> [Difference] {
            planned == observed
                ? [] : [Difference(slot: slot.slot, what: what, planned: planned, observed: observed)]
        }
        func differences(of found: KMSMaterial) -> [Difference] {
            let importState: ReimportedMaterial.ImportState = found.isImported ? .imported : .pendingImport
            return difference(Self.whetherThere, planned.importState.rawValue, importState.rawValue)
                + difference(Self.whatExpiry, planned.expiryBefore?.text ?? "none", found.expiry?.text ?? "none")
        }
        if let ours = try await importedAgain(slot) { return differences(of: ours) }
        let (found, effect) = try await requireReimportable(slot)
        return differences(of: found) + difference("what becomes of the key", planned.effect.rawValue, effect.rawValue)
    }

    private static let (whetherThere, whatExpiry) = ("whether KMS has the material", "expiry of the material")

    /// Imports the material, or finds that an earlier call did.
    ///
    /// What people signed is good for one call. Where nobody knows whether that was made, and KMS does not have the material, it may
    /// have been imported and deleted since, perhaps to stop the key: they sign once more, and are told. Where KMS has it, with
    /// another expiry, as it was signed, no deletion is undone by asking again.
    ///
    /// - Returns: Whether it is imported; false where people have to sign *release* again.
    func importAgain(_ slot: PlanSlot) async throws -> Bool {
        guard let planned = slot.reimported else {
            throw CeremonyError(.state, "The plan names no material of \(slot.slot)", remedy: "Verify the folder")
        }
        try requireNotRefused(slot)
        let (blob, token) = try files(slot, .import)
        let intent = Event.importIntended(
            ImportIntended(
                slot: slot.slot, key: slot.key, blob: SHA256Digest(of: blob), token: SHA256Digest(of: token),
                description: slot.description, caller: try await caller(of: .import)))
        let isOpen = record.openIntent == intent
        let wasTried = isOpen || record.wasTried(intent)
        let isUnknown = record.hasUnknownOutcome(intent)
        let isFound = wasTried ? try await isImportedPatiently(slot) : false
        if isOpen, !isFound, try await lacks(planned.material, slot) {
            try journal(.importAbandoned(ImportAbandoned(slot: slot.slot, material: planned.material)))
            return false
        }
        // Looked at last of all: people may have taken their time.
        try await attend()
        if !isFound { try await requireAsReleased(slot) }
        if !isOpen { try journal(intent) }
        if isFound {
            try journal(Self.imported(slot, planned, .byLooking))
        } else {
            let request = ImportRequest(
                key: slot.key, kind: .existing(material: planned.material), blob: blob, token: token,
                description: slot.description, expiry: planned.expiry)
            try await importAgain(request, slot, planned, wasTried: wasTried, isUnknown: isUnknown)
        }
        return true
    }

    /// Makes the one call, and journals what came of it.
    ///
    /// A refusal is of this call: what an earlier one did stays unknown, and is on record as that.
    private func importAgain(
        _ request: ImportRequest, _ slot: PlanSlot, _ planned: ReimportedMaterial, wasTried: Bool, isUnknown: Bool
    ) async throws {
        do {
            let answer = try await ports.kms.importMaterial(request)
            guard answer.material == planned.material else { throw Self.answeredFor(answer.material, slot, planned) }
            try journal(Self.imported(slot, planned, Learned(request: answer.request)))
        } catch let lost as AnswerLost {
            guard try await isFoundImported(slot) else { throw lost }
            try journal(Self.imported(slot, planned, .byLooking))
        } catch let refused as ServiceRefused {
            if wasTried, try await isFoundImported(slot) {
                return try journal(Self.imported(slot, planned, .byLooking))
            }
            try journal(refused.onRecord(afterUnknown: isUnknown))
            try requireNotRefused(slot)
            throw refused
        }
    }

    private static func answeredFor(
        _ material: String?, _ slot: PlanSlot, _ planned: ReimportedMaterial
    ) -> CeremonyError {
        CeremonyError(
            .state,
            "KMS was asked to take the material \(planned.material) of \(slot.key) again, and answered for "
                + PercentEncoding.encode(material ?? "none"),
            remedy:
                "Look at the key's materials in KMS (ListKeyRotations). Run again: it is looked at before anything is done again"
        )
    }

    /// What people signed at *release* of the material must be so at the call. Who deleted it since may have had to stop the key:
    /// that is not undone in passing.
    private func requireAsReleased(_ slot: PlanSlot) async throws {
        guard case .release(let release)? = record.gates.statement(of: .release)?.subject else {
            throw CeremonyError(.state, "No release was signed for \(slot.slot)", remedy: "Verify the folder")
        }
        // Of the material alone: that somebody brings the other material that the key lacks is in what was signed.
        func compared(_ differences: [Difference]) -> [Difference] {
            differences.filter { $0.slot == slot.slot && [Self.whetherThere, Self.whatExpiry].contains($0.what) }
        }
        let seen = compared(try await differencesOfMaterial(of: slot))
        guard seen != compared(release.differences) else { return }
        let now = seen.map { "\($0.what): \($0.observed)" }.joined(separator: ", ")
        throw CeremonyError(
            .state,
            "KMS shows the material of \(slot.slot) otherwise than people signed at release"
                + (now.isEmpty ? ": it is as it was planned again" : "; it shows \(now)"),
            remedy:
                "Nothing was imported for \(slot.slot). Find out who changed it: a deletion may have been an emergency stop. "
                + "Once it is as it was signed, run again; or end the ceremony, and freeze a new plan")
    }

    private static func imported(_ slot: PlanSlot, _ planned: ReimportedMaterial, _ learned: Learned) -> Event {
        .imported(Imported(slot: slot.slot, material: planned.material, learned: learned))
    }

    /// KMS tells material by itself, whatever wraps it: only another key in the HSM is refused so. KMS is not asked twice whether
    /// it is the right one, and nobody is asked to sign for it.
    func requireNotRefused(_ slot: PlanSlot) throws {
        guard let planned = slot.reimported, record.slots[slot.slot]?.isOtherMaterial == true else { return }
        throw CeremonyError(
            .state,
            "KMS refused the HSM key \(slot.label) (id \(slot.id)): it is not the one that was imported into \(slot.key) as "
                + "\(planned.material)",
            remedy:
                "Nothing changed, and the refusal is on record. End the ceremony. Find the right key, by what the ceremony "
                + "that imported it has on record, its label and check values; then freeze a plan that names it")
    }

    /// Whether this ceremony's import shows: KMS has the material, with the expiry that was signed, and with the description
    /// that no other ceremony gives it.
    private func importedAgain(_ slot: PlanSlot) async throws -> KMSMaterial? {
        guard let planned = slot.reimported else { return nil }
        return try await ports.kms.materials(of: slot.key).first {
            $0.id == planned.material && $0.isImported && $0.expiry == planned.expiry
                && $0.description == slot.description
        }
    }

    private func isImportedPatiently(_ slot: PlanSlot) async throws -> Bool {
        try await patiently { try await self.importedAgain(slot) } != nil
    }

    /// The same; false, too, when the look itself is refused, which tells nothing.
    private func isFoundImported(_ slot: PlanSlot) async throws -> Bool {
        do { return try await isImportedPatiently(slot) } catch is ServiceRefused { return false }
    }

    /// Whether KMS does not have the material: of one that the key ever used, an entry stays.
    private func lacks(_ material: String, _ slot: PlanSlot) async throws -> Bool {
        try await ports.kms.materials(of: slot.key).contains { $0.id == material && !$0.isImported }
    }

    /// What was planned must still be so: the alias, what the material is to the key, and what else the key lacks.
    ///
    /// - Returns: The material, and what becomes of the key as KMS has it now.
    private func requireReimportable(
        _ slot: PlanSlot
    ) async throws -> (found: KMSMaterial, effect: ReimportedMaterial.Effect) {
        func refused(_ what: String, _ remedy: String) -> CeremonyError {
            CeremonyError(.state, what, remedy: "Nothing was imported for \(slot.slot). \(remedy)")
        }
        let key: KMSKey
        do { key = try await ports.kms.describe(slot.shownName) } catch is NoSuchKey {
            throw refused(
                "\(slot.shownName) is no longer what the plan found: KMS has none of that name",
                "Find out who removed it. Once it is back, run again; or end the ceremony, and freeze a new plan")
        }
        guard key.arn == slot.key else {
            throw refused(
                "\(slot.shownName) is no longer what the plan found: it resolves to \(key.arn)",
                "Find out who moved it. Once it is back, run again; or end the ceremony, and freeze a new plan")
        }
        guard ReimportedMaterial.importableStates.contains(key.state) else {
            throw refused(
                "The key of \(slot.slot) is \(PercentEncoding.encode(key.state)) since the plan",
                "What was signed of the key would not be true of it. \(key.remedy)")
        }
        guard !key.multiRegion else {
            throw refused(
                "The key of \(slot.slot) is multi-Region since the plan",
                "Freeze a new plan, which says what to do then")
        }
        let materials = try await ports.kms.materials(of: slot.key)
        guard let planned = slot.reimported, let found = materials.first(where: { $0.id == planned.material }),
            found.state.rawValue == planned.state.rawValue
        else {
            throw refused(
                "The key of \(slot.slot) was rotated since the plan: the material is no longer what it was to it",
                "Find out who rotated it; end the ceremony, and freeze a new plan")
        }
        let effect = ReimportedMaterial.effect(of: planned.material, in: materials)
        guard planned.effect == .unusable || effect == .usable else {
            throw refused(
                "The key of \(slot.slot) lacks other material, too, since the plan: it would stay unusable",
                "People signed that it becomes usable. Import that other material again first, or end the ceremony and freeze a "
                    + "new plan, which says so")
        }
        return (found, effect)
    }

    /// KMS must have the material as it was signed, and the key must be as people were told.
    func verifyReimport(_ slot: PlanSlot) async throws {
        guard let planned = slot.reimported else { return }
        var shown = (key: "", material: KMSMaterial?.none)
        let verified = try await patiently { () -> ReimportVerified? in
            let found = try await self.ports.kms.materials(of: slot.key).first { $0.id == planned.material }
            shown = (try await self.ports.kms.describe(slot.key).state, found)
            guard let found, found.isImported, found.expiry == planned.expiry,
                found.state.rawValue == planned.state.rawValue, planned.allows(shown.key)
            else { return nil }
            return ReimportVerified(
                slot: slot.slot, material: found.id, state: planned.state, expiry: planned.expiry, keyState: shown.key)
        }
        guard let verified else { throw Self.unverified(slot, planned, shown.key, shown.material) }
        try journal(.reimportVerified(verified))
    }

    private static func unverified(
        _ slot: PlanSlot, _ planned: ReimportedMaterial, _ keyState: String, _ found: KMSMaterial?
    ) -> CeremonyError {
        let isThere = found?.isImported == true
        let material = found?.expiry.map { "\(found?.state.word ?? ""), expiry \($0.text)" } ?? "without it"
        return CeremonyError(
            .state,
            "KMS took the material \(planned.material) of \(slot.key), and shows the key as "
                + "\(PercentEncoding.encode(keyState)), \(isThere ? "with it \(material)" : material); signed was the expiry "
                + planned.expiry.text,
            remedy:
                "The import is on record and is not done again. Run again in a few minutes: it is looked at again. If it "
                + "stays so, somebody changed the key meanwhile, or it lacks other material: find out who, and bring it back, "
                + "then run again; or end the ceremony, and freeze a new plan")
    }
}

extension ReimportedMaterial {
    /// What becomes of a key with these materials when one of them is imported again.
    static func effect(of material: String, in materials: [KMSMaterial]) -> Effect {
        // What waits for a rotation was never used.
        let isLacking = materials.contains { $0.id != material && !$0.isImported && $0.state != .pendingRotation }
        return isLacking ? .unusable : .usable
    }
}
