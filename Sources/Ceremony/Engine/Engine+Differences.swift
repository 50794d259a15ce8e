import CryptoPrimitives
import Evidence

extension Engine {
    /// What KMS shows today otherwise than when the plan was frozen. Some of it people may accept; some stops here.
    func differences() async throws -> [Difference] {
        var differences: [Difference] = []
        for slot in record.plan.slots {
            switch slot.strategy {
            // What is activated already is no longer as the plan found it.
            case .rotate where isActivating(slot): break
            case .rotate: try await requireAsPlanned(slot)
            case .import: try await requireFresh(slot.key, of: slot)
            case .replace:
                if !isActivating(slot) { try await requireAsPlanned(slot) }
                try requireUnrelated(try await ports.kms.describe(slot.key), slot)
                differences += try await differencesOfNewKey(of: slot)
            }
            differences += try await differencesOfPolicy(of: slot)
        }
        return differences
    }

    /// The policy of the key that the plan found. Of one that is replaced the plan has the text, of the others the digest.
    private func differencesOfPolicy(of slot: PlanSlot) async throws -> [Difference] {
        let policy = try await ports.kms.policy(of: slot.key)
        guard let old = slot.old else {
            return Difference.ofPolicy("key policy", slot: slot.slot, planned: slot.policy, observed: policy)
        }
        return Difference.ofPolicy(
            "policy of the old key", slot: slot.slot, planned: old.policyText, observed: policy)
    }

    /// The alias, its key and the material that is current must be what the plan found.
    private func requireAsPlanned(_ slot: PlanSlot) async throws {
        let key = try await ports.kms.describe(slot.shownName)
        let isAsPlanned = key.arn == slot.key
        let isUsable = key.state == "Enabled"
        guard isAsPlanned, isUsable, try await currentMaterial(of: key, slot) == slot.currentMaterial else {
            throw CeremonyError(
                .state,
                "\(slot.shownName) is no longer what the plan found: it resolves to \(key.arn), \(key.state)"
                    + (isAsPlanned && isUsable ? ", with other current material" : ""),
                remedy: !isAsPlanned
                    ? "Find out who moved it. Once it is back, run again; or end the ceremony, and freeze a new plan"
                    : !isUsable ? key.remedy : "Find out who rotated it; end the ceremony, and freeze a new plan")
        }
    }

    /// A key that has no material of its own yet must wait for it still, or have what this ceremony imported.
    private func requireFresh(_ arn: String, of slot: PlanSlot) async throws {
        let key = try await ports.kms.describe(arn)
        let imported = record.slots[slot.slot]?.imported?.material
        let isAsLeft =
            if let imported { try await currentMaterial(of: key, slot) == imported } else {
                // What another machine left may have arrived: it is looked at before it is imported again.
                key.isFreshExternal || record.wasLeft(.importIntended, slot.slot)
            }
        guard isAsLeft else {
            throw CeremonyError(
                .state, "The key of \(slot.slot), \(arn), no longer waits for its first material: it is \(key.state)",
                remedy: "Find out who imported into it, or what became of it; then freeze a new plan")
        }
        guard slot.strategy == .import, !isActivating(slot), let alias = slot.alias else { return }
        let target = try await ports.kms.target(of: alias) ?? ActivateSlot.noTarget
        guard target == slot.aliasTarget else {
            throw CeremonyError(
                .state, "\(alias) is no longer as the plan found it: it resolves to \(target)",
                remedy: "Freeze a new plan")
        }
    }

    private func differencesOfNewKey(of slot: PlanSlot) async throws -> [Difference] {
        guard let planned = slot.new else { return [] }
        let key = try key(of: slot)
        try await requireFresh(key, of: slot)
        return Difference.ofPolicy(
            "policy of the new key", slot: slot.slot, planned: planned.policyText,
            observed: try await ports.kms.policy(of: key))
    }
}
