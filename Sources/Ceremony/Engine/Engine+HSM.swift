import CryptoPrimitives
import Evidence

extension Engine {
    /// Tests the token, then generates a key for every slot of the plan that has none.
    func generateAll() async throws {
        let missing = record.plan.slots.filter {
            $0.strategy.importsMaterial && record.slots[$0.slot]?.generated == nil
        }
        guard !missing.isEmpty else { return }
        try await selfTest()
        // An earlier run's keys, so that what comes is compared with them too.
        for slot in record.plan.slots where record.slots[slot.slot]?.generated != nil {
            try await requireCommitted(slot)
        }
        for slot in missing {
            if slot.strategy == .reimport { try await takeUp(slot) } else { try await generate(slot) }
        }
        try await ports.hsm.leave()
    }

    /// Throwaway keys only: repeating it after a kill harms nothing.
    private func selfTest() async throws {
        guard record.selfTested == nil else { return }
        let token = record.plan.environment.token.serial
        try await effect(.selfTestIntended(SelfTestIntended(token: token))) {
            nil
        } act: {
            let report = try await self.ports.hsm.selfTest(self.record.plan.profiles)
            let surroundings = try await self.ports.environment.examine(self.record.plan)
            return .selfTested(
                SelfTested(token: token, held: report.held, findings: report.findings + surroundings))
        }
    }

    private func generate(_ slot: PlanSlot) async throws {
        let intent = Event.generateIntended(GenerateIntended(slot: slot.slot, label: slot.label, id: slot.id))
        if record.openIntent != intent, !record.wasTried(intent) {
            let strangers = try await ports.hsm.find(label: slot.label, id: slot.id)
            guard strangers.isEmpty else { throw Self.stranger(slot) }
        }
        try await effect(intent) {
            try await self.adopt(slot)
        } act: {
            let key = try await self.ports.hsm.generate(
                label: slot.label, id: slot.id, of: slot.keySpec, attributes: try self.attributes(of: slot))
            return try await self.identify(key, slot)
        }
    }

    /// The key that a killed run made: a single object with this ceremony's label and id, fit in every attribute.
    private func adopt(_ slot: PlanSlot) async throws -> Event? {
        let found = try await ports.hsm.find(label: slot.label, id: slot.id)
        guard let key = found.first else { return nil }
        guard found.count == 1, key.label == slot.label, key.id == slot.id else { throw Self.stranger(slot) }
        guard slot.keySpec.secretBytes != nil || key.publicKey != nil else { throw Self.halfPair(slot) }
        return try await identify(key, slot)
    }

    static func require(_ key: HSMKey, _ template: [AttributeSetting], of slot: PlanSlot) throws {
        let differences = KeyAttributes.differences(key.attributes, template, isRestored: slot.isRestored)
        guard differences.isEmpty else {
            throw CeremonyError(
                .state, "The HSM key for \(slot.slot) has " + differences.joined(separator: ", "),
                remedy: "It is not what the plan demands and must not be released. Have the token examined")
        }
    }

    private static func stranger(_ slot: PlanSlot) -> CeremonyError {
        CeremonyError(
            .state, "The token already has an object labelled \(slot.label) or with the id \(slot.id)",
            remedy: "Nothing was generated for \(slot.slot). Find out whose it is before going on")
    }

    /// A token that failed in the middle: no key that is whole was made, and nothing of it was used.
    private static func halfPair(_ slot: PlanSlot) -> CeremonyError {
        CeremonyError(
            .state,
            "The token has one half of the key pair for \(slot.slot), labelled \(slot.label), and not the other",
            remedy: "Remove that object with the vendor's tool, then run again: a whole pair is generated")
    }

    /// Wraps everything that the release names, in one step.
    func wrapAll() async throws {
        guard record.isWrapWanted, let statement = record.gates.statement(of: .release),
            case .release(let release) = statement.subject
        else { return }
        let orders = release.orders
        let slots = record.plan.slots.filter { slot in orders.contains { $0.slot == slot.slot } }
        try await effect(.wrapIntended(WrapIntended(release: statement.attempt, orders: orders))) {
            nil
        } act: {
            try self.requireBefore(release.deadline)
            for slot in slots { try await self.requireCommitted(slot) }
            let requests = try orders.map { try self.request(for: $0) }
            for request in requests {
                guard let label = request.trustedAs else { continue }
                try await self.ports.hsm.requireTrusted(label: label, wrappingKey: request.wrappingKey)
            }
            let blobs = try await self.ports.hsm.wrap(requests)
            guard blobs.count == orders.count else {
                throw CeremonyError(
                    .state, "The token wrapped \(blobs.count) of \(orders.count) keys", remedy: "Run again")
            }
            return .wrapped(Wrapped(blobs: try zip(orders, blobs).map { try self.keep($1, for: $0) }))
        }
        try await ports.hsm.leave()
    }

    private func requireBefore(_ deadline: Timestamp) throws {
        guard ports.clock.now() <= deadline else {
            throw CeremonyError(
                .state, "The release's deadline, \(deadline), is over", remedy: "Run again: it asks for a new release")
        }
    }

    /// The key that lies in the token now must be the one whose commitment people signed.
    func requireCommitted(_ slot: PlanSlot) async throws {
        let found = try await ports.hsm.find(label: slot.label, id: slot.id)
        guard found.count < 2 else { throw Self.notOne(found, slot, undone: "Neither is released or used") }
        guard let key = found.first else { throw gone(slot) }
        guard
            try await identify(key, slot) == record.slots[slot.slot]?.generated.map(Event.generated)
        else {
            throw CeremonyError(
                .state, "The token's key for \(slot.slot) is not the one that was generated and committed to",
                remedy: "It must not be released or used. Find out who replaced it")
        }
    }

    private func request(for order: WrapOrder) throws -> HSMWrapRequest {
        guard let slot = record.plan.slot(named: order.slot) else {
            throw CeremonyError(.state, "The release names a slot that the plan lacks", remedy: "Verify the folder")
        }
        let path = FolderLayout.wrappingKey(order.slot, order.purpose)
        let spki = try ports.folder.read(path)
        guard SHA256Digest(of: spki) == order.spki else {
            throw CeremonyError(
                .state, "\(path) is not the wrapping key that the quorum released",
                remedy: "Nothing was wrapped. Find out who changed it")
        }
        return HSMWrapRequest(
            label: slot.label, id: slot.id, way: try profile(of: slot).way, wrappingKey: try RSAPublicKey(spki: spki),
            trustedAs: slot.trustedWrapping ? slot.wrappingKeyLabel(for: order.purpose) : nil)
    }

    private func keep(_ blob: [UInt8], for order: WrapOrder) throws -> WrappedBlob {
        try writeBlob(blob, order.slot, order.purpose)
        return WrappedBlob(
            slot: order.slot, purpose: order.purpose, blob: SHA256Digest(of: blob),
            trusted: record.plan.slot(named: order.slot)?.trustedWrapping ?? false)
    }
}
