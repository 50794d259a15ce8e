import Evidence

extension Planner {
    /// The slot of a key that waits for its first material, found by its id or by an alias that points to it already.
    func importSlot(for key: DefinedKey, _ identity: SlotIdentity) async throws -> PlanSlot {
        let (arn, createsAlias) = try await importTarget(of: key)
        let found = try await ports.kms.describe(arn)
        try await requireFitForImport(found, named: key.alias ?? arn)
        return PlanSlot(
            slot: identity.slot, strategy: .import, key: found.arn, alias: key.alias, createsAlias: createsAlias,
            label: identity.label, id: identity.id, description: identity.description,
            policy: try await ports.kms.policyDigest(of: found.arn), proof: key.proof)
    }

    /// The key's ARN, and whether its alias is still to be made; nil where it gets none.
    private func importTarget(of key: DefinedKey) async throws -> (arn: String, createsAlias: Bool?) {
        guard let alias = key.alias else {
            guard let named = key.key else { throw Definition.invalid("A key has neither alias nor key", "Name it") }
            return (try await ports.kms.describe(named).arn, nil)
        }
        let target = try await ports.kms.target(of: alias)
        guard let named = key.key else {
            guard let target else {
                throw CeremonyError(
                    .state, "There is no \(alias)", remedy: "Name the key beside it, and the ceremony makes the alias")
            }
            return (target, false)
        }
        let arn = try await ports.kms.describe(named).arn
        guard let target else { return (arn, true) }
        guard target == arn else {
            throw CeremonyError(
                .state, "\(alias) exists and resolves to \(target), not to \(arn)",
                remedy: "Choose another alias, or the strategy replace to move it")
        }
        return (arn, false)
    }

    private func requireFitForImport(_ key: KMSKey, named name: String) async throws {
        func unfit(_ why: String, _ remedy: String) -> CeremonyError {
            CeremonyError(.state, "\(name) cannot get its first material: \(why)", remedy: remedy)
        }
        guard key.origin == "EXTERNAL" else {
            throw unfit("the key's origin is \(key.origin)", "Only imported keys (EXTERNAL) take material")
        }
        guard key.spec == "SYMMETRIC_DEFAULT" else {
            throw unfit("the key is \(key.spec)", "This version imports symmetric keys")
        }
        guard !key.multiRegion else {
            throw unfit("the key is multi-Region", "Its replicas need the material too; that is not supported yet")
        }
        guard key.isFreshExternal else {
            throw unfit("the key is \(key.state)", "It must be PendingImport; one with material takes rotate")
        }
        guard try await ports.kms.materials(of: key.arn).isEmpty else {
            throw unfit(
                "it had material before, which expired or was deleted",
                "KMS takes only the same material again; that is not supported yet")
        }
    }
}
