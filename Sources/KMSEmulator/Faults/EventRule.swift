import AWS
import Foundation

/// What is wrong with events whose calls went well: CloudTrail lists them so whenever it is asked.
package struct EventRule: Hashable, Sendable {
    /// What CloudTrail does to the event.
    package enum Fault: Hashable, Sendable {
        /// It is not listed.
        case hide
        /// It is listed only so long after it was recorded.
        case delay(Lag)
        /// It tells of another caller; of calls alone.
        case identity(StrangerIdentity)
        /// It is listed twice, the second time under another id of its own.
        case replay
    }

    /// AWS's name of the operation, or of what the service did by itself; nil for any.
    package let operation: String?
    /// Id, ARN or alias of a key that the event is about; nil for any event. An alias stands for its key of the moment.
    package let key: String?
    package let requestID: String?
    /// How many such events are right first, from the oldest on.
    package let after: Int
    /// How many are wrong then; nil for all.
    package let times: Int?
    package let fault: Fault

    /// - Parameter earlier: How many events matched before it.
    func befalls(after earlier: Int) -> Bool {
        earlier >= after && times.map { earlier - after < $0 } ?? true
    }

    /// - Parameter keys: Ids of keys by what rules call them.
    func isFor(_ event: TrailEvent, keys: [String: String]) -> Bool {
        (operation ?? event.listed.name) == event.listed.name
            && (requestID == nil || requestID == event.requestID)
            && key.map { event.isAbout(key: keys[$0] ?? $0) } ?? true
    }
}

extension EventRule: Decodable {
    private enum Kind: String, Decodable {
        case hide, delay, identity, replay
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        operation = try members.decodeIfPresent(String.self, forKey: "operation")
        key = try members.decodeIfPresent(String.self, forKey: "key")
        requestID = try members.decodeIfPresent(String.self, forKey: "requestId")
        after = try members.decodeIfPresent(Int.self, forKey: "after") ?? 0
        times = try members.decodeIfPresent(Int.self, forKey: "times")
        let own: [String]
        switch try members.decode(Kind.self, forKey: "fault") {
        case .hide: (fault, own) = (.hide, [])
        case .delay: (fault, own) = (.delay(try Lag(members)), ["seconds", "calls"])
        case .identity: (fault, own) = (.identity(try StrangerIdentity(members)), StrangerIdentity.members)
        case .replay: (fault, own) = (.replay, [])
        }
        try members.refuseAll(but: ["operation", "key", "requestId", "after", "times", "fault"] + own)
        try members.require(
            "operation", operation.map(ServedOperations.recorded.contains) ?? true, "is none that has events")
        try members.require("after", after >= 0, "must be 0 or more")
        try members.require("times", times.map { $0 >= 1 } ?? true, "must be 1 or more")
    }
}
