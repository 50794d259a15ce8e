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

    /// The key, by the id or the alias that names it, and by both where both do.
    private func revokeTarget(of key: DefinedKey) async throws -> KMSKey {
        func unfit(_ why: String, _ remedy: String) -> CeremonyError {
            key.namingPlace.error("\(key.shownName) has no material that this could delete: \(why)", remedy: remedy)
        }
        let found = try await describe(key.key ?? key.shownName, at: key.namingPlace)
        if let alias = key.alias, try await ports.kms.target(of: alias) != found.arn {
            throw key.place["alias"].error(
                "\(alias) does not resolve to \(found.arn)", remedy: "Name the key that is to be stopped, and no other")
        }
        guard found.origin == "EXTERNAL" else {
            throw unfit(
                "the key's origin is \(found.origin)",
                "Disable the key (kms:DisableKey): KMS made its material, and lets nobody delete that alone")
        }
        guard found.spec == KeySpec.symmetric.rawValue else {
            throw unfit(
                "the key is \(found.spec), whose one material KMS does not name",
                "Disable the key (kms:DisableKey), which stops it at once and can be undone")
        }
        guard RevokedMaterial.deletableStates.contains(found.state) else {
            throw unfit(
                "the key is \(PercentEncoding.encode(found.state))",
                "Nobody can use it so, and what people sign would not be true of it. Once it is "
                    + "\(RevokedMaterial.deletableStates.joined(separator: ", ")) (kms:CancelKeyDeletion, if its deletion is "
                    + "scheduled), plan again")
        }
        guard found.relatedKeys.isEmpty else {
            throw unfit(
                "it is one of several Regions, with \(found.relatedKeys.joined(separator: ", "))",
                "The others would keep the material. Disable each of them (kms:DisableKey)")
        }
        return found
    }

    private static func revokable(
        _ key: DefinedKey, of arn: String, _ materials: [KMSMaterial]
    ) throws -> RevokedMaterial {
        func unfit(_ why: String, _ remedy: String) -> CeremonyError {
            key.place["material"].error("\(key.shownName) \(why)", remedy: remedy)
        }
        let known = materials.map {
            "\(PercentEncoding.encode($0.id)), \($0.state.word)\($0.isImported ? "" : ", expired or deleted")"
        }
        let wanted = key.material ?? ""
        guard let found = materials.first(where: { $0.id == wanted }) else {
            throw unfit(
                "has no material \(PercentEncoding.encode(wanted))",
                known.isEmpty ? "It has none at all" : "It has \(known.joined(separator: "; "))")
        }
        guard found.isImported else {
            throw unfit(
                "no longer has the material \(found.id): it expired, or was deleted", "There is nothing to delete")
        }
        guard found.state != .pendingRotation else {
            throw unfit(
                "has the material \(found.id) waiting for its rotation: nothing is encrypted under it, and a rotation could "
                    + "make it current before it is deleted",
                "Let nobody rotate the key; then \(PendingMaterial.removal(of: found.id, from: arn))")
        }
        guard let state = RevokedMaterial.State(rawValue: found.state.rawValue) else {
            throw unfit(
                "has the material \(found.id) in a state that this version does not know",
                "Look at it with ListKeyRotations; disable the key (kms:DisableKey) if it is to be stopped now")
        }
        return RevokedMaterial(material: found.id, state: state)
    }
}
