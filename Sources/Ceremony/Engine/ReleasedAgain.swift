package import Evidence

extension Record {
    /// Why the gate that is open, or opens next, is signed once more; nil where people know, or it is not.
    package var whySignedAgain: String? {
        let why = (whyReleasedAgain ?? whyTakenBack).map { [$0] } ?? []
        return (why + whyImportedAgain + whyAliasAgain).reduce(nil) { all, why in all.map { "\($0) \(why)" } ?? why }
    }

    /// What nobody knows of material that was to be imported again, where *release* is signed for it once more.
    private var whyImportedAgain: [String] {
        guard aborted == nil, gates.open?.statement.gate ?? nextGate == .release else { return [] }
        return plan.slots.compactMap { slot in
            importedBefore(slot).map { before in
                "Line \(before.seq) intended to import the material of \(slot.slot) again, and nobody knows whether KMS was asked; "
                    + "KMS does not show that it was. It may have been imported, and deleted since, perhaps to stop the key. Look "
                    + "for it in CloudTrail (DeleteImportedKeyMaterial), and ask who could have deleted it, before it is signed: "
                    + "it is imported then."
            }
        }
    }

    /// The same of an alias that was to be made or moved, where the gate of the activation is signed for it once more.
    private var whyAliasAgain: [String] {
        let gate: Gate = plan.policy.foldsActivate ? .release : .activate
        guard aborted == nil, gates.open?.statement.gate ?? nextGate == gate else { return [] }
        return plan.slots.compactMap { slot in
            aliasIntendedBefore(slot).map { before in
                "Line \(before.seq) intended to change \(slot.shownName), and nobody knows whether KMS was asked; the alias did not "
                    + "show it when it was looked at. It may have been changed, and changed back since, perhaps because "
                    + "applications failed. Look for it in CloudTrail (CreateAlias, UpdateAlias, DeleteAlias), and ask who could have "
                    + "changed it back, before it is signed: it is changed then."
            }
        }
    }

    /// Why the release that is open is signed once more, where it is for other wrapping keys than the one before.
    package var whyReleasedAgain: String? {
        guard let open = gates.open?.statement, case .release(let wanted) = open.subject else { return nil }
        for case .gateOpened(let earlier) in transcript.lines.reversed().map(\.event) {
            guard earlier.attempt < open.attempt, case .release(let release) = earlier.subject else { continue }
            guard release.deadline < wanted.deadline else { return nil }
            return "The wrapping keys of attempt \(earlier.attempt) are good until \(release.deadline) only. "
                + "Others were fetched, and this attempt is for them; nothing else is done again."
        }
        return nil
    }

    /// The same of a gate that was passed before another machine or program went on.
    private var whyTakenBack: String? {
        guard let gate = gates.open?.statement.gate ?? nextGate, let before = gates.takenBack[gate],
            let moved = exceptions.last(where: { $0.stated.exception.machine != nil })?.stated,
            !before.exceptions.contains(moved)
        else { return nil }
        return
            "The gate \(gate.rawValue) was passed in attempt \(before.attempt), and then another machine or program went on "
            + "than planned (line \(moved.seq)). What is left to do under it waits until it is signed with that exception; "
            + "nothing that is done is done again."
    }
}
