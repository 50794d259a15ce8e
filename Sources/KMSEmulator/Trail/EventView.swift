import AWS
import CryptoPrimitives
import Foundation

/// The trail as CloudTrail lists it, which is not always what was recorded.
struct EventView: Sendable {
    let rules: [EventRule]
    /// Ids of keys by what the rules call them.
    let keys: [String: String]
    /// The service's time.
    let now: Date

    /// - Returns: The events of a Region, newest first.
    func events(of trail: EventTrail.Snapshot, in region: String) -> [TrailEvent] {
        var matched = rules.map { _ in 0 }
        var shown: [TrailEvent] = []
        for event in trail.events where event.region == region {
            var befalling: [EventRule.Fault] = []
            for (index, rule) in rules.enumerated() where rule.isFor(event, keys: keys) {
                if rule.befalls(after: matched[index]) { befalling.append(rule.fault) }
                matched[index] += 1
            }
            shown += show(event, befalling, calls: trail.calls)
        }
        return shown.sorted { $0.order > $1.order }
    }

    private func show(_ event: TrailEvent, _ faults: [EventRule.Fault], calls: Int) -> [TrailEvent] {
        var shown = [event]
        for fault in faults {
            switch fault {
            case .hide: return []
            case .delay(.seconds(let seconds)):
                if now < event.recorded.addingTimeInterval(seconds) { return [] }
            case .delay(.calls(let count)):
                if calls - event.calls < count { return [] }
            case .identity(let stranger):
                guard event.requestID != nil else { break }
                shown = shown.map { $0.told(of: stranger) }
            case .replay:
                shown.append(event.again(as: shown.count, of: shown[0]))
            }
        }
        return shown
    }
}

extension TrailEvent {
    /// The same event, of another caller.
    fileprivate func told(of stranger: StrangerIdentity) -> TrailEvent {
        changed { members in
            let caller = stranger.caller(sessionStart: members["eventTime"]?.string ?? "")
            members["userIdentity"] = caller.userIdentity
        }
    }

    /// The event once more, under an id that is its own at each lookup.
    fileprivate func again(as copy: Int, of event: TrailEvent) -> TrailEvent {
        let digits = Array(SHA256Digest(of: Array("again \(copy) \(event.listed.id)".utf8)).hex.prefix(32))
        let cuts = [0, 8, 12, 16, 20, 32]
        let id = zip(cuts, cuts.dropFirst()).map { String(digits[$0..<$1]) }.joined(separator: "-")
        return event.changed(copy: copy) { $0["eventID"] = .text(id) }
    }

    private func changed(copy: Int = 0, _ change: (inout [String: JSONValue]) -> Void) -> TrailEvent {
        guard let json = try? KMSWire.decode(JSONValue.self, from: Array(listed.text.utf8)),
            case .object(var members) = json
        else { return self }
        change(&members)
        guard let listed = try? LookedUpEvent(event: .object(members)) else { return self }
        return TrailEvent(
            order: .init(second: order.second, sequence: order.sequence, copy: copy), region: region, listed: listed,
            requestID: requestID, recorded: recorded, calls: calls)
    }
}
