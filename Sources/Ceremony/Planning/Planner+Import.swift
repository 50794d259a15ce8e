import Evidence

extension Planner {
    /// The slot of a key that waits for its first material, found by its id or by an alias that points to it already.
    func importSlot(for key: DefinedKey, _ identity: SlotIdentity) async throws -> PlanSlot {
        let (found, createsAlias) = try await importTarget(of: key)
        let (spec, usage) = try await requireFitForImport(found, of: key)
        return PlanSlot(
            slot: identity.slot, strategy: .import, keySpec: spec, keyUsage: usage, key: found.arn, alias: key.alias,
            createsAlias: createsAlias, label: identity.label, id: identity.id,
            description: spec.keepsMaterials ? identity.description : nil,
            policy: try await ports.kms.policyDigest(of: found.arn), proof: spec.proof(isWanted: key.proof),
            custody: try Self.custody(of: key, spec))
    }

    /// The key, and whether its alias is still to be made; nil where it gets none.
    private func importTarget(of key: DefinedKey) async throws -> (found: KMSKey, createsAlias: Bool?) {
        guard let name = key.key else {
            guard let alias = key.alias else {
                throw key.place.error(
                    "a key to import into has neither alias nor key", remedy: "Name it by one of them")
            }
            do { return (try await ports.kms.describe(alias), false) } catch let missing as NoSuchKey {
                throw key.place["alias"].error(
                    missing.what, remedy: "Name the key beside it, and the ceremony makes the alias")
            }
        }
        let found = try await describe(name, at: key.place["key"])
        guard let alias = key.alias else { return (found, nil) }
        guard let target = try await ports.kms.target(of: alias) else { return (found, true) }
        guard target == found.arn else {
            throw key.place["alias"].error(
                "\(alias) exists and resolves to \(target), not to \(found.arn)",
                remedy: "Choose another alias, or the strategy replace to move it")
        }
        return (found, false)
    }

    private func requireFitForImport(
        _ found: KMSKey, of key: DefinedKey
    ) async throws -> (spec: KeySpec, usage: KeyUsage) {
        func unfit(_ why: String, _ remedy: String) -> CeremonyError {
            key.namingPlace.error("\(key.shownName) cannot get its first material: \(why)", remedy: remedy)
        }
        guard found.origin == "EXTERNAL" else {
            throw unfit("the key's origin is \(found.origin)", "Only imported keys (EXTERNAL) take material")
        }
        guard let kind = Self.kind(of: found) else {
            throw unfit(
                "the key is \(found.spec) for \(found.usage)", "No material of this kind can be made and imported")
        }
        guard !found.multiRegion else {
            throw unfit("the key is multi-Region", "Its replicas need the material too; that is not supported yet")
        }
        guard found.isFreshExternal else {
            throw unfit("the key is \(found.state)", "It must be PendingImport; one with material takes rotate")
        }
        // Of other kinds KMS does not tell; it refuses the import of another material itself.
        let materials = kind.spec.keepsMaterials ? try await ports.kms.materials(of: found.arn) : []
        guard materials.isEmpty else {
            throw unfit(
                "it had material before, which expired or was deleted",
                "KMS takes only the same material again: strategy reimport")
        }
        return kind
    }
}
