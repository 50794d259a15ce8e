import AWS
import CryptoPrimitives
import Foundation

/// One question of LookupEvents, as AWS takes it.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
struct EventLookup: Sendable {
    /// How long CloudTrail's event history goes back, in seconds.
    static let history: TimeInterval = 90 * 24 * 60 * 60
    private static let keys: Set<LookupAttribute.Key> = [
        .accessKeyID, .eventID, .eventName, .eventSource, .readOnly, .resourceName, .resourceType, .username,
    ]
    private static let insight = "insight"

    private let attribute: LookupAttribute?
    /// Nil where no moment counts.
    private let seconds: ClosedRange<Int>?
    private let limit: Int
    private let findsNothing: Bool
    /// The last event of the page before.
    private let after: TrailEvent.Order?
    /// What a token of this question says of it.
    private let digest: String

    /// - Parameters:
    ///   - region: Whose events are asked for.
    ///   - now: The service's time.
    /// - Throws: `KMSFault` under CloudTrail's name for what it would refuse.
    init(_ input: LookupEvents.Input, region: String, now: Date) throws {
        attribute = try Self.attribute(input.lookupAttributes ?? [])
        limit = input.maxResults ?? LookupEvents.longestPage
        guard (1...LookupEvents.longestPage).contains(limit) else {
            throw KMSFault("InvalidMaxResultsException", "MaxResults must be from 1 to \(LookupEvents.longestPage).")
        }
        if let category = input.eventCategory, category != Self.insight {
            throw KMSFault("InvalidEventCategoryException", "The event category \(category) is not valid.")
        }
        findsNothing = input.eventCategory == Self.insight
        seconds = try Self.seconds(input, now: now)
        let digest = Self.digest(of: input, region: region)
        after = try input.nextToken.map { try Self.order(in: $0, of: digest) }
        self.digest = digest
    }

    /// - Parameter events: Newest first.
    func page(of events: some Sequence<TrailEvent>) -> LookupEvents.Output {
        var found: [TrailEvent] = []
        for event in events where !findsNothing && matches(event) {
            guard found.count < limit else {
                return LookupEvents.Output(events: found.map(\.listed), nextToken: token(after: found[limit - 1]))
            }
            found.append(event)
        }
        return LookupEvents.Output(events: found.map(\.listed))
    }

    private func matches(_ event: TrailEvent) -> Bool {
        seconds?.contains(event.order.second) == true && after.map { event.order < $0 } ?? true
            && attribute.map(event.isAt) ?? true
    }

    private static func attribute(_ attributes: [LookupAttribute]) throws -> LookupAttribute? {
        guard attributes.count <= 1 else {
            throw KMSFault("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
        }
        guard let attribute = attributes.first else { return nil }
        guard keys.contains(attribute.key), (1...2000).contains(attribute.value.count) else {
            throw KMSFault("InvalidLookupAttributesException", "The lookup attribute \(attribute.key) is not valid.")
        }
        return attribute
    }

    /// Events are of whole seconds, and the first and the last one count.
    private static func seconds(_ input: LookupEvents.Input, now: Date) throws -> ClosedRange<Int>? {
        let possible = 0.0...253_402_300_799
        let earliest = now.timeIntervalSince1970 - history
        let (start, end) = (input.startTime?.secondsSinceEpoch, input.endTime?.secondsSinceEpoch)
        guard [start, end].allSatisfy({ $0.map(possible.contains) ?? true }), start ?? 0 <= end ?? possible.upperBound
        else { throw KMSFault("InvalidTimeRangeException", "The time range is not valid.") }
        let first = max(start ?? 0, earliest).rounded(.up)
        let last = (end ?? possible.upperBound).rounded(.down)
        return first <= last ? Int(first)...Int(last) : nil
    }
}

/// A token names the question and the event after which the next page begins, which new events do not move.
extension EventLookup {
    private func token(after event: TrailEvent) -> String {
        Base64.encode(
            Array("\(digest) \(event.order.second) \(event.order.sequence) \(event.order.copy)".utf8))
    }

    private static func order(in token: String, of digest: String) throws -> TrailEvent.Order {
        let refusal = KMSFault("InvalidNextTokenException", "The token is not one of this question.")
        guard let bytes = Base64.decode(token) else { throw refusal }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard parts.count == 4, parts[0] == digest, let second = Int(parts[1]), let sequence = Int(parts[2]),
            let copy = Int(parts[3])
        else { throw refusal }
        return TrailEvent.Order(second: second, sequence: sequence, copy: copy)
    }

    private static func digest(of input: LookupEvents.Input, region: String) -> String {
        let asked = LookupEvents.Input(
            attribute: input.lookupAttributes?.first, startTime: input.startTime, endTime: input.endTime,
            maxResults: input.maxResults)
        let bytes = ((try? KMSWire.encode(asked)) ?? []) + Array("\(region) \(input.eventCategory ?? "")".utf8)
        return String(SHA256Digest(of: bytes).hex.prefix(32))
    }
}
