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
    func verifyByUse(_ slot: PlanSlot) async throws {
        let key = try key(of: slot)
        var target: String?
        if let alias = slot.alias { target = try await ports.kms.describe(alias).arn }
        let old = try await decryptProbe(of: slot)
        let plaintext = try SecureRandom.bytes(count: 32)
        let ciphertext = try await ports.kms.encrypt(plaintext, with: slot.shownName)
        let new = try await ports.kms.decrypt(ciphertext, with: key)
        guard new.plaintext == plaintext else {
            throw CeremonyError(
                .state, "What \(slot.shownName) encrypts does not decrypt to the same bytes",
                remedy: "Stop using it and call AWS; no old material was touched")
        }
        try journal(
            .activationVerified(
                ActivationVerified(
                    slot: slot.slot, alias: slot.alias, aliasTarget: target, oldMaterial: old,
                    newMaterial: new.material)))
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
