import Evidence

extension Planner {
    /// The slot of a material that is to be deleted. No HSM key is needed for it.
    func revokeSlot(for key: DefinedKey) async throws -> PlanSlot {
        let found = try await revokeTarget(of: key)
        let materials = try await ports.kms.materials(of: found.arn)
        let revoked = try Self.revokable(key, of: found.arn, materials)
        return PlanSlot(
            slot: key.slot, strategy: .revoke, keySpec: .symmetric, keyUsage: .encryptDecrypt, key: found.arn,
            alias: key.alias, label: nil, id: nil, description: nil,
            currentMaterial: materials.first { $0.state == .current }?.id,
            policy: try await ports.kms.policyDigest(of: found.arn), proof: .none, revoked: revoked)
    }

    private static let words = NamedMaterialWords(
        cannot: "has no material that this could delete",
        otherKey: "Name the key that is to be stopped, and no other",
        madeByKMS: "Disable the key (kms:DisableKey): KMS made its material, and lets nobody delete that alone",
        unnamed: "Disable the key (kms:DisableKey), which stops it at once and can be undone")

    private func revokeTarget(of key: DefinedKey) async throws -> KMSKey {
        let (words, found) = (Self.words, try await keyOfNamedMaterial(key, Self.words))
        guard RevokedMaterial.deletableStates.contains(found.state) else {
            throw words.unfit(
                key, "the key is \(PercentEncoding.encode(found.state))",
                remedy: "Nobody can use it so, and what people sign would not be true of it. Once it is "
                    + "\(RevokedMaterial.deletableStates.joined(separator: ", ")) (kms:CancelKeyDeletion, if its deletion is "
                    + "scheduled), plan again")
        }
        guard found.relatedKeys.isEmpty else {
            throw words.unfit(
                key, "it is one of several Regions, with \(found.relatedKeys.joined(separator: ", "))",
                remedy: "The others would keep the material. Disable each of them (kms:DisableKey)")
        }
        return found
    }

    private static func revokable(
        _ key: DefinedKey, of arn: String, _ materials: [KMSMaterial]
    ) throws -> RevokedMaterial {
        let found = try namedMaterial(
            of: key, in: materials, missing: "has no material", none: "It has none at all")
        guard found.isImported else {
            throw unfit(
                key, "no longer has the material \(found.id): it expired, or was deleted",
                remedy: "There is nothing to delete")
        }
        guard found.state != .pendingRotation else {
            throw unfit(
                key,
                "has the material \(found.id) waiting for its rotation: nothing is encrypted under it, and a rotation could "
                    + "make it current before it is deleted",
                remedy: "Let nobody rotate the key; then \(PendingMaterial.removal(of: found.id, from: arn))")
        }
        guard let state = RevokedMaterial.State(rawValue: found.state.rawValue) else {
            throw unfit(
                key, "has the material \(found.id) in a state that this version does not know",
                remedy: "Look at it with ListKeyRotations; disable the key (kms:DisableKey) if it is to be stopped now")
        }
        return RevokedMaterial(material: found.id, state: state)
    }
}
