extension Record {
    /// Whether everything is imported, and proved where the plan wants that: before, nothing is activated.
    package var isActivatable: Bool {
        plan.slots.allSatisfy { planned in
            guard let progress = slots[planned.slot], let imported = progress.imported else { return false }
            return planned.proof != .secondImport || progress.proved?.material == imported.material
        }
    }

    /// What the quorum of a release signed for the activation of a slot, once its material is known.
    func foldedActivation(of slot: String) -> ActivateSlot? {
        guard isActivatable, case .release(let release)? = gates.statement(of: .release)?.subject,
            let said = release.activations?.first(where: { $0.slot == slot }), let progress = slots[slot],
            let imported = progress.imported, said.commitment == progress.generated?.commitment
        else { return nil }
        return said.activation(of: imported.material)
    }

    /// Holds what a release says of the activation to the plan and the lines so far; what only KMS knows is as it says.
    func check(_ said: [FoldedActivation]?) throws {
        guard plan.policy.foldsActivate else {
            return try demand(said == nil, "it activates what the plan has activated at a gate of its own")
        }
        try demandReasonsNotToRetain()
        let expected = try zip(plan.slots, said ?? []).map { planned, said in
            guard let commitment = slots[planned.slot]?.generated?.commitment, let key = key(of: planned),
                (planned.strategy == .rotate) == (said.rotationsUsed != nil)
            else { throw RecordViolation(reason: Self.otherActivation) }
            var expected = FoldedActivation(
                of: planned, key: key, commitment: commitment, aliasTargetBefore: planned.aliasTarget,
                policy: said.policy, rotationsUsed: said.rotationsUsed, backup: backup(of: planned))
            expected.intendedBefore = aliasIntendedBefore(planned)?.seq
            return expected
        }
        try demand(said == expected && expected.count == plan.slots.count, Self.otherActivation)
        try demandRotations(expected.map(\.rotationsUsed))
    }

    private static let otherActivation = "it activates otherwise than the plan has it, or leaves a key out"

    /// Demands that an exhibit and an exception are on record for every key that is not retained.
    func demandReasonsNotToRetain() throws {
        for planned in plan.slots {
            if let missing = missingForRetention(of: planned) {
                throw RecordViolation(reason: "\(planned.slot) lacks \(missing)")
            }
        }
    }
}
