import CryptoPrimitives
import Evidence

extension Planner {
    /// The slot of a material that is imported again, from the HSM key that it came from.
    ///
    /// - Parameter isAcrossGap: Whether the HSM is at another host, which looks at its key before it does anything.
    func reimportSlot(for key: DefinedKey, ceremony: String, isAcrossGap: Bool) async throws -> PlanSlot {
        let found = try await reimportTarget(of: key)
        let materials = try await ports.kms.materials(of: found.arn)
        let reimported = try Self.reimportable(key, materials)
        let named = key.hsmKey ?? NamedHSMKey(label: nil, id: nil)
        let (label, id) =
            if isAcrossGap, let label = named.label, let id = named.id { (label, id) } else {
                try await keptKey(of: key, named, isAcrossGap: isAcrossGap)
            }
        return PlanSlot(
            slot: key.slot, strategy: .reimport, keySpec: .symmetric, keyUsage: .encryptDecrypt, key: found.arn,
            alias: key.alias, label: label, id: id, description: "keyrite \(ceremony) \(key.slot)",
            currentMaterial: materials.first { $0.state == .current }?.id,
            policy: try await ports.kms.policyDigest(of: found.arn), proof: .asExisting, custody: key.custody,
            reimported: reimported)
    }

    private static let words = NamedMaterialWords(
        cannot: "cannot get its material again",
        otherKey: "Name the key whose material is wanted, and no other",
        madeByKMS: "Only imported keys (EXTERNAL) take material",
        unnamed:
            "Keyrite imports only symmetric material again; that of other kinds has to be imported by hand from the HSM"
    )

    private func reimportTarget(of key: DefinedKey) async throws -> KMSKey {
        let (words, found) = (Self.words, try await keyOfNamedMaterial(key, Self.words))
        guard !found.multiRegion else {
            throw words.unfit(
                key, "the key is multi-Region",
                remedy:
                    "Each Region holds the material by itself; to import it again into one of several is not supported yet"
            )
        }
        guard ReimportedMaterial.importableStates.contains(found.state) else {
            throw words.unfit(
                key, "the key is \(PercentEncoding.encode(found.state))",
                remedy: "What people sign of it would not be true. Once it is Enabled or PendingImport (kms:EnableKey; "
                    + "kms:CancelKeyDeletion, if its deletion is scheduled), plan again")
        }
        return found
    }

    private static func reimportable(_ key: DefinedKey, _ materials: [KMSMaterial]) throws -> ReimportedMaterial {
        let found = try namedMaterial(
            of: key, in: materials, missing: "never had material",
            none: "It waits for its first: strategy import")
        guard found.state != .pendingRotation else {
            throw unfit(
                key, "has the material \(found.id) waiting for its rotation",
                remedy: "Rotate the key first, or import other material: what was never current is not brought back so")
        }
        guard let state = RevokedMaterial.State(rawValue: found.state.rawValue), let expiry = key.expires else {
            throw unfit(
                key, "has the material \(found.id) in a state that this version does not know",
                remedy: "Look at it with ListKeyRotations")
        }
        guard materials.contains(where: { $0.state == .current }) else {
            throw unfit(key, "has no current material", remedy: "Look at it with ListKeyRotations")
        }
        let described = found.description.flatMap { $0.isEmpty ? nil : $0 }
        return ReimportedMaterial(
            material: found.id, state: state, expiryBefore: found.expiry, descriptionBefore: described,
            expiry: expiry, effect: ReimportedMaterial.effect(of: found.id, in: materials),
            checkValues: key.hsmKey?.checkValues, hsmKeyOrigin: key.hsmKey?.isRestored == true ? .restored : nil)
    }

    /// The one key of the token that has the label, the id, or both where both are named, and is fit to be wrapped for KMS.
    private func keptKey(
        of key: DefinedKey, _ named: NamedHSMKey, isAcrossGap: Bool
    ) async throws -> (label: String, id: String) {
        let place = key.place[named.label == nil ? "id" : "label"]
        guard !isAcrossGap else {
            throw place.error(
                "the HSM is at another host, and its key is not named by both label and id",
                remedy: "Name both: the HSM's host holds the token to them before anything is done")
        }
        // What is not named is looked for by a name that no object has.
        let none = Hex.encode(try SecureRandom.bytes(count: 16))
        let found = try await ports.hsm.find(label: named.label ?? none, id: named.id ?? none)
        let fitting = found.filter {
            (named.label == nil || $0.label == named.label) && (named.id == nil || $0.id == named.id)
        }
        guard let kept = fitting.first, fitting.count == 1 else {
            // Who names both, and has mixed two keys up, sees which.
            let others = fitting.isEmpty ? found.map { "one labelled \($0.label) with the id \($0.id)" } : []
            throw place.error(
                "the token has \(fitting.count) keys \(named.words), not one"
                    + (others.isEmpty ? "" : "; it has \(others.joined(separator: ", "))"),
                remedy:
                    "Name the key that the material came from by label and id, as the ceremony that imported it has them "
                    + "on record")
        }
        guard try await ports.hsm.find(label: kept.label, id: kept.id).count == 1 else {
            throw place.error(
                "the token has other objects that share the label \(kept.label) or the id \(kept.id) of the key",
                remedy: "It could be taken for another one. Find out whose they are, and give them other names")
        }
        try Self.requireFit(kept, key, at: place, isRestored: named.isRestored)
        return (kept.label, kept.id)
    }

    private static func requireFit(
        _ kept: HSMKey, _ key: DefinedKey, at place: InputPlace, isRestored: Bool
    ) throws {
        let trusted = AttributeSetting("CKA_WRAP_WITH_TRUSTED", "true")
        guard key.custody.trustedWrapping || !kept.attributes.contains(trusted) else {
            throw place.error(
                "the HSM key \(kept.label) is wrapped only under keys that the security officer trusts",
                remedy: "Write trustedWrapping: true, and have the officer there after release")
        }
        guard NamedHSMKey.isName(kept.label), Hex.decode(kept.id)?.count == 16 else {
            throw place.error(
                "the HSM key \(kept.label) with the id \(kept.id) is none that a ceremony made",
                remedy: "Its label has to be printable ASCII, and its id 16 bytes")
        }
        let template = KeyAttributes.held(
            KeyAttributes.template(of: .symmetric), trustedWrapping: key.custody.trustedWrapping)
        func differences(isRestored: Bool) -> [String] {
            KeyAttributes.differencesOfKept(kept.attributes, template, isRestored: isRestored)
        }
        let (whole, others) = (differences(isRestored: false), differences(isRestored: true))
        guard !whole.isEmpty else {
            guard isRestored else { return }
            throw key.place["restored"].error(
                "the token says that it made the HSM key \(kept.label) itself", remedy: "Take the line restored: out")
        }
        guard others.isEmpty else {
            throw place.error(
                "the HSM key \(kept.label) has \((isRestored ? others : whole).joined(separator: ", "))",
                remedy:
                    "Such a key cannot be imported: a key that was locked is never wrapped again, and one that can do or show more "
                    + "than a ceremony's is no proof of anything. Name the right one; or restore its backup, and say so: restored: true"
            )
        }
        guard isRestored else {
            throw place.error(
                "the HSM key \(kept.label) has \(whole.joined(separator: ", ")): the token says that it did not make it",
                remedy:
                    "Find out where it came from. If it was restored from a backup, or brought over from another HSM, write "
                    + "restored: true. People are shown that and sign it, and KMS takes it only if it is the very same material"
            )
        }
    }
}
