import CryptoPrimitives
import Evidence

/// Knows again calls that were counted: exported files often have an event twice, as trails of an account and of its
/// organization write it, or a folder that was copied into itself.
///
/// A call is remembered by 16 bytes of the SHA-256 of its event's id and of all that is counted of it. So what was changed on its
/// way, and has another's id, takes no caller away.
package struct CountedCalls: Sendable {
    /// 6,000,000 of them take 128 MiB.
    package static let most = 6_000_000
    /// CloudTrail's ids are UUIDs. What is none nobody promises to be an event's own, and such events count each time.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
    private static let lengths = [8, 4, 4, 4, 12]

    private let most: Int
    private var seen: Set<UInt128> = []
    /// Calls that came again.
    private(set) var again = 0
    /// Whether there were more than are remembered.
    private(set) var isFull = false

    /// - Parameter most: The calls that are remembered.
    init(most: Int) { self.most = most }

    /// What is said where there were too many.
    var full: String {
        "Over \(most) calls by key ids were counted: of the others, those that stand twice count twice; give fewer events"
    }

    /// Whether a call was counted before; else it is remembered.
    ///
    /// - Parameters:
    ///   - caller: As it is counted.
    ///   - names: The keys, as the request has them.
    mutating func takesAgain(_ event: AWSEvent, by caller: String, of names: Set<String>) -> Bool {
        guard Self.isUUID(event.id) else { return false }
        let texts = [event.id.lowercased(), event.name, event.region, event.account ?? "", "\(event.at)", caller]
        let call = Self.number(texts + names.sorted())
        if seen.contains(call) {
            again += 1
            return true
        }
        if seen.count < most { seen.insert(call) } else { isFull = true }
        return false
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == lengths
            && parts.joined().allSatisfy { (48...57).contains($0) || (97...102).contains($0 | 0x20) }
    }

    /// Each text with its length before it, so that no two lists come to the same bytes.
    private static func number(_ texts: [String]) -> UInt128 {
        let bytes = texts.flatMap { Array("\($0.utf8.count):".utf8) + Array($0.utf8) }
        return SHA256Digest(of: bytes).bytes.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
    }
}
