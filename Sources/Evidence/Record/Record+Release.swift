import CryptoPrimitives

extension Record {
    /// What a release is about now: every slot whose material is still to be imported or proved, with the wrapping keys
    /// that were fetched for that.
    ///
    /// nil while a slot lacks its key or one of its wrapping keys.
    package var releasable: [ReleaseSlot]? {
        var release: [ReleaseSlot] = []
        for planned in plan.slots {
            guard let progress = slots[planned.slot], let generated = progress.generated, let key = key(of: planned)
            else { return nil }
            let outstanding = progress.outstanding(of: planned)
            guard outstanding.allSatisfy({ progress.fetched[$0] != nil }) else { return nil }
            guard !outstanding.isEmpty else { continue }
            release.append(
                ReleaseSlot(
                    slot: planned.slot, key: key, algorithm: planned.keySpec.algorithm,
                    commitment: generated.commitment,
                    takesEffect: planned.strategy.takesEffect,
                    expiry: planned.reimported?.expiry.text ?? ReleaseSlot.never,
                    reimported: planned.reimported,
                    hsmKey: planned.reimported.flatMap { _ in ReleasedHSMKey(of: planned, as: generated) },
                    intendedBefore: importedBefore(planned)?.seq,
                    import: progress.target(for: .import, of: planned),
                    proof: progress.target(for: .proof, of: planned)))
        }
        return release
    }

    /// What was intended to be imported again before, and left without a known outcome: somebody may have deleted it since. nil of
    /// new material.
    package func importedBefore(_ planned: PlanSlot) -> UnsettledEffect? {
        planned.reimported.flatMap { _ in unknownEffects[LeftEffect(kind: .importIntended, slot: planned.slot)] }
    }

    /// Less than there might be of protection or certainty: what people are told before material leaves the HSM.
    package var warnings: [RecordedFinding] { selfTested?.findings.filter { $0.result == .warn } ?? [] }

    /// When the first of the tokens expires that a release is about now. One that is signed again for the activation alone,
    /// which the plan folds into it, is about none: it counts as long as the plan.
    package var releaseDeadline: Timestamp {
        plan.slots.flatMap { planned in
            slots[planned.slot].map { progress in
                progress.outstanding(of: planned).compactMap { progress.fetched[$0]?.validUntil }
            } ?? []
        }.min() ?? plan.window.until
    }
}

extension Record {
    /// Whether something that is still to be imported or proved has no blob.
    package var isWrapWanted: Bool {
        plan.slots.contains { planned in
            guard let progress = slots[planned.slot] else { return false }
            return progress.outstanding(of: planned).contains { progress.blobs[$0] == nil }
        }
    }
}

extension SlotProgress {
    /// The wrapping key and token that were fetched for what is still to be done.
    fileprivate func target(for purpose: Purpose, of planned: PlanSlot) -> WrappingTarget? {
        guard outstanding(of: planned).contains(purpose) else { return nil }
        return fetched[purpose].map { WrappingTarget(spki: $0.spki, token: $0.token) }
    }
}

extension ReleaseSlot {
    /// The expiry of material that does not expire.
    package static let never = "never"
}
