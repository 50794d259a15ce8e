import AWS
import Foundation

/// CloudTrail as far as it tells what happened: AWS JSON 1.1, as KMS.
struct CloudTrailFrontend: Sendable {
    let keyring: Keyring
    let faults: Faults

    /// The operation of CloudTrail that a request names; nil if it names none.
    static func operation(of request: WireRequest) -> String? {
        guard request.head.method == "POST", request.head.path == "/",
            let target = request.header("X-Amz-Target"), target.hasPrefix(CloudTrailWire.targetPrefix)
        else { return nil }
        return String(target.dropFirst(CloudTrailWire.targetPrefix.count))
    }

    /// - Parameter region: Whose endpoint was asked.
    /// - Throws: `KMSFault` with CloudTrail's name for what it would refuse.
    func answer(_ request: WireRequest, operation: String, region: String) async throws -> WireAnswer {
        guard operation == LookupEvents.name else {
            throw KMSFault("UnknownOperationException", "The emulator does not serve \(operation).")
        }
        guard let input = try? KMSWire.decode(LookupEvents.Input.self, from: request.body) else {
            throw KMSFault("SerializationException", "The body is not the JSON of this operation's input.")
        }
        let now = try await keyring.settle()
        let lookup = try EventLookup(input, region: region, now: now)
        let rules = await faults.eventRules
        let page =
            rules.isEmpty
            ? lookup.page(of: keyring.trail.snapshot.events.reversed().lazy.filter { $0.region == region })
            : lookup.page(of: await view(rules, in: region, now: now).events(of: keyring.trail.snapshot, in: region))
        return WireAnswer(status: 200, contentType: KMSWire.contentType, body: try KMSWire.encode(page))
    }

    private func view(_ rules: [EventRule], in region: String, now: Date) async -> EventView {
        var keys: [String: String] = [:]
        for name in Set(rules.compactMap(\.key)) { keys[name] = await keyring.id(of: name, in: region) }
        return EventView(rules: rules, keys: keys, now: now)
    }
}
