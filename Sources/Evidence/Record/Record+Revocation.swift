extension Record {
    /// What *activate* is signed for, where the plan deletes material: with what nobody knows of an earlier deletion.
    package var revocations: [Revocation]? {
        plan.revocations?.map { planned in
            var revocation = planned
            revocation.intendedBefore = unknownEffects[LeftEffect(kind: .revokeIntended, slot: planned.slot)]?.seq
            return revocation
        }
    }

    /// What the quorum of *activate* signed to be deleted for a slot.
    package func revocation(of slot: String) -> Revocation? {
        guard case .activate(let subject)? = gates.statement(of: .activate)?.subject else { return nil }
        return subject.revocations?.first { $0.slot == slot }
    }

    func check(_ body: RevokeIntended) throws {
        guard let signed = revocation(of: body.slot) else {
            throw RecordViolation(reason: "a deletion before *activate* was passed")
        }
        try demand(try progress(body.slot).revoked == nil, "a second deletion for the slot \(body.slot)")
        try demand(
            body.key == signed.key && body.material == signed.material, "a deletion that the activation does not name")
    }

    /// What was signed for it is signed again; whether it took effect is as unknown as if another machine went on.
    mutating func abandon(_ intent: Event, under gate: Gate) {
        guard let left = LeftEffect(intent) else { return }
        leftEffects.insert(left)
        unknownEffects[left] = unsettledIntent
        gates.revoke(gate)
    }

    mutating func admit(_ body: RevocationVerified) throws {
        let progress = try progress(body.slot)
        guard let signed = revocation(of: body.slot) else {
            throw RecordViolation(reason: "verified before *activate* was passed")
        }
        try demand(
            progress.revoked != nil && progress.revocationVerified == nil, "verified before it was deleted, or twice")
        try demand(
            body.material == signed.material && body.keyState == RevokedMaterial.stopped,
            "the deletion did not come out as it was signed")
        try update(body.slot) { $0.revocationVerified = body }
    }
}
