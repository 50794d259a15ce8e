import CryptoPrimitives
import Evidence

extension Engine {
    /// Imports each slot's material: as new, pending in a key that has some already, current in one that has none; or as what the
    /// key had before. Where *release* has to be signed again first, it comes to no more than that.
    func importAll() async throws {
        for slot in record.plan.slots
        where slot.strategy.importsMaterial && record.slots[slot.slot]?.imported == nil {
            guard slot.strategy == .reimport else {
                try await importNew(slot)
                continue
            }
            guard try await importAgain(slot) else { return }
        }
        for slot in record.plan.slots where slot.strategy == .reimport {
            if record.slots[slot.slot]?.reimportVerified == nil { try await verifyReimport(slot) }
        }
    }

    private func importNew(_ slot: PlanSlot) async throws {
        let (blob, token) = try files(slot, .import)
        let key = try key(of: slot)
        let intent = Event.importIntended(
            ImportIntended(
                slot: slot.slot, key: key, blob: SHA256Digest(of: blob), token: SHA256Digest(of: token),
                description: slot.description, caller: try await caller(of: .import)))
        guard slot.keySpec.keepsMaterials else { return try await importOnly(slot, intent, blob, token) }
        if record.openIntent != intent { try await requireRoom(in: slot, key, mayBeOurs: record.wasTried(intent)) }
        try await effect(intent) {
            guard let arrived = try await self.arrived(in: slot) else { return nil }
            try self.requireOurs(arrived, in: slot, key)
            if slot.proof == .none { try await self.confirm(arrived, in: slot, blob: blob, token: token) }
            return .imported(Imported(slot: slot.slot, material: arrived.id, learned: .byLooking))
        } act: {
            let answer = try await self.ports.kms.importMaterial(
                ImportRequest(key: key, kind: .new, blob: blob, token: token, description: slot.description))
            guard let material = answer.material else {
                throw CeremonyError(
                    .state, "KMS did not say what it calls the material of \(slot.slot)",
                    remedy: "Run again: it is looked for before anything is done again")
            }
            return .imported(Imported(slot: slot.slot, material: material, learned: Learned(request: answer.request)))
        }
    }

    /// Imports the one material that a key has for ever. KMS does not name it: what KMS computes with it is the proof, and
    /// the name.
    private func importOnly(_ slot: PlanSlot, _ intent: Event, _ blob: [UInt8], _ token: [UInt8]) async throws {
        if record.openIntent != intent, !record.wasTried(intent) {
            guard try await onlyMaterial(of: slot) == nil else { throw Self.usedStranger(in: slot, "") }
        }
        try await effect(intent) {
            try await self.imported(slot, learned: .byLooking)
        } act: {
            let answer = try await self.ports.kms.importMaterial(
                ImportRequest(key: try self.key(of: slot), kind: .only, blob: blob, token: token, description: nil))
            for _ in 0..<60 {
                if let result = try await self.imported(slot, learned: Learned(request: answer.request)) {
                    return result
                }
                try await self.ports.clock.wait(milliseconds: 1000)
            }
            throw CeremonyError(
                .state, "KMS accepted the material of \(slot.slot) but does not show it yet",
                remedy: "Run again in a few minutes: it is looked at before anything is done again")
        }
    }

    /// The result, if the key has material.
    ///
    /// - Throws: `CeremonyError` when it is other material than the HSM's.
    private func imported(_ slot: PlanSlot, learned: Learned) async throws -> Event? {
        guard let material = try await onlyMaterial(of: slot) else { return nil }
        guard material == record.slots[slot.slot]?.generated?.commitment else {
            throw CeremonyError(
                .state,
                "KMS computes otherwise with the key of \(slot.slot) than the HSM does with the key that it made",
                remedy: "It holds other material, for ever. Do not use it; find out who imported it")
        }
        return .imported(Imported(slot: slot.slot, material: material, learned: learned))
    }

    private func onlyMaterial(of slot: PlanSlot) async throws -> String? {
        try await currentMaterial(of: try await ports.kms.describe(try key(of: slot)), slot)
    }

    /// What identifies the material that a key of a slot uses: KMS's id of it, or the commitment that KMS computes.
    ///
    /// - Returns: nil for a key that has none, or is not enabled to use it.
    func currentMaterial(of key: KMSKey, _ slot: PlanSlot) async throws -> String? {
        guard !slot.keySpec.keepsMaterials else { return key.currentMaterial }
        guard key.state == "Enabled" else { return nil }
        return try await ports.kms.commitment(of: key.arn, slot.keySpec, block: try commitmentBlock(of: slot))
    }

    /// Without a proof to come, what was found by its description is held to the blob itself: KMS refuses, as existing
    /// material, whatever the blob does not hold.
    private func confirm(_ found: KMSMaterial, in slot: PlanSlot, blob: [UInt8], token: [UInt8]) async throws {
        let key = try key(of: slot)
        do {
            let answer = try await ports.kms.importMaterial(
                ImportRequest(
                    key: key, kind: .existing(material: found.id), blob: blob, token: token,
                    description: slot.description))
            guard answer.material == found.id else { throw stranger(found, in: slot, key) }
        } catch let refused as ServiceRefused where refused.code == "IncorrectKeyMaterialException" {
            throw stranger(found, in: slot, key)
        }
    }

    /// Requires that nobody was here since the plan: no pending material, and the same current one.
    ///
    /// - Parameter mayBeOurs: Whether an earlier import of this ceremony may have arrived though it is not on record.
    private func requireRoom(in slot: PlanSlot, _ key: String, mayBeOurs: Bool) async throws {
        let materials = try await ports.kms.materials(of: key)
        if let found = Self.arrived(materials, in: slot) {
            guard mayBeOurs else {
                throw found.description == slot.description
                    ? Self.importedElsewhere(found, in: slot) : stranger(found, in: slot, key)
            }
            return try requireOurs(found, in: slot, key)
        }
        guard
            slot.strategy != .rotate
                || materials.contains(where: { $0.id == slot.currentMaterial && $0.state == .current })
        else {
            throw CeremonyError(
                .state, "The key of \(slot.slot) has other current material than the plan found",
                remedy: "Nothing was imported. Find out who rotated it; end this ceremony, and freeze a new plan")
        }
    }

    /// Whether an import that has no result arrived, in a key that had no material: by the look that the import itself takes.
    func holdsOurs(_ key: KMSKey, _ slot: PlanSlot) async throws -> Bool {
        guard key.state == "Enabled" else { return false }
        guard slot.keySpec.keepsMaterials else {
            return try await currentMaterial(of: key, slot) == record.slots[slot.slot]?.generated?.commitment
        }
        guard let arrived = try await arrived(in: slot) else { return false }
        return arrived.description == slot.description
    }

    /// The material that an import leaves behind: pending where there was some before, otherwise the only one.
    private func arrived(in slot: PlanSlot) async throws -> KMSMaterial? {
        Self.arrived(try await ports.kms.materials(of: try key(of: slot)), in: slot)
    }

    private static func arrived(_ materials: [KMSMaterial], in slot: PlanSlot) -> KMSMaterial? {
        slot.strategy == .rotate ? materials.first { $0.state == .pendingRotation } : materials.first
    }

    /// What an earlier call left must be what it imported, and still be there.
    private func requireOurs(_ found: KMSMaterial, in slot: PlanSlot, _ key: String) throws {
        guard found.description == slot.description else { throw stranger(found, in: slot, key) }
        guard found.isImported else { throw Self.deleted(found.id, in: slot) }
    }

    /// Of what this ceremony imported, and KMS no longer has. Whoever deleted it may have had to stop the key: what people signed
    /// is not good for undoing that.
    static func deleted(_ material: String, in slot: PlanSlot) -> CeremonyError {
        CeremonyError(
            .state,
            "KMS no longer has the material that this ceremony imported for \(slot.slot), "
                + "\(PercentEncoding.encode(material)): somebody deleted it",
            remedy:
                "It was not imported again: the deletion may have been an emergency stop. Find out who deleted it, in CloudTrail "
                + "(DeleteImportedKeyMaterial), and end this ceremony. If the material is to come back, freeze a plan with the "
                + "strategy reimport, for the same HSM key")
    }

    private func stranger(_ found: KMSMaterial, in slot: PlanSlot, _ key: String) -> CeremonyError {
        let name = ": KeyMaterialId \(PercentEncoding.encode(found.id))"
        guard slot.strategy == .rotate else { return Self.usedStranger(in: slot, name) }
        return CeremonyError(
            .state, "The key of \(slot.slot) has pending material that this ceremony did not import\(name)",
            remedy: "Nothing was imported. Find out whose it is. If nobody wants it, "
                + PendingMaterial.removal(of: found.id, from: key)
                + ". Then run again; KMS may show it for some minutes more")
    }

    /// Of what carries this ceremony's and slot's own description, where this folder never had it imported: another copy did, and may
    /// have gone on with it.
    private static func importedElsewhere(_ found: KMSMaterial, in slot: PlanSlot) -> CeremonyError {
        CeremonyError(
            .state,
            "The key of \(slot.slot) has material with the description of this very ceremony, which this folder has no import "
                + "of: KeyMaterialId \(PercentEncoding.encode(found.id))",
            remedy:
                "Another copy of this folder imported it, most likely: do not delete it, and do not go on here. Find that copy: "
                + "the one with more lines is the ceremony, and this one is out of use")
    }

    /// Of a key that had no material: what is there now is current, and the key is nothing without it.
    private static func usedStranger(in slot: PlanSlot, _ name: String) -> CeremonyError {
        CeremonyError(
            .state, "The key of \(slot.slot) has material that this ceremony did not import\(name)",
            remedy:
                "It is current: do not delete it. Find out who imported it; end this ceremony, and plan for another key"
        )
    }
}
