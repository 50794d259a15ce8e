import Evidence

extension Planner {
    /// The slot of a key that a new one takes the place of.
    func replaceSlot(for key: DefinedKey, _ alias: String, _ identity: SlotIdentity) async throws -> PlanSlot {
        let found = try await describe(alias, at: key.place["alias"])
        let current = try Self.fitForReplacement(found, of: key)
        let old = try await ports.kms.settings(of: found.arn)
        let new = try Self.settings(of: key, taking: old, marker: KeyTag(KeyTag.marker, identity.label))
        return PlanSlot(
            slot: identity.slot, strategy: .replace, key: found.arn, alias: alias, label: identity.label,
            id: identity.id, description: identity.description, currentMaterial: current, policy: old.policyDigest,
            proof: key.proof, probe: try await probe(alias, of: found.arn, material: current), new: new, old: old,
            grants: try await ports.kms.grants(of: found.arn))
    }

    /// An alias moves only to a key of the same type and usage
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html).
    private static func fitForReplacement(_ found: KMSKey, of key: DefinedKey) throws -> String {
        func unfit(_ why: String, _ remedy: String) -> CeremonyError {
            key.place["alias"].error("\(key.shownName) cannot move to a new key: \(why)", remedy: remedy)
        }
        guard found.spec == "SYMMETRIC_DEFAULT" else {
            throw unfit("its key is \(found.spec)", "This version makes symmetric keys, and an alias keeps its type")
        }
        guard found.state == "Enabled", let material = found.currentMaterial else {
            throw unfit("its key is \(found.state)", "Bring the key back to Enabled first")
        }
        guard found.relatedKeys.isEmpty else {
            throw unfit(
                "its key is one of several Regions, with \(found.relatedKeys.joined(separator: ", "))",
                "They would stay behind, and so would their aliases: only a key without replicas can be replaced yet")
        }
        return material
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
