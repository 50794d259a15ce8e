import Evidence

extension Engine {
    /// The old key must still be one without others in other Regions, as the plan found it.
    func requireUnrelated(_ slot: PlanSlot) async throws {
        let related = try await ports.kms.describe(slot.key).relatedKeys
        guard related.isEmpty else {
            throw CeremonyError(
                .state, "The old key of \(slot.slot) has replicas since the plan: \(related.joined(separator: ", "))",
                remedy: "\(slot.shownName) was not moved: they would stay behind. Find out who made them")
        }
    }
}
