import Evidence

/// KMS shows what it did a little later, and not everywhere at once.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency>
extension Engine {
    /// Looks until something shows, or until KMS had the time that it may take to show it.
    ///
    /// - Returns: nil if nothing showed.
    func patiently<Found>(_ look: () async throws -> Found?) async throws -> Found? {
        var waited = 0
        while true {
            if let found = try await look() { return found }
            guard waited < ports.kms.settlesWithin else { return nil }
            try await ports.clock.wait(milliseconds: 1000)
            waited += 1
        }
    }

    /// Looks at what this ceremony made, which KMS may say for a while that it has not.
    ///
    /// - Throws: `NoSuchKey` when it still says so once it had its time.
    func shown<Found>(_ look: () async throws -> Found) async throws -> Found {
        let found = try await patiently { do { return try await look() } catch is NoSuchKey { return nil } }
        if let found { return found }
        return try await look()
    }

    /// All materials of a slot's key, once they show the one that was imported into it.
    ///
    /// - Throws: `CeremonyError` when they do not.
    func materials(of slot: PlanSlot, showing material: String) async throws -> [KMSMaterial] {
        let key = try key(of: slot)
        let shown = try await patiently {
            let materials = try await self.ports.kms.materials(of: key)
            return materials.contains { $0.id == material } ? materials : nil
        }
        guard let shown else {
            throw CeremonyError(
                .state, "KMS does not show the imported material of \(slot.slot), \(material), in \(key)",
                remedy:
                    "Nothing was activated. Run again in a few minutes; if it is not there then, somebody deleted it: "
                    + "find out who, and end the ceremony")
        }
        return shown
    }
}
