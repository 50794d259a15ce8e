import AWS
import CryptoPrimitives
import Foundation

/// One event of the trail.
final class TrailEvent: Sendable {
    /// Where an event stands among all others, from the oldest to the newest.
    struct Order: Hashable, Comparable, Sendable {
        /// Since 1970-01-01T00:00:00Z.
        let second: Int
        /// The number of the call.
        let sequence: Int
        /// 0 but of an event that is there again.
        var copy = 0

        static func < (left: Order, right: Order) -> Bool {
            (left.second, left.sequence, left.copy) < (right.second, right.sequence, right.copy)
        }
    }

    let order: Order
    let region: String
    let listed: LookedUpEvent
    /// None of what the service did by itself.
    let requestID: String?
    /// When it was recorded, by the service's clock, and after how many calls.
    let recorded: Date
    let calls: Int

    init(order: Order, region: String, listed: LookedUpEvent, requestID: String?, recorded: Date, calls: Int) {
        self.order = order
        self.region = region
        self.listed = listed
        self.requestID = requestID
        self.recorded = recorded
        self.calls = calls
    }

    /// Bytes, as far as they count.
    var size: Int { listed.text.utf8.count + 512 }

    /// Whether it is about a key.
    func isAbout(key id: String) -> Bool {
        (listed.resources ?? []).contains { $0.name?.hasSuffix(":key/" + id) == true }
    }

    func isAt(_ attribute: LookupAttribute) -> Bool {
        switch attribute.key {
        case .accessKeyID: listed.accessKeyID == attribute.value
        case .eventID: listed.id == attribute.value
        case .eventName: listed.name == attribute.value
        case .eventSource: listed.source == attribute.value
        case .readOnly: listed.readOnly == attribute.value
        case .resourceName: (listed.resources ?? []).contains { $0.name == attribute.value }
        case .resourceType: (listed.resources ?? []).contains { $0.type == attribute.value }
        case .username: listed.username == attribute.value
        default: false
        }
    }
}
