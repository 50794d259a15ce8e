import CryptoPrimitives
import Evidence

extension Engine {
    /// The ARN of the key that a slot's new material is for.
    ///
    /// - Throws: `CeremonyError` when the plan replaces a key and the new one was not created yet.
    func key(of slot: PlanSlot) throws -> String {
        guard let key = record.key(of: slot) else {
            throw CeremonyError(.state, "The new key of \(slot.slot) is not created yet", remedy: "Run again")
        }
        return key
    }

    /// Tries an activation by use: what was encrypted before it still decrypts, and what is encrypted now, with the
    /// alias where there is one, decrypts with the new material.
    ///
    /// A key whose material KMS does not name is had to compute its commitment instead.
    func verifyByUse(_ slot: PlanSlot) async throws {
        let signed = record.activation(of: slot.slot)
        try await requireNoneDeleted(since: slot)
        // Some of KMS may go on as before for a moment, though it showed the change already.
        // An alias that was just made may be unknown as well, where it is looked at or used.
        let verified = try await patiently {
            do { return try await self.use(slot, as: signed) } catch is NoSuchKey { return nil }
        }
        guard let verified else {
            throw CeremonyError(
                .state, "\(slot.shownName) is activated and does not work so yet: KMS still uses what was before",
                remedy:
                    "The activation is on record and is not done again. Run again in a few minutes: it is tried again. If "
                    + "it stays so, find out who changed the key or its alias")
        }
        try journal(.activationVerified(verified))
    }

    /// A rotation is done, and KMS has lost material of the key since: by that the whole key is of no use, and nothing of it is the
    /// rotation's fault, or is undone by doing it again.
    private func requireNoneDeleted(since slot: PlanSlot) async throws {
        guard slot.strategy == .rotate, try await ports.kms.describe(slot.key).state == "PendingImport" else { return }
        let gone = try await ports.kms.materials(of: slot.key).filter { !$0.isImported }.map { material in
            PercentEncoding.encode(material.id)
                + (material.id == slot.currentMaterial ? ", the one before the rotation" : "")
        }
        throw CeremonyError(
            .state,
            "The key of \(slot.slot) was rotated, and is of no use since: KMS no longer has its material "
                + (gone.isEmpty ? "that it does not name yet" : gone.joined(separator: "; "))
                + ", which expired or was deleted",
            remedy:
                "The rotation is on record, and is not done again. Find out who deleted it, in CloudTrail "
                + "(DeleteImportedKeyMaterial): it may have been an emergency stop. If it is to come back, import exactly that "
                + "material again: by a plan with the strategy reimport, for the HSM key it came from. Once the key is Enabled, run "
                + "again: the rotation is tried by use then. Otherwise end this ceremony, which leaves the key as it is"
        )
    }

    /// - Returns: nil while it is used otherwise than it was signed.
    private func use(_ slot: PlanSlot, as signed: ActivateSlot?) async throws -> ActivationVerified? {
        var target: String?
        if let alias = slot.alias { target = try await ports.kms.describe(alias).arn }
        guard target == signed?.aliasTargetAfter else { return nil }
        let (old, new) = try await slot.keySpec.keepsMaterials ? materialsByUse(of: slot) : commitments(of: slot)
        guard new == signed?.materialAfter else { return nil }
        return ActivationVerified(
            slot: slot.slot, alias: slot.alias, aliasTarget: target, oldMaterial: old, newMaterial: new)
    }

    /// What the old key computes still, and the new one by its alias.
    private func commitments(of slot: PlanSlot) async throws -> (old: String?, new: String) {
        let block = try commitmentBlock(of: slot)
        var old: String?
        if slot.currentMaterial != nil {
            old = try await ports.kms.commitment(of: slot.key, slot.keySpec, block: block)
        }
        return (old, try await ports.kms.commitment(of: slot.shownName, slot.keySpec, block: block))
    }

    private func materialsByUse(of slot: PlanSlot) async throws -> (old: String?, new: String) {
        let key = try key(of: slot)
        let old = try await decryptProbe(of: slot)
        let plaintext = try SecureRandom.bytes(count: 32)
        let ciphertext = try await ports.kms.encrypt(plaintext, with: slot.shownName)
        let new = try await ports.kms.decrypt(ciphertext, with: key)
        guard new.plaintext == plaintext else {
            throw CeremonyError(
                .state, "What \(slot.shownName) encrypts does not decrypt to the same bytes",
                remedy: "Stop using it and call AWS; no old material was touched")
        }
        return (old, new.material)
    }

    /// Decrypts what was encrypted before the ceremony, with the key that did it.
    ///
    /// - Returns: The material that decrypted it; nil for a key that had none to encrypt with.
    private func decryptProbe(of slot: PlanSlot) async throws -> String? {
        guard let probe = slot.probe else { return nil }
        guard let ciphertext = Base64.decode(probe.ciphertext) else {
            throw CeremonyError(.invalidInput, "The plan's probe is not base64", remedy: "Freeze a new plan")
        }
        let old = try await ports.kms.decrypt(ciphertext, with: slot.key)
        guard SHA256Digest(of: old.plaintext) == probe.plaintext else {
            throw CeremonyError(
                .state, "The old ciphertext of \(slot.slot) no longer decrypts to what it was",
                remedy: "Look at the key's materials in KMS at once: old data depends on them")
        }
        return old.material
    }
}
