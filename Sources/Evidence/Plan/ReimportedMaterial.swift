/// The material that a `reimport` brings back, or has expire at another time, as KMS had it when the plan was frozen.
package struct ReimportedMaterial: Codable, Hashable, Sendable {
    /// Whether KMS has it, by KMS's name for it.
    package enum ImportState: String, Codable, Hashable, Sendable {
        case imported = "IMPORTED"
        /// It expired or was deleted; an entry of it stays.
        case pendingImport = "PENDING_IMPORT"
    }

    /// What becomes of the key, in the words that people sign.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html>
    package enum Effect: String, Codable, Hashable, Sendable {
        case usable = "the key is usable: it has all the material that it ever used"
        /// KMS wants all that the key ever used.
        case unusable = "the key stays unusable until the other material that it lacks is imported again, too"
    }

    /// Where the HSM key came from, in the words that people sign.
    package enum HSMKeyOrigin: String, Codable, Hashable, Sendable {
        /// A backup was restored, or the key came over from another HSM: `CKA_LOCAL` is false.
        case restored =
            "restored from a backup, or brought over: this token did not make it, and it may have been outside of an HSM; KMS takes it only if it is the same material"
    }

    /// KMS's id of it, without which KMS takes no other material for it.
    package let material: String
    package let state: RevokedMaterial.State
    package let importState: ImportState
    /// Until when KMS keeps it before the ceremony; absent where KMS has it not.
    package let expiryBefore: Expiry?
    /// The description that KMS keeps with it before the ceremony, percent-encoded; absent where there is none.
    package let descriptionBefore: String?
    /// Until when KMS is to keep it.
    package let expiry: Expiry
    package let effect: Effect
    /// What the HSM key must show, by what an earlier ceremony has on record; absent where nobody says.
    package let checkValues: CheckValues?
    /// Absent of a key that the token made itself.
    package let hsmKeyOrigin: HSMKeyOrigin?

    /// - Parameters:
    ///   - expiryBefore: nil for material that KMS has not.
    ///   - descriptionBefore: In free text; nil for none.
    ///   - hsmKeyOrigin: nil for a key that the token made itself, and must say so of.
    package init(
        material: String, state: RevokedMaterial.State, expiryBefore: Expiry?, descriptionBefore: String?,
        expiry: Expiry, effect: Effect, checkValues: CheckValues? = nil, hsmKeyOrigin: HSMKeyOrigin? = nil
    ) {
        self.material = material
        self.state = state
        importState = expiryBefore == nil ? .pendingImport : .imported
        self.expiryBefore = expiryBefore
        self.descriptionBefore = descriptionBefore.map { PercentEncoding.encode($0) }
        self.expiry = expiry
        self.effect = effect
        self.checkValues = checkValues
        self.hsmKeyOrigin = hsmKeyOrigin
    }
}

extension ReimportedMaterial {
    /// The states of a key into which material is imported again.
    package static let importableStates = [usableState, RevokedMaterial.stopped]
    /// The state of a key that lacks nothing.
    private static let usableState = "Enabled"

    /// Whether KMS may show the key so afterwards. A key that was to stay unusable may have got its other material meanwhile.
    package func allows(_ keyState: String) -> Bool {
        keyState == Self.usableState || effect == .unusable && keyState == RevokedMaterial.stopped
    }
}

extension PlanSlot {
    /// Whether the token need not say that it made the HSM key itself.
    package var isRestored: Bool { reimported?.hsmKeyOrigin == .restored }
}

extension QuorumPolicy {
    /// Whether it says anything of the gate *activate*, which does not open where nothing is activated.
    package var namesActivate: Bool {
        foldsActivate || rules.contains { $0.gate == .activate }
            || separate.contains { $0.one == .activate || $0.other == .activate }
    }
}

extension Plan {
    /// Whether it imports material again, and does nothing else.
    package var isReimport: Bool { slots.contains { $0.strategy == .reimport } }

    /// What is wrong with when a slot's material is to expire; nil when KMS can take it throughout the plan's window.
    package func problemOfExpiry(_ slot: PlanSlot) -> String? {
        guard case .at(let time)? = slot.reimported?.expiry else { return nil }
        guard window.until < time else {
            return "the material of \(slot.slot) expires before the plan's window is over"
        }
        return time <= created.advanced(bySeconds: Expiry.longest)
            ? nil : "the material of \(slot.slot) is to stay for longer than KMS keeps what expires"
    }
}
