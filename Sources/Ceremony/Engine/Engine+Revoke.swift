import Evidence

/// The emergency stop: material is deleted, by its id, and no other.
extension Engine {
    /// What is signed before anything is deleted: what the plan has, as long as KMS has it so.
    func revocationSubject(_ revocations: [Revocation]) async throws -> ActivateSubject {
        for signed in revocations where try await !isRevoked(signed) { try await requireRevocable(signed) }
        return ActivateSubject(
            caller: record.plan.environment.aws.callers?.activate, slots: [], revocations: revocations)
    }

    /// Whether a deletion is done, though its gate was taken back since. What another machine left KMS is asked about.
    private func isRevoked(_ signed: Revocation) async throws -> Bool {
        if record.slots[signed.slot]?.revoked != nil { return true }
        guard record.wasLeft(.revokeIntended, signed.slot) else { return false }
        return try await isGone(signed)
    }

    /// Deletes each material that was signed, and looks afterwards.
    func revokeAll() async throws {
        for slot in record.plan.slots where slot.strategy == .revoke {
            guard let signed = record.revocation(of: slot.slot) else {
                throw CeremonyError(.state, "No deletion was signed for \(slot.slot)", remedy: "Verify the folder")
            }
            if record.slots[slot.slot]?.revoked == nil { try await revoke(signed) }
            if record.slots[slot.slot]?.revocationVerified == nil { try await verifyRevocation(signed) }
        }
    }

    private func revoke(_ signed: Revocation) async throws {
        let intent = Event.revokeIntended(
            RevokeIntended(
                slot: signed.slot, key: signed.key, material: signed.material, caller: try await caller(of: .activate)))
        // What is gone before this ceremony intended anything, somebody else deleted.
        if record.openIntent != intent, !record.wasTried(intent) { try await requireRevocable(signed) }
        try await effect(intent, looksPatiently: true) {
            let isGone = try await self.patiently { try await self.isGone(signed) ? true : nil } ?? false
            return isGone ? self.revoked(signed, .byLooking) : nil
        } act: {
            // Looked at last of all, directly before the call: people may have taken their time.
            try await self.requireRevocable(signed)
            let answer = try await self.ports.kms.deleteMaterial(signed.material, of: signed.key)
            guard answer.material == signed.material else {
                throw CeremonyError(
                    .state,
                    "KMS was asked to delete the material \(signed.material) of \(signed.key), and answered for "
                        + PercentEncoding.encode(answer.material ?? "none"),
                    remedy:
                        "Look at the key's materials in KMS (ListKeyRotations) at once. Run again: what was asked is "
                        + "looked for before anything is done again")
            }
            return self.revoked(signed, Learned(request: answer.request))
        }
    }

    private func revoked(_ signed: Revocation, _ learned: Learned) -> Event {
        .revoked(Revoked(slot: signed.slot, material: signed.material, learned: learned))
    }

    /// Whether KMS no longer has the material: of one that the key ever used an entry stays, of a pending one nothing.
    private func isGone(_ signed: Revocation) async throws -> Bool {
        let found = try await ports.kms.materials(of: signed.key).filter { $0.id == signed.material }
        guard signed.state == .pendingRotation else { return found.contains { !$0.isImported } }
        return found.allSatisfy { !$0.isImported }
    }

    /// What was planned must still be so: the alias, the material, what it is to the key, and what is current.
    private func requireRevocable(_ signed: Revocation) async throws {
        func refused(_ what: String, _ remedy: String) -> CeremonyError {
            CeremonyError(.state, what, remedy: "Nothing was deleted for \(signed.slot). \(remedy)")
        }
        let name = signed.alias ?? signed.key
        let key: KMSKey
        do { key = try await ports.kms.describe(name) } catch is NoSuchKey {
            throw refused(
                "\(name) is no longer what the plan found: KMS has none of that name",
                "Find out who removed it. Once it is back, run again; or end the ceremony, and freeze a new plan")
        }
        guard key.arn == signed.key else {
            throw refused(
                "\(name) is no longer what the plan found: it resolves to \(key.arn)",
                "Find out who moved it, and which key is to be stopped. Once it is back, run again; or end the ceremony, "
                    + "and freeze a new plan")
        }
        guard key.relatedKeys.isEmpty else {
            throw refused(
                "The key of \(signed.slot) has replicas since the plan: \(key.relatedKeys.joined(separator: ", "))",
                "They keep the material. Find out who made them, and stop them first")
        }
        let materials = try await ports.kms.materials(of: signed.key)
        guard let found = materials.first(where: { $0.id == signed.material }), found.isImported else {
            throw refused(
                "KMS does not have the material \(signed.material) of \(signed.key) any more: somebody deleted it, or it "
                    + "expired",
                "Find out who, in CloudTrail. If that is what was wanted, end the ceremony; if somebody imports it again, "
                    + "run again")
        }
        let current = materials.filter { $0.state == .current }.map(\.id)
        guard found.state.rawValue == signed.state.rawValue, current == [signed.currentMaterial] else {
            throw refused(
                "The key of \(signed.slot) was rotated since the plan: the material to be deleted is \(found.state.word) now, "
                    + "the plan has it as \(signed.state.rawValue), and \(PercentEncoding.encode(current.first ?? "none")) is current",
                "The deletion would do something else to the key than was signed. Find out who rotated it; end the "
                    + "ceremony, and freeze a new plan")
        }
    }

    /// What was deleted must be gone from KMS, and the key in the state that was signed.
    private func verifyRevocation(_ signed: Revocation) async throws {
        let state = try await patiently { () -> String? in
            guard try await self.isGone(signed) else { return nil }
            let state = try await self.ports.kms.describe(signed.key).state
            return signed.effect.allows(keyState: state) ? state : nil
        }
        guard let state else {
            throw CeremonyError(
                .state, "The material \(signed.material) of \(signed.key) is deleted, and KMS shows it still",
                remedy:
                    "The deletion is on record and is not done again. Run again in a few minutes: it is looked at again. If "
                    + "it stays so, somebody imported the material again: find out who, end the ceremony, and freeze a new plan"
            )
        }
        try journal(
            .revocationVerified(
                RevocationVerified(
                    slot: signed.slot, material: signed.material, keyState: PercentEncoding.encode(state))))
    }
}
