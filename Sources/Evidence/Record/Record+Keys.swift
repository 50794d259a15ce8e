import CryptoPrimitives

extension Record {
    /// The ARN of the key that a slot's new material is for; nil while it is still to be created.
    package func key(of planned: PlanSlot) -> String? {
        planned.strategy == .replace ? slots[planned.slot]?.created?.key : planned.key
    }

    /// What the quorum of *activate* signed for a slot, or that of a release which is signed for the activation too.
    package func activation(of slot: String) -> ActivateSlot? {
        guard !plan.policy.foldsActivate else { return foldedActivation(of: slot) }
        guard case .activate(let activation)? = gates.statement(of: .activate)?.subject else { return nil }
        return activation.slots.first { $0.slot == slot }
    }

    func check(_ body: CreateIntended) throws {
        let planned = try planned(body.slot)
        try demand(gates.isPassed(.authorize), "a new KMS key before *authorize* was passed")
        try demand(planned.strategy == .replace, "a new KMS key that the plan does not have")
        try demand(try progress(body.slot).created == nil, "a second KMS key for the slot \(body.slot)")
        try demand(
            body.label == planned.label && body.policy == planned.new?.policyDigest,
            "a new KMS key with another label or policy")
    }

    func check(_ body: Created) throws {
        try demand(
            plan.environment.aws.id(ofKey: body.key) != nil, "a new KMS key of another account or Region")
        try demand(
            plan.slots.allSatisfy { $0.key != body.key } && slots.values.allSatisfy { $0.created?.key != body.key },
            "a new KMS key that is another slot's, or an old one")
    }

    func check(_ body: AliasIntended) throws {
        guard let signed = activation(of: body.slot) else {
            throw RecordViolation(reason: "an alias before *activate* was passed")
        }
        try demand(try planned(body.slot).strategy != .rotate && signed.changesAlias, "an alias that is to stay")
        try demand(try progress(body.slot).aliasSet == nil, "a second change of the alias of \(body.slot)")
        try demand(
            body.alias == signed.alias && body.from == signed.aliasTargetBefore && body.to == signed.aliasTargetAfter,
            "an alias that the activation does not name so")
    }

    func check(_ subject: ActivateSubject) throws {
        try demand(subject.caller == plan.environment.aws.callers?.activate, "it activates as another caller")
        try demand(
            subject.revocations == revocations, "it deletes something else than the plan has, or leaves it out")
        let imported = plan.slots.filter(\.strategy.importsMaterial)
        try demand(
            subject.slots.count == imported.count && zip(imported, subject.slots).allSatisfy(activates),
            "it activates something else than was imported")
        try demandRotations(subject.slots.map(\.rotationsUsed))
        try demandReasonsNotToRetain()
    }

    /// Demands that each key that is rotated can be, by the count that people sign.
    func demandRotations(_ used: [Int?]) throws {
        try demand(
            used.compactMap(\.self).allSatisfy((0..<PlanSlot.mostRotations).contains),
            "it counts other rotations than a key that is to be rotated can have")
    }

    /// What was intended to become of a slot's alias before, and left without a known outcome: somebody may have undone it since.
    package func aliasIntendedBefore(_ planned: PlanSlot) -> UnsettledEffect? {
        unknownEffects[LeftEffect(kind: .aliasIntended, slot: planned.slot)]
    }

    /// The gate that the change of an alias was signed at is signed again. Of what is done already it is known what was signed.
    mutating func abandonAlias(_ intent: Event) {
        let gate: Gate = plan.policy.foldsActivate ? .release : .activate
        gates.takeBack { $0 == gate }
        abandon(intent, under: gate)
    }

    /// Whether a slot of an activation is what follows from the plan and the lines so far.
    private func activates(_ planned: PlanSlot, _ slot: ActivateSlot) -> Bool {
        guard let progress = slots[planned.slot], let imported = progress.imported, let key = key(of: planned),
            (planned.strategy == .rotate) == (slot.rotationsUsed != nil)
        else { return false }
        var expected = ActivateSlot(
            slot: planned.slot, key: key, alias: planned.alias, aliasTargetBefore: planned.aliasTarget,
            aliasTargetAfter: planned.alias.map { _ in key }, materialBefore: planned.currentMaterial,
            materialAfter: imported.material, policy: slot.policy, rotationsUsed: slot.rotationsUsed,
            retention: planned.retention, backup: backup(of: planned))
        expected.intendedBefore = aliasIntendedBefore(planned)?.seq
        return slot == expected && (planned.proof != .secondImport || progress.proved?.material == imported.material)
    }

    mutating func admit(_ body: ActivationVerified) throws {
        let planned = try planned(body.slot)
        let progress = try progress(body.slot)
        guard let signed = activation(of: body.slot) else {
            throw RecordViolation(reason: "verified before *activate* was passed")
        }
        let isActive = planned.strategy == .rotate ? progress.rotated != nil : isAliasDone(signed, progress)
        try demand(isActive && progress.verified == nil, "verified before it was activated, or twice")
        try demand(
            body.alias == signed.alias && body.aliasTarget == signed.aliasTargetAfter
                && body.oldMaterial == planned.currentMaterial && body.newMaterial == signed.materialAfter,
            "the activation did not come out as it was signed")
        try update(body.slot) { $0.verified = body }
    }

    private func isAliasDone(_ signed: ActivateSlot, _ progress: SlotProgress) -> Bool {
        !signed.changesAlias || progress.aliasSet != nil
    }
}
