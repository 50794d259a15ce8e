import Foundation

/// An HTTP answer before it gets its date and request id.
struct WireAnswer: Sendable {
    let status: Int
    let contentType: String
    let body: [UInt8]
    /// How far its Date is ahead of the service's time, in seconds.
    var dateOffset: TimeInterval = 0
    /// Whether the connection is closed instead.
    var isWithheld = false

    /// No answer at all.
    static let none = WireAnswer(status: 0, contentType: "", body: [], isWithheld: true)
}
