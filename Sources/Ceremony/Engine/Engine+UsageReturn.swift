import CryptoPrimitives
import Evidence

/// The usage that a `reimport` gives to an HSM key for its checks is taken away again, also where it is never settled.
extension Engine {
    /// Takes it away from HSM keys of a ceremony that was ended early.
    ///
    /// - Returns: What could not be done about it, for people: an HSM that is gone must not keep the evidence from its close.
    func takeBackCheckUsage() async -> [String] {
        guard ports.gap?.side != .connected else {
            return borrowed.map { "\(Self.words(of: $0)). \(Self.atTheOtherHost)" }
        }
        return await takeBack(orElse: "Run again with the token there before the close is signed") {
            _ = try await self.takeBackCheckUsage(of: $0)
        }
    }

    /// The same once the plan's window is over: the last that this ceremony does, and puts on record.
    ///
    /// - Returns: What could not be done about it, for people.
    func returnCheckUsage(at now: Timestamp) async -> [String] {
        // A ceremony that is carried, or at the other host, is not this one's to write.
        guard record.plan.window.until < now, record.plan.gap == nil || record.turns.holder == .hsm else { return [] }
        return await takeBack(orElse: "Run again with the token there") { slot in
            guard try await self.ports.hsm.identity() == self.record.plan.environment.token else {
                throw CeremonyError(.environment, "this is not the plan's token", remedy: "Have the plan's one there")
            }
            let intent = Event.usageReturnIntended(UsageReturnIntended(slot: slot.slot))
            let isOpen = self.record.usageReturn == slot.slot
            if !isOpen {
                guard try await self.hasCheckUsage(slot) else { return }
                try self.journal(intent, at: now)
            }
            let left = try await self.takeBackCheckUsage(of: slot)
            try self.journal(.usageReturned(UsageReturned(slot: slot.slot, attributes: left.attributes)), at: now)
        }
    }

    private func takeBack(
        orElse wayOn: String, _ act: (PlanSlot) async throws -> Void
    ) async -> [String] {
        var left: [String] = []
        for slot in borrowed {
            do { try await act(slot) } catch {
                left.append("\(Self.words(of: slot)): \(error). \(wayOn), or take it away by the vendor's tool")
            }
        }
        try? await ports.hsm.leave()
        return left
    }

    private static func words(of slot: PlanSlot) -> String {
        "The HSM key \(slot.label) (id \(slot.id)) may have the usage CKA_ENCRYPT still, which this ceremony gave it"
    }

    private static let atTheOtherHost =
        "It is at the other host, which does nothing more in a ceremony that was ended here: take it away there, by the vendor's tool"

    private var borrowed: [PlanSlot] { record.plan.slots.filter { $0.strategy == .reimport && isBorrowed($0) } }

    private func isBorrowed(_ slot: PlanSlot) -> Bool {
        guard let progress = record.slots[slot.slot] else { return false }
        return progress.isTakenUp && progress.settled == nil && progress.usageReturned == nil
    }

    private func hasCheckUsage(_ slot: PlanSlot) async throws -> Bool {
        try await takenUp(slot).attributes.contains(AttributeSetting("CKA_ENCRYPT", "true"))
    }

    /// - Returns: The key as it is left.
    private func takeBackCheckUsage(of slot: PlanSlot) async throws -> HSMKey {
        guard try await hasCheckUsage(slot) else { return try await takenUp(slot) }
        return try await ports.hsm.removeCheckUsage(label: slot.label, id: slot.id, of: slot.keySpec)
    }

    /// The one key of the slot's label and id.
    private func takenUp(_ slot: PlanSlot) async throws -> HSMKey {
        let found = try await ports.hsm.find(label: slot.label, id: slot.id)
        guard let key = found.first, found.count == 1, key.label == slot.label, key.id == slot.id else {
            throw CeremonyError(
                .state, "the token has \(found.count) objects of that label or id", remedy: "Find out what became of it"
            )
        }
        return key
    }
}
