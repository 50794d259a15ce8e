import Evidence

extension Engine {
    /// The old key must still be one without others in other Regions, as the plan found it.
    func requireUnrelated(_ old: KMSKey, _ slot: PlanSlot) throws {
        guard old.relatedKeys.isEmpty else {
            let related = old.relatedKeys.joined(separator: ", ")
            throw CeremonyError(
                .state, "The old key of \(slot.slot) has replicas since the plan: \(related)",
                remedy: "\(slot.shownName) was not touched: they would stay behind. Find out who made them")
        }
    }
}
