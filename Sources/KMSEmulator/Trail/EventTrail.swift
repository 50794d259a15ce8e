package import AWS
package import Foundation
import Synchronization

/// What happened, as CloudTrail records it: calls that were answered, and what the service did by itself.
///
/// It is not kept from one start to the next. The oldest events are forgotten, so that an emulator can run for weeks.
package final class EventTrail: Sendable {
    /// Of events; as many as of calls.
    package static let usualCapacity = CallLog.usualCapacity
    /// Of events' bytes, in all.
    package static let usualSize = 64 << 20

    private struct Store {
        /// Oldest first.
        var events: [TrailEvent] = []
        var size = 0
        var sequence = 0
        var calls = 0
    }

    /// The trail as it stands.
    struct Snapshot: Sendable {
        /// Oldest first.
        let events: [TrailEvent]
        /// How many calls were answered.
        let calls: Int
    }

    private let capacity: Int
    private let largest: Int
    private let store = Mutex(Store())

    /// - Parameters:
    ///   - capacity: The most events that are kept; never fewer than half of it once there were so many.
    ///   - size: The most bytes of events that are kept, likewise.
    package init(capacity: Int = usualCapacity, size: Int = usualSize) {
        self.capacity = capacity
        largest = size
    }

    /// Events are few words each here, so that a copy is soon made and a lookup holds no call up.
    var snapshot: Snapshot { store.withLock { Snapshot(events: $0.events, calls: $0.calls) } }

    /// How many events are kept.
    package var count: Int { store.withLock(\.events.count) }

    /// The next number of a call.
    func number() -> Int {
        store.withLock { store in
            store.sequence += 1
            return store.sequence
        }
    }

    /// A call was answered.
    func countCall() { store.withLock { $0.calls += 1 } }

    /// Keeps an event where its time puts it.
    ///
    /// - Parameters:
    ///   - sequence: The number of the call; a new one by default.
    ///   - now: The service's time.
    func record(_ record: EventRecord, sequence: Int? = nil, now: Date) {
        add(record.listed, of: record.region, requestID: record.requestID, sequence: sequence, now: now)
    }

    /// Keeps an event as it is to be listed.
    ///
    /// - Parameters:
    ///   - requestID: nil of what the service did by itself.
    ///   - sequence: The number of the call; a new one by default.
    ///   - now: The service's time.
    package func add(_ listed: LookedUpEvent, of region: String, requestID: String?, sequence: Int? = nil, now: Date) {
        let sequence = sequence ?? number()
        store.withLock { store in
            let event = TrailEvent(
                order: .init(second: Int(listed.time.secondsSinceEpoch), sequence: sequence), region: region,
                listed: listed, requestID: requestID, recorded: now, calls: store.calls)
            let place = store.events.lastIndex { $0.order < event.order }.map { $0 + 1 } ?? 0
            store.events.insert(event, at: place)
            store.size += event.size
            forget(&store)
        }
    }

    private func forget(_ store: inout Store) {
        guard store.events.count > capacity || store.size > largest else { return }
        // Half at a time: an array without its first element is one that was moved whole.
        var forgotten = 0
        while store.events.count - forgotten > capacity / 2 || store.size > largest / 2,
            forgotten < store.events.count
        {
            store.size -= store.events[forgotten].size
            forgotten += 1
        }
        store.events.removeFirst(forgotten)
    }
}
