/// A point of a ceremony that opens only with its quorum, in the order in which they open.
package enum Gate: String, Codable, Hashable, Sendable, CaseIterable {
    case authorize
    case release
    case activate
    case close
}
