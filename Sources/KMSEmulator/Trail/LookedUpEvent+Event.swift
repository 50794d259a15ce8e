import AWS
import Foundation

extension LookedUpEvent {
    /// What CloudTrail lists an event as.
    ///
    /// - Parameter event: As `EventRecord` writes it.
    /// - Throws: `KMSFault` naming what no event is without.
    init(event: JSONValue) throws {
        func text(_ name: String) throws -> String {
            guard let text = event[name]?.string, !text.isEmpty else {
                throw KMSFault.validation("An event has \(name), and it is text.")
            }
            return text
        }
        guard let time = EventTime.parse(iso: try text("eventTime")) else {
            throw KMSFault.validation("An event's eventTime is like 2025-05-21T05:42:31Z.")
        }
        let caller = event["userIdentity"]
        let json = String(decoding: event.encoded, as: UTF8.self)
        guard json.utf8.count <= Self.longestText else {
            throw KMSFault.validation("An event is of \(Self.longestText) bytes at most.")
        }
        self.init(
            id: try text("eventID"), name: try text("eventName"),
            readOnly: event["readOnly"].map { $0 == .bool(true) ? "true" : "false" },
            accessKeyID: caller?["accessKeyId"]?.string, time: Timestamp(time), source: try text("eventSource"),
            username: caller?["userName"]?.string
                ?? caller?["arn"]?.string.flatMap { $0.split(separator: "/").last.map(String.init) },
            resources: Self.resources(event["resources"]), text: json)
    }

    private static func resources(_ value: JSONValue?) -> [Resource] {
        guard case .array(let resources)? = value else { return [] }
        return resources.map { Resource(type: $0["type"]?.string, name: $0["ARN"]?.string) }
    }
}
