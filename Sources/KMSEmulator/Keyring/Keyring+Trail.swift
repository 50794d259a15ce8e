import Foundation

/// What events tell beside a call and its answer.
extension Keyring {
    /// Remembers what the service did by itself.
    ///
    /// - Parameter time: When it did; nil for now.
    func happened(_ event: ServiceEvent, to key: ManagedKey, at time: Date? = nil) {
        trail.record(event.record(of: key, at: time ?? now), now: now)
    }

    /// ARNs of what identifiers mean, the alias first and its key last; nothing of those that mean none.
    ///
    /// - Parameter alias: `alias/NAME`.
    func arns(alias: String?, keys: [String], in region: String) -> [String] {
        let known = alias.flatMap { try? self.alias($0, in: region) }
        let named = keys.isEmpty ? [known?.keyID].compactMap(\.self) : keys
        let found = named.compactMap { try? key($0, in: region).arn }
        return (alias.map { [known?.arn ?? arn($0, in: region)] } ?? []) + found
    }

    /// Does what became due, so that events of it are there.
    ///
    /// - Returns: The service's time.
    func settle() throws -> Date {
        passTime()
        try save()
        return now
    }
}
