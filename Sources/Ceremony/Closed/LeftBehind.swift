package import Evidence

/// What a ceremony leaves in HSM, KMS and folder when its plan's window is over in the middle of it, for the people who see to it.
package struct LeftBehind: Sendable {
    /// A phrase a thing, in the order of the plan's slots.
    package let things: [String]

    /// - Parameters:
    ///   - record: The ceremony as it stands.
    ///   - now: The time, to which the wrapped keys' is held.
    package init(of record: Record, at now: Timestamp) {
        let unsettled = record.unknownEffect.map {
            ["\($0.kind.rawValue), of which nobody looked whether it happened" + Self.whereToLook($0, record)]
        }
        things =
            (unsettled ?? [])
            + record.plan.slots.flatMap { slot in
                record.slots[slot.slot].map { Self.things(left: $0, of: slot, record) } ?? []
            } + (Self.files(of: record, at: now).map { [$0] } ?? [])
    }

    /// Each with its number, where there are several.
    package var text: String {
        guard things.count > 1 else { return things.first ?? "" }
        return things.enumerated().map { "(\($0 + 1)) \($1)" }.joined(separator: "; ")
    }

    private static func whereToLook(_ effect: UnsettledEffect, _ record: Record) -> String {
        guard case .importIntended(let intent) = record.transcript.lines[effect.seq - 1].event,
            let description = intent.description
        else { return "" }
        return ". Material of \(intent.key) with the description \(description) is this ceremony's "
            + "(\(PendingMaterial.look(at: intent.key)))"
    }

    private static func things(left progress: SlotProgress, of slot: PlanSlot, _ record: Record) -> [String] {
        if let revoked = progress.revoked {
            return [
                "\(slot.key) without its material \(revoked.material), which was deleted: of no use until that is back"
            ]
        }
        guard progress.settled == nil else { return [] }
        var left: [String] = []
        if progress.created == nil, record.mayHaveMade(slot) {
            left.append(
                "perhaps a new KMS key for \(slot.slot), by its tag \(slot.marker.key) with the value \(slot.marker.value): it has "
                    + "no material and serves nobody, and is to be deleted (kms:ScheduleKeyDeletion)")
        }
        if progress.generated != nil {
            let isKept = slot.strategy == .reimport
            left.append(
                "the HSM's key \(slot.label)"
                    + (isKept
                        ? ", which was there before and may have the usage CKA_ENCRYPT still: do not delete it; the vendor's "
                            + "tool takes that usage away, and so does the settling of a later ceremony" : ""))
        }
        return left + inKMS(progress, slot, record)
    }

    private static func inKMS(_ progress: SlotProgress, _ slot: PlanSlot, _ record: Record) -> [String] {
        let isUnderWay = record.isActivating(slot)
        if let made = progress.created?.key, progress.aliasSet == nil {
            return ["the new key \(made)" + (isUnderWay ? ", which may be in use by now: do not delete it" : "")]
        }
        guard let imported = progress.imported else { return [] }
        switch slot.strategy {
        case .rotate where progress.rotated == nil:
            let removal = PendingMaterial.removal(of: imported.material, from: slot.key)
            return [
                isUnderWay
                    ? "the imported material \(imported.material) of \(slot.key), which may be current by now: do not delete it "
                        + "then. Only if it was never rotated to: \(removal)"
                    : "the pending material \(imported.material) of \(slot.key), which nothing uses: \(removal)"
            ]
        case .import where progress.verified == nil:
            return [
                "the imported material \(imported.material) of \(slot.key), which is current there: do not delete it"
                    + (slot.alias.map { "; \($0) may not lead to that key yet" } ?? "")
            ]
        default: return []
        }
    }

    /// What lies in the folder is of use to nobody once the tokens are over: KMS takes it no more.
    private static func files(of record: Record, at now: Timestamp) -> String? {
        let unsettled = record.plan.slots.compactMap { record.slots[$0.slot] }.filter { $0.settled == nil }
        guard let last = unsettled.flatMap({ $0.fetched.values.map(\.validUntil) }).max() else { return nil }
        let what =
            unsettled.allSatisfy(\.blobs.isEmpty) ? "tokens/ in the folder" : "wrapped/ and tokens/ in the folder"
        return now > last
            ? "\(what), which stay as evidence: KMS has taken none of them since \(last)"
            : "\(what), which stay as evidence: until \(last) KMS would take them, so let nobody have a copy before"
    }
}

extension Record {
    /// Whether KMS was asked for the key of a slot, or may have been, and no answer is on record.
    fileprivate func mayHaveMade(_ slot: PlanSlot) -> Bool {
        if case .createIntended(let intended)? = openIntent, intended.slot == slot.slot { return true }
        return wasLeft(.createIntended, slot.slot)
    }

    /// Whether an activation is done, or may be: what has no result, here or at another machine, may have taken effect.
    func isActivating(_ slot: PlanSlot) -> Bool { isActivated(slot) || wasActivationLeft(slot) }

    /// The same, of what has a result or was intended last.
    func isActivated(_ slot: PlanSlot) -> Bool {
        switch openIntent {
        case .rotateIntended(let intent) where intent.slot == slot.slot: return true
        case .aliasIntended(let intent) where intent.slot == slot.slot: return true
        default: break
        }
        guard let progress = slots[slot.slot] else { return false }
        return progress.rotated != nil || progress.aliasSet != nil || progress.verified != nil
    }

    /// Whether another machine left it without a result, or it was given up.
    func wasActivationLeft(_ slot: PlanSlot) -> Bool {
        [.rotateIntended, .aliasIntended].contains { wasLeft($0, slot.slot) }
    }
}
