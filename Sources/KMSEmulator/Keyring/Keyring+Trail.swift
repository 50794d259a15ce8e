import AWS
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

    /// Adds an event of what nobody did here.
    ///
    /// - Parameter known: The caller that the emulator knows.
    /// - Returns: The ids of the event, and of its request if it has one.
    /// - Throws: `KMSFault` when there is no such key, or for what is no event.
    func forge(_ forged: ForgedEvent, by known: TrailCaller) throws -> (event: String, request: String?) {
        switch forged {
        case .whole(let event):
            let listed = try LookedUpEvent(event: event)
            guard let region = event["awsRegion"]?.string else {
                throw KMSFault.validation("An event has awsRegion, and it is text.")
            }
            let request = event["requestID"]?.string
            trail.add(listed, of: region, requestID: request, now: now)
            return (listed.id, request)
        case .parts(let parts):
            let key = try key(parts.key, in: region(of: parts.key))
            let resources = (parts.alias.map { [arn($0, in: key.region)] } ?? []) + [key.arn]
            let record = parts.record(of: key, resources: resources, known: known, now: now)
            trail.record(record, now: now)
            return (record.id, record.requestID)
        }
    }

    /// The Region that an ARN names; of anything else, that of calls that name none.
    private func region(of identifier: String) -> String {
        let parts = identifier.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 6 ? String(parts[3]) : region
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
