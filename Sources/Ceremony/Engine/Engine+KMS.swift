import CryptoPrimitives
import Evidence

extension Engine {
    /// Fetches the wrapping keys and tokens that are not here yet, for every key that there is already.
    func fetchAll() async throws {
        try await resumeFetch()
        try abandonSpentWrap()
        // An import or a proof without an answer is settled first, with the pair that it was tried with.
        guard record.openIntent == nil else { return }
        for slot in record.plan.slots { try requireNotRefused(slot) }
        for slot in record.plan.slots where record.key(of: slot) != nil {
            for purpose in record.slots[slot.slot]?.outstanding(of: slot) ?? [] where isWanting(slot, purpose) {
                try await fetch(slot, purpose)
            }
        }
    }

    /// Whether a pair is missing, or will not live through what is left to do: a new one needs a new release.
    private func isWanting(_ slot: PlanSlot, _ purpose: Purpose) -> Bool {
        let progress = record.slots[slot.slot]
        if let refused = progress?.refused[purpose], ServiceRefused.ofSpentParameters.contains(refused.code) {
            return true
        }
        return progress?.fetched[purpose].map { expires($0.validUntil) } ?? true
    }

    /// Whether a pair is to be fetched for a key that there is.
    var isFetchWanted: Bool {
        record.plan.slots.contains { slot in
            record.key(of: slot) != nil
                && (record.slots[slot.slot]?.outstanding(of: slot) ?? []).contains { isWanting(slot, $0) }
        }
    }

    /// Gives a wrap up that a killed run left open, when KMS would not take its blobs for long enough any more.
    func abandonSpentWrap() throws {
        guard case .wrapIntended(let intent) = record.openIntent,
            case .release(let release)? = record.gates.statement(of: .release)?.subject, expires(release.deadline)
        else { return }
        for order in intent.orders { try removeBlob(order.slot, order.purpose) }
        try journal(.wrapAbandoned(WrapAbandoned(release: intent.release)))
    }

    /// Whether less is left of a time than the rest of a ceremony may take.
    private func expires(_ time: Timestamp) -> Bool {
        time < ports.clock.now().advanced(bySeconds: 600)
    }

    /// Fetches what can be fetched while people sign *authorize*, so that they need not wait for it afterwards.
    package func fetchWhilePeopleSign() async throws {
        guard record.gates.open?.statement.gate == .authorize else { return }
        try await prepare()
        try await fetchAll()
    }

    /// A fetch that was cut off while *authorize* was open comes before everything that follows the gate.
    func resumeFetch() async throws {
        guard case .fetchIntended(let intent) = record.openIntent, let slot = record.plan.slot(named: intent.slot)
        else { return }
        try await fetch(slot, intent.purpose)
    }

    /// An unanswered fetch is simply asked again: it changes nothing but which pair is used.
    private func fetch(_ slot: PlanSlot, _ purpose: Purpose) async throws {
        let intent = FetchIntended(slot: slot.slot, purpose: purpose, caller: try await caller(of: .fetch))
        try await effect(.fetchIntended(intent)) {
            nil
        } act: {
            let answer = try await self.parameters(of: slot)
            let key = try RSAPublicKey(spki: answer.publicKey)
            guard key.bits == self.record.plan.wrapping.modulusBits else {
                throw CeremonyError(
                    .state, "KMS sent a wrapping key of \(key.bits) bits for \(slot.slot)",
                    remedy: "The plan wants \(self.record.plan.wrapping.keySpec). Nothing was wrapped")
            }
            let fetched = Fetched(
                slot: slot.slot, purpose: purpose, spki: SHA256Digest(of: answer.publicKey),
                token: SHA256Digest(of: answer.token), validUntil: answer.validUntil, request: answer.request,
                tlsLeaf: answer.tlsLeaf)
            try self.requireOwnToken(fetched)
            try self.ports.folder.write(answer.publicKey, to: FolderLayout.wrappingKey(slot.slot, purpose))
            try self.ports.folder.write(answer.token, to: FolderLayout.token(slot.slot, purpose))
            return .fetched(fetched)
        }
    }

    /// KMS gives each fetch its own token, for 24 hours. With others nobody could verify the folder.
    private func requireOwnToken(_ fetched: Fetched) throws {
        let before = record.slots.values.flatMap(\.fetched.values)
        guard !before.contains(where: { $0.token == fetched.token }) else {
            throw CeremonyError(
                .state, "KMS sent an import token for \(fetched.slot) that it had sent before",
                remedy: "KMS gives each fetch its own: something else may answer for it. Check the endpoint. "
                    + "Nothing was wrapped")
        }
        guard fetched.validUntil <= Fetched.latestEnd(at: try time()) else {
            throw CeremonyError(
                .state, "KMS sent an import token for \(fetched.slot) that is good until \(fetched.validUntil)",
                remedy: "KMS gives 24 hours: this host's clock is behind, or something else answers for KMS. Check the "
                    + "clock and the endpoint. Nothing was wrapped")
        }
    }

    /// A key that this ceremony made may be unknown where it is asked for, a while longer than where it was looked at.
    private func parameters(of slot: PlanSlot) async throws -> ImportParameters {
        func ask() async throws -> ImportParameters {
            try await ports.kms.importParameters(
                of: try key(of: slot), algorithm: slot.keySpec.algorithm, keySpec: record.plan.wrapping.keySpec)
        }
        return slot.strategy == .replace ? try await shown(ask) : try await ask()
    }

    /// Imports each slot's second blob as existing material, which KMS refuses for any other key than this one.
    ///
    /// KMS takes over the description that comes with it: that is how an unanswered proof is found by looking.
    func proveAll() async throws {
        for slot in record.plan.slots where slot.proof == .secondImport && record.slots[slot.slot]?.proved == nil {
            guard let material = record.slots[slot.slot]?.imported?.material else { continue }
            try await prove(slot, material: material)
        }
    }

    private func prove(_ slot: PlanSlot, material: String) async throws {
        let (blob, token) = try files(slot, .proof)
        let key = try key(of: slot)
        let description = (slot.description ?? "") + " proved"
        let intent = Event.proveIntended(
            ProveIntended(
                slot: slot.slot, material: material, blob: SHA256Digest(of: blob), token: SHA256Digest(of: token),
                description: description, caller: try await caller(of: .import)))
        let isOpen = record.openIntent == intent
        if !isOpen {
            try await attend()
            try await requireMaterial(material, in: slot)
        }
        try await effect(intent) {
            let known = try await self.ports.kms.materials(of: key).first { $0.id == material }
            guard let known else { return nil }
            guard known.isImported else { throw Self.deleted(material, in: slot) }
            guard known.description == description else { return nil }
            return .proved(Proved(slot: slot.slot, material: material, learned: .byLooking))
        } act: {
            if isOpen { try await self.requireMaterial(material, in: slot) }
            let answer = try await self.ports.kms.importMaterial(
                ImportRequest(
                    key: key, kind: .existing(material: material), blob: blob, token: token,
                    description: description))
            guard answer.material == material else {
                throw CeremonyError(
                    .state, "KMS took the proof of \(slot.slot) for the material \(answer.material ?? "unnamed")",
                    remedy: "KMS does not hold the key that was imported as \(material). Do not activate it")
            }
            return .proved(Proved(slot: slot.slot, material: material, learned: Learned(request: answer.request)))
        }
    }

    /// A proof is an import, too: of what was deleted it would undo the deletion.
    private func requireMaterial(_ material: String, in slot: PlanSlot) async throws {
        let materials = try await materials(of: slot, showing: material)
        guard materials.contains(where: { $0.id == material && $0.isImported }) else {
            throw Self.deleted(material, in: slot)
        }
    }

    /// The blob and token of one import, as they were journaled.
    func files(_ slot: PlanSlot, _ purpose: Purpose) throws -> (blob: [UInt8], token: [UInt8]) {
        let blob = try readBlob(slot.slot, purpose)
        let token = try ports.folder.read(FolderLayout.token(slot.slot, purpose))
        let progress = record.slots[slot.slot]
        guard SHA256Digest(of: blob) == progress?.blobs[purpose],
            SHA256Digest(of: token) == progress?.fetched[purpose]?.token
        else {
            throw CeremonyError(
                .state, "A blob or token of \(slot.slot) is not the one that was journaled",
                remedy: "Nothing was imported. Find out who changed the folder")
        }
        return (blob, token)
    }

    /// Makes each slot's pending material current, and tries the result by use.
    func rotateAll() async throws {
        for slot in record.plan.slots where slot.strategy == .rotate {
            if record.slots[slot.slot]?.rotated == nil { try await rotate(slot) }
            if record.slots[slot.slot]?.verified == nil { try await verifyByUse(slot) }
        }
    }

    private func rotate(_ slot: PlanSlot) async throws {
        guard let material = record.slots[slot.slot]?.imported?.material, let current = slot.currentMaterial
        else { return }
        do { try await rotate(slot, from: current, to: material) } catch let refused as ServiceRefused
            where refused.code == "LimitExceededException"
        {
            throw Self.spent(refused, slot, material)
        }
    }

    private func rotate(_ slot: PlanSlot, from current: String, to material: String) async throws {
        let intent = Event.rotateIntended(
            RotateIntended(
                slot: slot.slot, key: slot.key, from: current, to: material, caller: try await caller(of: .activate)))
        let isOpen = record.openIntent == intent
        let wasTried = isOpen || record.wasTried(intent)
        if !isOpen {
            try await attend()
            // Looked at before it is intended: whoever ends the ceremony for what is found here leaves no rotation in doubt.
            let result = wasTried ? try await rotated(slot, to: material, learned: .byLooking) : nil
            if result == nil { try await requireReady(slot) }
        }
        try await effect(intent) {
            try await self.rotated(slot, to: material, learned: .byLooking)
        } act: {
            // What a call without an answer did may have shown meanwhile, and is nobody else's change then.
            if wasTried, let result = try await self.rotated(slot, to: material, learned: .byLooking) { return result }
            if isOpen { try await self.requireReady(slot) }
            let learned = Learned(request: try await self.ports.kms.rotate(slot.key))
            for _ in 0..<60 {
                if let result = try await self.rotated(slot, to: material, learned: learned) { return result }
                try await self.ports.clock.wait(milliseconds: 1000)
            }
            throw CeremonyError(
                .state, "KMS accepted the rotation of \(slot.slot) but does not show it yet",
                remedy: "Run again in a few minutes: KMS itself refuses a second rotation while one is under way")
        }
    }

    /// A key whose rotations are spent keeps the imported material pending for ever, unless somebody deletes it.
    private static func spent(_ refused: ServiceRefused, _ slot: PlanSlot, _ material: String) -> CeremonyError {
        CeremonyError(
            .state, refused.what,
            remedy:
                "This key was not rotated, and the refusal is on record: the key of \(slot.slot) has spent the 25 on-demand "
                + "rotations that a key ever has. End the ceremony and plan a new key, strategy replace. Other keys of this "
                + "ceremony that are rotated stay so. The imported material \(material) is of no use then: "
                + PendingMaterial.removal(of: material, from: slot.key))
    }

    /// What the activation was signed for must still be so: this material pending, that one current, the same alias.
    private func requireReady(_ slot: PlanSlot) async throws {
        guard let signed = record.activation(of: slot.slot), let alias = signed.alias else {
            throw CeremonyError(.state, "No activation was signed for \(slot.slot)", remedy: "Verify the folder")
        }
        let materials = try await materials(of: slot, showing: signed.materialAfter)
        let pending = materials.filter { $0.state == .pendingRotation }.map(\.id)
        let current = materials.filter { $0.state == .current }.map(\.id)
        let target = try await ports.kms.describe(alias)
        let policy = try await ports.kms.policyDigest(of: slot.key)
        let hasMaterials =
            pending == [signed.materialAfter] && current == [signed.materialBefore]
            && materials.count(where: \.onDemand) == signed.rotationsUsed
        let changes = [
            hasMaterials ? nil : "its materials changed",
            target.arn == signed.aliasTargetBefore
                ? nil : "\(alias) resolves to \(target.arn), and did to \(signed.aliasTargetBefore ?? "nothing")",
            policy == signed.policy ? nil : "its policy changed",
        ].compactMap(\.self)
        guard changes.isEmpty else {
            throw CeremonyError(
                .state,
                "The key of \(slot.slot) is no longer as the activation was signed: \(changes.joined(separator: "; "))",
                remedy: "Nothing was rotated. Find out who changed it; have it as it was, then run again, or end the "
                    + "ceremony")
        }
        guard target.state == "Enabled" else {
            throw CeremonyError(
                .state, "The key of \(slot.slot) cannot be rotated: it is \(target.state)",
                remedy: "Nothing was rotated, and the imported material waits. \(target.remedy)")
        }
    }

    func rotated(_ slot: PlanSlot, to material: String, learned: Learned) async throws -> Event? {
        let materials = try await ports.kms.materials(of: slot.key)
        guard materials.contains(where: { $0.id == material && $0.state == .current }) else { return nil }
        return .rotated(
            Rotated(
                slot: slot.slot, material: material, rotationsUsed: materials.count(where: \.onDemand),
                learned: learned))
    }
}
