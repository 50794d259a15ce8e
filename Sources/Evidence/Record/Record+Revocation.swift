extension Record {
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

    mutating func admit(_ body: RevocationVerified) throws {
        let progress = try progress(body.slot)
        guard let signed = revocation(of: body.slot) else {
            throw RecordViolation(reason: "verified before *activate* was passed")
        }
        try demand(
            progress.revoked != nil && progress.revocationVerified == nil, "verified before it was deleted, or twice")
        try demand(
            body.material == signed.material && signed.effect.allows(keyState: body.keyState),
            "the deletion did not come out as it was signed")
        try update(body.slot) { $0.revocationVerified = body }
    }
}
