import CryptoPrimitives
import Evidence

extension Engine {
    /// What a release allows: each slot's material to the wrapping keys that were fetched for it.
    func releaseSubject() async throws -> ReleaseSubject {
        let plan = record.plan
        var slots: [ReleaseSlot] = []
        for slot in plan.slots {
            guard let progress = record.slots[slot.slot], let generated = progress.generated,
                let target = progress.target(for: .import)
            else {
                throw CeremonyError(.state, "\(slot.slot) has no key or no wrapping key yet", remedy: "Run again")
            }
            slots.append(
                ReleaseSlot(
                    slot: slot.slot, key: slot.key, commitment: generated.commitment, expiry: ReleaseSlot.never,
                    import: target, proof: slot.proof ? progress.target(for: .proof) : nil))
        }
        let deadlines = record.slots.values.flatMap(\.fetched.values).map(\.validUntil)
        return ReleaseSubject(
            algorithm: plan.wrapping.algorithm, keySpec: plan.wrapping.keySpec, caller: plan.environment.aws.caller,
            endpoint: plan.environment.aws.endpoint, token: plan.environment.token.serial,
            deadline: deadlines.min() ?? plan.window.until, differences: try await differences(), slots: slots)
    }

    /// What KMS shows today otherwise than when the plan was frozen. Some of it people may accept; some stops here.
    private func differences() async throws -> [Difference] {
        var differences: [Difference] = []
        for slot in record.plan.slots {
            let key = try await ports.kms.describe(slot.alias)
            guard key.arn == slot.key, key.currentMaterial == slot.currentMaterial, key.state == "Enabled" else {
                throw CeremonyError(
                    .state, "\(slot.alias) is no longer what the plan found: it resolves to \(key.arn), \(key.state)",
                    remedy: "Freeze a new plan")
            }
            let policy = try await ports.kms.policyDigest(of: slot.key)
            if policy != slot.policy {
                differences.append(
                    Difference(
                        slot: slot.slot, what: "key policy", planned: slot.policy.hex, observed: policy.hex))
            }
        }
        return differences
    }

    /// What an activation makes current.
    func activateSubject() async throws -> ActivateSubject {
        var slots: [ActivateSlot] = []
        for slot in record.plan.slots {
            guard let material = record.slots[slot.slot]?.imported?.material else {
                throw CeremonyError(.state, "\(slot.slot) is not imported yet", remedy: "Run again")
            }
            let target = try await ports.kms.describe(slot.alias).arn
            let materials = try await ports.kms.materials(of: slot.key)
            guard materials.contains(where: { $0.id == material && $0.state == .pendingRotation }) else {
                throw CeremonyError(
                    .state, "The imported material of \(slot.slot) is no longer pending in KMS",
                    remedy: "Somebody rotated or deleted it. Find out who before going on")
            }
            slots.append(
                ActivateSlot(
                    slot: slot.slot, key: slot.key, alias: slot.alias, aliasTargetBefore: target,
                    aliasTargetAfter: slot.key, materialBefore: slot.currentMaterial, materialAfter: material,
                    policy: try await ports.kms.policyDigest(of: slot.key),
                    rotationsUsed: materials.count(where: \.onDemand)))
        }
        return ActivateSubject(slots: slots)
    }
}
