import Evidence

/// The usage that a `reimport` gives to an HSM key for its checks is taken away again, also where it is never settled.
extension Engine {
    /// Takes it away from HSM keys of a ceremony that was ended early.
    ///
    /// - Returns: What could not be done about it, for people: an HSM that is gone must not keep the evidence from its close.
    /// - Throws: `SaidToStop`, and `CancellationError`.
    func takeBackCheckUsage() async throws -> [String] {
        let borrowed = record.plan.slots.filter { $0.strategy == .reimport && isBorrowed($0) }
        guard ports.gap?.side != .connected else {
            return borrowed.map { "\(Self.words(of: $0)). \(Self.atTheOtherHost)" }
        }
        var left: [String] = []
        var trouble: (any Error)?
        for slot in borrowed {
            do {
                // A PIN that was refused is not asked for again for the next key.
                if let trouble { throw trouble }
                try await takeBackCheckUsage(of: slot)
            } catch let error as CeremonyError {
                left.append("\(Self.words(of: slot)): \(error). \(Self.wayOn)")
            } catch let said as any SaidToStop { throw said } catch let ended as CancellationError { throw ended } catch
            {
                trouble = error
                left.append("\(Self.words(of: slot)): \(error). \(Self.wayOn)")
            }
        }
        try? await ports.hsm.leave()
        return left
    }

    private static func words(of slot: PlanSlot) -> String {
        "The HSM key \(slot.label) (id \(slot.id)) may have the usage CKA_ENCRYPT still, which this ceremony gave it"
    }

    private static let wayOn =
        "Run again with the token there before the close is signed, or take it away by the vendor's tool"

    private static let atTheOtherHost =
        "It is at the other host, which does nothing more in a ceremony that was ended here: take it away there, by the vendor's tool"

    private func isBorrowed(_ slot: PlanSlot) -> Bool {
        record.slots[slot.slot]?.settled == nil
            && record.transcript.lines.contains {
                if case .generateIntended(let body) = $0.event { body.slot == slot.slot } else { false }
            }
    }

    /// Of the key that was taken up, and of no other: one that was refused then was not changed, and stays as it is.
    private func takeBackCheckUsage(of slot: PlanSlot) async throws {
        let found = try await ports.hsm.find(label: slot.label, id: slot.id)
        guard let key = found.first, found.count == 1, key.label == slot.label, key.id == slot.id else {
            throw CeremonyError(
                .state, "the token has \(found.count) objects of that label or id", remedy: "Find out what became of it"
            )
        }
        guard key.attributes.contains(AttributeSetting("CKA_ENCRYPT", "true")) else { return }
        let differences = KeyAttributes.differencesOfKept(
            key.attributes, try attributes(of: slot), isRestored: slot.isRestored)
        guard differences.isEmpty else {
            throw CeremonyError(
                .state, "what lies there has " + differences.joined(separator: ", ") + ", and was not changed",
                remedy: "Find out what it is")
        }
        if record.slots[slot.slot]?.generated != nil { try await requireCommitted(slot) }
        _ = try await ports.hsm.removeCheckUsage(label: slot.label, id: slot.id, of: slot.keySpec)
    }
}
