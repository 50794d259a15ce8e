package import CryptoPrimitives

/// How far one slot of the plan has come, by the transcript.
package struct SlotProgress: Hashable, Sendable {
    package internal(set) var generated: Generated?
    package internal(set) var created: Created?
    package internal(set) var fetched: [Purpose: Fetched] = [:]
    package internal(set) var blobs: [Purpose: SHA256Digest] = [:]
    /// What KMS refused with the pair that was fetched last.
    package internal(set) var refused: [Purpose: Refused] = [:]
    /// Whether KMS said of what was to be imported again that it is other material: so is any wrap of that HSM key.
    package internal(set) var isOtherMaterial = false
    package internal(set) var imported: Imported?
    package internal(set) var proved: Proved?
    package internal(set) var rotated: Rotated?
    package internal(set) var aliasSet: AliasSet?
    package internal(set) var verified: ActivationVerified?
    package internal(set) var settled: Settled?
    package internal(set) var revoked: Revoked?
    package internal(set) var revocationVerified: RevocationVerified?
    package internal(set) var reimportVerified: ReimportVerified?

    package init() {}
}

extension SlotProgress {
    /// Whether the change of a key in use was tried, or looked at, and came out as it was signed.
    package var isVerified: Bool { verified != nil || revocationVerified != nil || reimportVerified != nil }

    /// Whether nothing is left to do for the slot.
    var isDone: Bool { settled != nil || revocationVerified != nil }

    /// What of a slot's purposes is still to be done, and needs a wrapping key.
    package func outstanding(of planned: PlanSlot) -> [Purpose] {
        planned.purposes.filter(isOutstanding)
    }

    func isOutstanding(_ purpose: Purpose) -> Bool {
        switch purpose {
        case .import: imported == nil
        case .proof: proved == nil
        }
    }
}

extension PlanSlot {
    /// What this slot needs wrapping keys for.
    package var purposes: [Purpose] {
        guard strategy.importsMaterial else { return [] }
        return proof == .secondImport ? [.import, .proof] : [.import]
    }
}
