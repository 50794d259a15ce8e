import CryptoPrimitives
import Evidence

extension Engine {
    /// What KMS shows today otherwise than when the plan was frozen. Some of it people may accept; some stops here.
    func differences() async throws -> [Difference] {
        var differences: [Difference] = []
        for slot in record.plan.slots {
            switch slot.strategy {
            // What is activated already is no longer as the plan found it.
            case .rotate: if try await !isActivated(slot) { try await requireAsPlanned(slot) }
            case .import: differences += try await differencesOfFresh(slot.key, of: slot)
            case .replace:
                if try await !isActivated(slot) { try await requireAsPlanned(slot) }
                try requireUnrelated(try await ports.kms.describe(slot.key), slot)
                differences += try await differencesOfNewKey(of: slot)
            case .reimport: differences += try await differencesOfMaterial(of: slot)
            // Nothing is released for it.
            case .revoke: break
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

    /// A key that has no material of its own yet must wait for it still, or have what this ceremony imported. What another
    /// machine left may have arrived, and more may have happened to the key: that people see.
    private func differencesOfFresh(_ arn: String, of slot: PlanSlot) async throws -> [Difference] {
        let key = try await ports.kms.describe(arn)
        let imported = record.slots[slot.slot]?.imported?.material
        let wasLeft = imported == nil && !key.isFreshExternal && record.wasLeft(.importIntended, slot.slot)
        let isAsLeft =
            if let imported { try await currentMaterial(of: key, slot) == imported } else {
                key.isFreshExternal || wasLeft
            }
        guard isAsLeft else {
            throw CeremonyError(
                .state, "The key of \(slot.slot), \(arn), no longer waits for its first material: it is \(key.state)",
                remedy: "Find out who imported into it, or what became of it; then freeze a new plan")
        }
        try await requireAlias(ofFirstImportInto: slot)
        guard wasLeft, try await !holdsOurs(key, slot) else { return [] }
        return [
            Difference(
                slot: slot.slot, what: "state of the key, which may have material already",
                planned: "PendingImport", observed: PercentEncoding.encode(key.state))
        ]
    }

    /// Before a first import is activated, its alias must be as the plan found it.
    private func requireAlias(ofFirstImportInto slot: PlanSlot) async throws {
        guard slot.strategy == .import, let alias = slot.alias, try await !isActivated(slot) else { return }
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
        let differences = try await differencesOfFresh(key, of: slot)
        return differences
            + Difference.ofPolicy(
                "policy of the new key", slot: slot.slot, planned: planned.policyText,
                observed: try await ports.kms.policy(of: key))
    }
}
