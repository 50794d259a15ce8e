import CryptoPrimitives

extension Record {
    /// Takes in a line about an effect: its gate must have been passed, its intent must stand open.
    mutating func admitEffect(_ event: Event, at time: Timestamp) throws {
        try demand(aborted == nil, "the ceremony was aborted before it")
        if !isInert(event) { gates.void() }
        switch event {
        case .selfTestIntended, .generateIntended, .fetchIntended, .wrapIntended, .importIntended, .proveIntended,
            .rotateIntended, .settleIntended, .createIntended, .aliasIntended, .revokeIntended:
            try admitIntent(event, at: time)
        default:
            try admitResult(event)
        }
    }

    /// Whether approvals of the open attempt still hold after this line: a fetch for *authorize* over existing keys.
    private func isInert(_ event: Event) -> Bool {
        guard gates.open?.statement.gate == .authorize else { return false }
        return event.kind == .fetchIntended || event.kind == .fetched
    }

    /// Whether nobody's approval of the open attempt counts any more once an event is on record. What a statement says that opens
    /// another attempt depends on what was taken in before, so that is not told of here; nor what people decide.
    package func isVoided(by event: Event) -> Bool {
        guard let open = gates.open else { return false }
        switch event {
        case .gateOpened, .approval, .gatePassed: return false
        case .runStarted(let run): return (try? run.environment.digest()) != open.statement.environment
        case .note: return open.statement.gate == .close
        default: return !isInert(event)
        }
    }

    private mutating func admitIntent(_ event: Event, at time: Timestamp) throws {
        try demand(openIntent == nil, "an effect was intended before the one before it had a result")
        switch event {
        case .selfTestIntended(let body):
            try demand(gates.isPassed(.authorize), "a self-test before *authorize* was passed")
            try demand(!plan.isRevocation, "a self-test that the plan does not have")
            try demand(selfTested == nil, "a second self-test")
            try demand(body.token == plan.environment.token.serial, "a self-test of another token")
        case .generateIntended(let body): try check(body)
        case .fetchIntended(let body): try check(body)
        case .wrapIntended(let body): try check(body, at: time)
        case .importIntended(let body): try check(body)
        case .proveIntended(let body): try check(body)
        case .rotateIntended(let body): try check(body)
        case .createIntended(let body): try check(body)
        case .aliasIntended(let body): try check(body)
        case .revokeIntended(let body): try check(body)
        case .settleIntended(let body):
            try demand(try progress(body.slot).isVerified, "settled before the activation was verified")
            try demand(
                plan.isReimport || activation(of: body.slot) != nil, "settled before *activate* was passed")
            try demand(try progress(body.slot).settled == nil, "settled twice")
            try demand(
                plan.gap == nil || turns.isSealingDestroyed, "settled while sealed blobs could still be opened")
            try demand(body.retention == (try planned(body.slot).retention), "the plan says another retention")
        default: throw RecordViolation(reason: "no intent")
        }
        try demandCaller(of: event)
        if let again = LeftEffect(event) { unknownEffects[again] = nil }
        openIntent = event
        openIntentTime = time
    }

    /// Who calls KMS must be whom the plan has for that.
    private func demandCaller(of intent: Event) throws {
        guard let call = intent.call else { return }
        try demand(
            call.caller == (plan.namesCallers ? plan.environment.aws.caller(of: call.role) : nil),
            "another caller than the plan has for it")
    }

    private func check(_ body: GenerateIntended) throws {
        try demand(gates.isPassed(.authorize), "a key before *authorize* was passed")
        try demand(selfTested != nil, "a key before the token's self-test")
        try demand(try progress(body.slot).generated == nil, "a second key for the slot \(body.slot)")
        let planned = try planned(body.slot)
        try demand(body.label == planned.label && body.id == planned.id, "a key under another label or id")
    }

    private func check(_ body: FetchIntended) throws {
        let planned = try planned(body.slot)
        try demand(planned.purposes.contains(body.purpose), "a fetch that the plan does not have")
        try demand(key(of: planned) != nil, "a fetch for a key that was not created yet")
        try demand(
            try progress(body.slot).outstanding(of: planned).contains(body.purpose),
            "a fetch for what was done already")
    }

    private func check(_ body: WrapIntended, at time: Timestamp) throws {
        guard case .release(let release)? = gates.statement(of: .release)?.subject else {
            throw RecordViolation(reason: "a wrap before *release* was passed")
        }
        try demand(body.release == gates.statement(of: .release)?.attempt, "a wrap under another release")
        try demand(time <= release.deadline, "a wrap after the release's deadline")
        try demand(body.orders == release.orders, "a wrap that the release does not name")
        try demand(slots.values.allSatisfy { $0.blobs.isEmpty }, "a second wrap under one release")
    }

    private func check(_ body: ImportIntended) throws {
        let planned = try planned(body.slot)
        let progress = try progress(body.slot)
        try demand(gates.isPassed(.release), "an import before *release* was passed")
        try demand(progress.imported == nil, "a second import for the slot \(body.slot)")
        try demand(body.blob == progress.blobs[.import], "a blob that was not wrapped for the import")
        try demand(body.token == progress.fetched[.import]?.token, "a token that was not fetched for the import")
        try demand(
            body.key == key(of: planned) && body.description == planned.description, "an import into another key")
    }

    private func check(_ body: ProveIntended) throws {
        let progress = try progress(body.slot)
        try demand(try planned(body.slot).proof == .secondImport, "a proof that the plan does not have")
        try demand(gates.isPassed(.release), "a proof before *release* was passed")
        try demand(progress.proved == nil, "a second proof for the slot \(body.slot)")
        try demand(
            progress.imported != nil && body.material == progress.imported?.material, "a proof of other material")
        try demand(body.blob == progress.blobs[.proof], "a blob that was not wrapped for the proof")
        try demand(body.token == progress.fetched[.proof]?.token, "a token that was not fetched for the proof")
    }

    private func check(_ body: RotateIntended) throws {
        guard let slot = activation(of: body.slot) else {
            throw RecordViolation(reason: "a rotation before *activate* was passed")
        }
        try demand(try planned(body.slot).strategy == .rotate, "a rotation that the plan does not have")
        try demand(try progress(body.slot).rotated == nil, "a second rotation of the slot \(body.slot)")
        try demand(
            body.key == slot.key && body.from == slot.materialBefore && body.to == slot.materialAfter,
            "a rotation that the activation does not name")
        try demand(
            slot.rotationsUsed ?? 0 >= (try planned(body.slot).rotationsUsed ?? 0),
            "a rotation after fewer than the plan counted")
    }

    private mutating func admitResult(_ event: Event) throws {
        switch (openIntent, event) {
        case (.selfTestIntended(let intent), .selfTested(let body)) where intent.token == body.token:
            try demand(
                body.held == SelfTested.required(for: plan.profiles.map(\.keySpec)),
                "a self-test in which not everything held")
            try check(body)
            selfTested = body
        case (.generateIntended(let intent), .generated(let body)) where intent.slot == body.slot:
            try check(body)
            try demand(commitments.insert(body.commitment).inserted, "one commitment for two keys")
            try update(body.slot) { $0.generated = body }
        case (.fetchIntended(let intent), .fetched(let body))
        where intent.slot == body.slot && intent.purpose == body.purpose:
            try admit(body)
        case (.wrapIntended(let intent), .wrapped(let body)): try admit(body, of: intent)
        case (.wrapIntended(let intent), .wrapAbandoned(let body)) where intent.release == body.release:
            gates.revoke(.release)
        case (.importIntended(let intent), .imported(let body)) where intent.slot == body.slot:
            try check(body)
            try demandToken(.import, of: body.slot)
            try update(body.slot) { $0.imported = body }
        case (.importIntended(let intent), .importAbandoned(let body))
        where intent.slot == body.slot && plannedSlots[body.slot]?.reimported?.material == body.material:
            abandon(.importIntended(intent), under: .release)
        case (.proveIntended(let intent), .proved(let body))
        where intent.slot == body.slot && intent.material == body.material:
            try demandToken(.proof, of: body.slot)
            try update(body.slot) { $0.proved = body }
        case (.rotateIntended(let intent), .rotated(let body))
        where intent.slot == body.slot && intent.to == body.material:
            try check(body)
            try update(body.slot) { $0.rotated = body }
        case (.createIntended(let intent), .created(let body)) where intent.slot == body.slot:
            try check(body)
            try update(body.slot) { $0.created = body }
        case (.aliasIntended(let intent), .aliasSet(let body))
        where intent.slot == body.slot && intent.alias == body.alias && intent.to == body.target:
            try update(body.slot) { $0.aliasSet = body }
        case (.aliasIntended(let intent), .aliasAbandoned(let body))
        where intent.slot == body.slot && intent.alias == body.alias:
            abandonAlias(.aliasIntended(intent))
        case (.revokeIntended(let intent), .revoked(let body))
        where intent.slot == body.slot && intent.material == body.material:
            try update(body.slot) { $0.revoked = body }
        case (.revokeIntended(let intent), .revokeAbandoned(let body))
        where intent.slot == body.slot && intent.material == body.material:
            abandon(.revokeIntended(intent), under: .activate)
        case (.settleIntended(let intent), .settled(let body)) where intent.slot == body.slot:
            try check(body)
            try update(body.slot) { $0.settled = body }
        case (.some(let intent), .refused(let body)): try admit(body, of: intent)
        case (nil, .activationVerified(let body)): try admit(body)
        case (nil, .revocationVerified(let body)): try admit(body)
        case (nil, .reimportVerified(let body)): try admit(body)
        default: throw RecordViolation(reason: "the result \(event.kind.rawValue) of something not intended")
        }
        openIntent = nil
    }

    /// Other wrapping keys than those that were released: what was wrapped before is of no use.
    private mutating func admit(_ body: Fetched) throws {
        gates.revoke(.release)
        if hasBlobs { for name in slots.keys { slots[name]?.blobs = [:] } }
        hasBlobs = false
        try update(body.slot) {
            $0.fetched[body.purpose] = body
            $0.refused[body.purpose] = nil
        }
    }

    private mutating func admit(_ body: Wrapped, of intent: WrapIntended) throws {
        try demand(
            intent.orders.map { [$0.slot, $0.purpose.rawValue] }
                == body.blobs.map { [$0.slot, $0.purpose.rawValue] },
            "the blobs are not those that were intended")
        for blob in body.blobs {
            try demand(
                blob.trusted == (try planned(blob.slot).trustedWrapping),
                "a wrap under a key that the plan wants trusted and is not, or the other way round")
            try demand(wrapped.insert(blob.blob).inserted, "one blob for two wraps")
            try update(blob.slot) { $0.blobs[blob.purpose] = blob.blob }
        }
        hasBlobs = true
    }

    /// A service's refusal closes an intent that was the service's to carry out, without an effect.
    private mutating func admit(_ body: Refused, of intent: Event) throws {
        try demand(!body.code.isEmpty, "a refusal without the service's name for it")
        if let effect = RefusedEffect(intent) { refusedEffects.insert(effect) }
        if body.earlierCall == true {
            guard let left = LeftEffect(intent) else {
                throw RecordViolation(reason: "an earlier call of what may simply be asked again")
            }
            unknownEffects[left] = unsettledIntent
        }
        switch intent {
        case .fetchIntended, .rotateIntended, .createIntended, .aliasIntended, .revokeIntended: break
        case .importIntended(let intended):
            let isOther = plannedSlots[intended.slot]?.reimported != nil && body.code == Refused.otherMaterial
            try update(intended.slot) {
                $0.refused[.import] = body
                $0.isOtherMaterial = $0.isOtherMaterial || isOther
            }
        case .proveIntended(let intended): try update(intended.slot) { $0.refused[.proof] = body }
        default: throw RecordViolation(reason: "a refusal of what no service was asked")
        }
    }

    private func attributes(of slot: String) throws -> [AttributeSetting] {
        guard let attributes = plan.attributes(of: try planned(slot)) else {
            throw RecordViolation(reason: "a kind of key that the plan does not describe")
        }
        return attributes
    }

    private func check(_ body: SelfTested) throws {
        try demand(Set(body.findings.map(\.check)).count == body.findings.count, "one finding twice")
        for finding in body.findings {
            try demandText(finding.check)
            if let detail = finding.detail { try demandText(detail) }
        }
    }

    private func check(_ body: Settled) throws {
        let retention = try planned(body.slot).retention
        guard retention != .destroy else {
            return try demand(body.attributes.isEmpty, "the key was not destroyed, as the plan demands")
        }
        let differences = KeyAttributes.differences(
            body.attributes, KeyAttributes.settled(try attributes(of: body.slot), retention),
            isRestored: try planned(body.slot).isRestored)
        try demand(
            differences.isEmpty, "the key was not left as the plan demands: " + differences.joined(separator: ", "))
        try demand(
            KeyAttributes.origin(body.attributes)
                == KeyAttributes.origin(try progress(body.slot).generated?.attributes ?? []),
            "the key that was left is of another origin than the one that was signed for")
    }

    private func check(_ body: Generated) throws {
        let differences = KeyAttributes.differences(
            body.attributes, try attributes(of: body.slot), isRestored: try planned(body.slot).isRestored)
        try demand(differences.isEmpty, "the key is not what the plan demands: " + differences.joined(separator: ", "))
        if let problem = body.problem(as: try planned(body.slot).keySpec) { throw RecordViolation(reason: problem) }
        let known = try planned(body.slot).reimported?.checkValues
        try demand(known == nil || known == body.checkValues, "a key with other check values than the plan has")
    }

    /// Of a key whose material KMS does not name, what KMS computed is the proof.
    private func check(_ body: Imported) throws {
        if let reimported = try planned(body.slot).reimported { try check(body, of: reimported) }
        guard try planned(body.slot).proof == .commitment else { return }
        try demand(
            body.material == (try progress(body.slot).generated?.commitment), "KMS holds other material than was made")
    }

    /// KMS takes nothing by a token that is over. When it was asked is the intent's time: what came of it may be found later.
    private func demandToken(_ purpose: Purpose, of slot: String) throws {
        guard let asked = openIntentTime, let token = try progress(slot).fetched[purpose] else { return }
        try demand(
            asked <= token.validUntil.advanced(bySeconds: TimeStampFiles.clockTolerance),
            "it was intended after the import token was over")
    }

    private func check(_ body: Rotated) throws {
        guard let signed = activation(of: body.slot) else {
            throw RecordViolation(reason: "a rotation before *activate* was passed")
        }
        try demand(
            body.rotationsUsed == signed.rotationsUsed.map { $0 + 1 }, "it spent more or fewer than one rotation")
    }

    func planned(_ slot: String) throws -> PlanSlot {
        guard let planned = plannedSlots[slot] else { throw RecordViolation(reason: "no slot \(slot) in the plan") }
        return planned
    }

    func progress(_ slot: String) throws -> SlotProgress {
        guard let progress = slots[slot] else { throw RecordViolation(reason: "no slot \(slot) in the plan") }
        return progress
    }

    mutating func update(_ slot: String, _ change: (inout SlotProgress) -> Void) throws {
        var progress = try progress(slot)
        change(&progress)
        slots[slot] = progress
    }
}

extension ReleaseSubject {
    /// The wraps that this release allows, in the plan's order: each slot's import, then its proof.
    package var orders: [WrapOrder] {
        slots.flatMap { slot in
            Purpose.allCases.compactMap { purpose in
                slot.target(for: purpose).map { WrapOrder(slot: slot.slot, purpose: purpose, spki: $0.spki) }
            }
        }
    }
}
