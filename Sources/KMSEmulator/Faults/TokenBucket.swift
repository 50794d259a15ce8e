import Foundation

/// A quota of so many calls a second: what one second did not use is not there in the next but one.
struct TokenBucket: Sendable {
    private let perSecond: Double
    private var tokens: Double
    private var filled: Date

    init(perSecond: Int, now: Date) {
        self.perSecond = Double(perSecond)
        tokens = Double(perSecond)
        filled = now
    }

    /// - Returns: Whether there was a token for one more call.
    mutating func take(now: Date) -> Bool {
        tokens = min(perSecond, tokens + max(0, now.timeIntervalSince(filled)) * perSecond)
        filled = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
