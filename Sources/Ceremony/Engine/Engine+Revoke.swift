import Evidence

/// The emergency stop: material is deleted, by its id, and no other.
///
/// What people signed is good for one call. Where nobody knows whether that was made, and KMS has the material, it may have
/// been imported again since: they sign once more, and are told.
extension Engine {
    /// What is signed before anything is deleted: what the plan has, as long as KMS has it so.
    func revocationSubject(_ revocations: [Revocation]) async throws -> ActivateSubject {
        for signed in revocations where try await !isRevoked(signed) { try await requireRevocable(signed) }
        return ActivateSubject(
            caller: record.plan.environment.aws.callers?.activate, slots: [], revocations: revocations)
    }

    /// Whether a deletion is done, though its gate was taken back since.
    private func isRevoked(_ signed: Revocation) async throws -> Bool {
        if record.slots[signed.slot]?.revoked != nil { return true }
        guard mayBeAsked(signed) else { return false }
        return try await isGone(signed)
    }

    /// Whether KMS may have been asked before, with no known outcome. What it refused did not happen: what is gone after that,
    /// somebody else deleted.
    private func mayBeAsked(_ signed: Revocation) -> Bool { record.wasLeft(.revokeIntended, signed.slot) }

    /// Deletes each material that was signed, and looks afterwards.
    ///
    /// - Returns: Whom *activate* waits for, where it is signed again.
    func revokeAll() async throws -> Outcome? {
        for slot in record.plan.slots where slot.strategy == .revoke {
            guard let signed = record.revocation(of: slot.slot) else {
                throw CeremonyError(.state, "No deletion was signed for \(slot.slot)", remedy: "Verify the folder")
            }
            if record.slots[slot.slot]?.revoked == nil, try await !revoke(signed) {
                if let waiting = try await pass(.activate, subject: { .activate(try await self.activateSubject()) }) {
                    return waiting
                }
                return try await revokeAll()
            }
            if record.slots[slot.slot]?.revocationVerified == nil { try await verifyRevocation(signed) }
        }
        return nil
    }

    /// - Returns: Whether it is deleted; false where people have to sign again.
    private func revoke(_ signed: Revocation) async throws -> Bool {
        if case .revokeIntended(let open)? = record.openIntent, open.slot == signed.slot {
            return try await lookUp(signed)
        }
        let intent = Event.revokeIntended(
            RevokeIntended(
                slot: signed.slot, key: signed.key, material: signed.material, caller: try await caller(of: .activate)))
        let isFound = mayBeAsked(signed) ? try await isGonePatiently(signed) : false
        try await attend()
        // Looked at last of all: people may have taken their time.
        if !isFound { try await requireRevocable(signed) }
        let isUnknown = record.hasUnknownOutcome(intent)
        try journal(intent)
        if isFound {
            try journal(revoked(signed, .byLooking))
        } else {
            try await delete(signed, intent, isUnknown: isUnknown)
        }
        return true
    }

    /// What became of a call that a killed run may have made, or that was not answered. It is not made again for what was
    /// signed then.
    private func lookUp(_ signed: Revocation) async throws -> Bool {
        let isGone = try await isGonePatiently(signed)
        try journal(
            isGone
                ? revoked(signed, .byLooking)
                : .revokeAbandoned(RevokeAbandoned(slot: signed.slot, material: signed.material)))
        return isGone
    }

    /// Makes the one call, and journals what came of it.
    private func delete(_ signed: Revocation, _ intent: Event, isUnknown: Bool) async throws {
        do {
            try journal(revoked(signed, Learned(request: try await askToDelete(signed))))
        } catch let lost as AnswerLost {
            guard try await isFoundGone(signed) else { throw lost }
            try journal(revoked(signed, .byLooking))
        } catch let refused as ServiceRefused {
            // An earlier call may have had the effect.
            if mayBeAsked(signed) {
                if try await isFoundGone(signed) { return try journal(revoked(signed, .byLooking)) }
                if refused.leavesOpen(intent) { throw refused.leavingOpen }
            }
            try journal(refused.onRecord(afterUnknown: isUnknown))
            throw refused
        }
    }

    /// - Returns: The request's id.
    private func askToDelete(_ signed: Revocation) async throws -> String {
        let answer = try await ports.kms.deleteMaterial(signed.material, of: signed.key)
        guard answer.material == signed.material else {
            throw CeremonyError(
                .state,
                "KMS was asked to delete the material \(signed.material) of \(signed.key), and answered for "
                    + PercentEncoding.encode(answer.material ?? "none"),
                remedy:
                    "Look at the key's materials in KMS (ListKeyRotations) at once. Run again: what was asked is "
                    + "looked for before anything is done again")
        }
        return answer.request
    }

    private func revoked(_ signed: Revocation, _ learned: Learned) -> Event {
        .revoked(Revoked(slot: signed.slot, material: signed.material, learned: learned))
    }

    /// Whether KMS no longer has the material: of one that the key ever used, an entry stays.
    private func isGone(_ signed: Revocation) async throws -> Bool {
        try await ports.kms.materials(of: signed.key).contains { $0.id == signed.material && !$0.isImported }
    }

    private func isGonePatiently(_ signed: Revocation) async throws -> Bool {
        try await patiently { try await self.isGone(signed) ? true : nil } ?? false
    }

    /// The same; false, too, when the look itself is refused, which tells nothing.
    private func isFoundGone(_ signed: Revocation) async throws -> Bool {
        do { return try await isGonePatiently(signed) } catch is ServiceRefused { return false }
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
        guard RevokedMaterial.deletableStates.contains(key.state) else {
            throw refused(
                "The key of \(signed.slot) is \(PercentEncoding.encode(key.state)) since the plan",
                "What was signed of the key would not be true of it. \(key.remedy)")
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
        guard found.state.rawValue == signed.state.rawValue, current == [signed.currentMaterial],
            (key.currentMaterial ?? signed.currentMaterial) == signed.currentMaterial
        else {
            throw refused(
                "The key of \(signed.slot) was rotated since the plan: the material to be deleted is \(found.state.word) now, "
                    + "the plan has it as \(signed.state.rawValue), and \(PercentEncoding.encode(key.currentMaterial ?? current.first ?? "none")) is current",
                "The deletion would do something else to the key than was signed. Find out who rotated it; end the "
                    + "ceremony, and freeze a new plan")
        }
    }

    /// What was deleted must be gone from KMS, and the key of no use.
    private func verifyRevocation(_ signed: Revocation) async throws {
        var state = ""
        let isStopped = try await patiently { () -> Bool? in
            state = ""
            guard try await self.isGone(signed) else { return nil }
            state = try await self.ports.kms.describe(signed.key).state
            return state == RevokedMaterial.stopped ? true : nil
        }
        guard isStopped == true else { throw Self.unstopped(signed, state) }
        try journal(
            .revocationVerified(RevocationVerified(slot: signed.slot, material: signed.material, keyState: state)))
    }

    /// - Parameter state: The key's, where the material is gone; else empty.
    private static func unstopped(_ signed: Revocation, _ state: String) -> CeremonyError {
        let what = "The material \(signed.material) of \(signed.key) is deleted, and KMS shows "
        return CeremonyError(
            .state,
            what + (state.isEmpty ? "it still" : "the key as \(PercentEncoding.encode(state))"),
            remedy:
                "The deletion is on record and is not done again. Run again in a few minutes: it is looked at again. If "
                + "it stays so, somebody \(state.isEmpty ? "imported the material again" : "changed the key meanwhile"): find "
                + "out who, end the ceremony, and freeze a new plan")
    }
}
