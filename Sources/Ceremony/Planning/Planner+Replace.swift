import Evidence

extension Planner {
    /// The slot of a key that a new one takes the place of.
    func replaceSlot(for key: DefinedKey, _ alias: String, _ identity: SlotIdentity) async throws -> PlanSlot {
        let found = try await describe(alias, at: key.place["alias"])
        let (spec, usage) = try Self.fitForReplacement(found, of: key)
        let current = try await material(of: found, spec, identity, key)
        let old = try await ports.kms.settings(of: found.arn)
        let new = try Self.settings(of: key, taking: old, marker: KeyTag(KeyTag.marker, identity.label))
        var probe: Probe?
        if spec.keepsMaterials { probe = try await self.probe(alias, of: found.arn, material: current) }
        return PlanSlot(
            slot: identity.slot, strategy: .replace, keySpec: spec, keyUsage: usage, key: found.arn, alias: alias,
            label: identity.label, id: identity.id, description: spec.keepsMaterials ? identity.description : nil,
            currentMaterial: current, policy: old.policyDigest, proof: spec.proof(isWanted: key.proof),
            custody: try Self.custody(of: key, spec, isMultiRegion: new.multiRegion), probe: probe,
            new: new, old: old, grants: try await ports.kms.grants(of: found.arn))
    }

    /// What identifies the material of the key that is replaced.
    private func material(
        of found: KMSKey, _ spec: KeySpec, _ identity: SlotIdentity, _ key: DefinedKey
    ) async throws -> String {
        guard spec.keepsMaterials else {
            return try await ports.kms.commitment(of: found.arn, spec, block: identity.commitmentBlock)
        }
        guard let material = found.currentMaterial else { throw Self.disabled(found, key) }
        return material
    }

    private static func disabled(_ found: KMSKey, _ key: DefinedKey) -> CeremonyError {
        key.place["alias"].error(
            "\(key.shownName) cannot move to a new key: its key is \(found.state)",
            remedy: "Bring the key back to Enabled first")
    }

    /// An alias moves only to a key of the same type and usage
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html).
    private static func fitForReplacement(
        _ found: KMSKey, of key: DefinedKey
    ) throws -> (spec: KeySpec, usage: KeyUsage) {
        func unfit(_ why: String, _ remedy: String) -> CeremonyError {
            key.place["alias"].error("\(key.shownName) cannot move to a new key: \(why)", remedy: remedy)
        }
        guard let kind = kind(of: found) else {
            throw unfit(
                "its key is \(found.spec) for \(found.usage)",
                "No such material can be made and imported, and an alias keeps its type")
        }
        guard found.state == "Enabled" else { throw disabled(found, key) }
        guard found.relatedKeys.isEmpty else {
            throw unfit(
                "its key is one of several Regions, with \(found.relatedKeys.joined(separator: ", "))",
                "They would stay behind, and so would their aliases: only a key without replicas can be replaced yet")
        }
        return kind
    }

    /// What the new key is to be: what the definition says, and where it says nothing what the old key is.
    private static func settings(of key: DefinedKey, taking old: KeySettings, marker: KeyTag) throws -> KeySettings {
        let changes = key.changes
        let tags = changes.tags?.map { KeyTag($0.key, $0.value) } ?? old.tags.filter { $0.key != marker.key }
        guard tags.count < KeySettings.mostTags else {
            throw key.place["tags"].error(
                "the new key would have \(tags.count) tags, and the ceremony needs one of its own beside them",
                remedy: "AWS allows \(KeySettings.mostTags): name in the definition which ones the new key gets")
        }
        return KeySettings(
            description: try changes.description ?? PercentEncoding.decode(old.description),
            multiRegion: changes.multiRegion ?? old.multiRegion,
            policy: try changes.policy ?? PercentEncoding.decode(old.policy), tags: tags + [marker])
    }
}
