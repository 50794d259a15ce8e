import Evidence

extension Engine {
    /// By how many seconds a clock may go back unsaid: it is set right like that, a little, all the time.
    static let settingRight: Int64 = 10

    /// The time, as the transcript's next line has it: never before that of the last.
    ///
    /// - Throws: `CeremonyError` when this host's clock was set back, or the plan's window is over.
    func time() throws -> Timestamp {
        let now = ports.clock.now()
        if let last = record.transcript.lines.last?.at, now < last {
            guard last <= now.advanced(bySeconds: Self.settingRight) else {
                throw CeremonyError(
                    .environment,
                    "This host's clock was set back: it says \(now), and the transcript's last line was written at \(last)",
                    remedy: "Set it right, then run again. If it is right now, run again after \(last). "
                        + "Nothing was journaled; what was under way is looked up then")
            }
            return last
        }
        guard record.plan.window.contains(now) else { throw outsideWindow(now) }
        return now
    }

    private func outsideWindow(_ now: Timestamp) -> CeremonyError {
        let window = record.plan.window
        return CeremonyError(
            .invalidInput, "\(Plan.path): it is \(now), outside its window \(window.from) to \(window.until)",
            remedy: "Check this host's clock; if it is right, freeze a new plan"
                + (leftBehind.isEmpty ? "" : ", and first see to what this one leaves behind: ")
                + leftBehind.joined(separator: ", "))
    }

    /// What the next plan must not stumble over.
    private var leftBehind: [String] {
        let unsettled = record.unknownEffect.map { ["\($0.kind.rawValue), of which nobody looked whether it happened"] }
        return (unsettled ?? [])
            + record.plan.slots.flatMap { slot in record.slots[slot.slot].map { leftBehind(by: $0, of: slot) } ?? [] }
    }

    /// Whether KMS was asked for the key of a slot, or may have been, and no answer is on record.
    private func mayHaveMade(_ slot: PlanSlot) -> Bool {
        if case .createIntended(let intended)? = record.openIntent, intended.slot == slot.slot { return true }
        return record.wasLeft(.createIntended, slot.slot)
    }

    private func leftBehind(by progress: SlotProgress, of slot: PlanSlot) -> [String] {
        if let revoked = progress.revoked {
            return [
                "\(slot.key) without its material \(revoked.material), which was deleted: of no use until that is back"
            ]
        }
        guard progress.settled == nil else { return [] }
        var left: [String] = []
        if progress.created == nil, mayHaveMade(slot) {
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
        let isUnderWay = isActivating(slot)
        if let made = progress.created?.key, progress.aliasSet == nil {
            left.append("the new key \(made)" + (isUnderWay ? ", which may be in use by now: do not delete it" : ""))
        }
        if let imported = progress.imported, slot.strategy == .rotate, progress.rotated == nil {
            left.append(
                isUnderWay
                    ? "the imported material \(imported.material) of \(slot.key), which may be current by now: do not delete it"
                    : "the pending material \(imported.material) of \(slot.key)")
        }
        return left
    }
}
