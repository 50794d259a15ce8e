/// Keeps calls apart, so that a quota of so many a second is never met.
package final actor Pace<Time: Clock> where Time.Duration == Duration {
    private let clock: Time
    private let interval: Duration
    private var next: Time.Instant?

    /// - Parameters:
    ///   - perSecond: How many calls a second, 1 or more.
    ///   - share: How much of that is taken, in percent; the rest is for others.
    package init(perSecond: Int, share: Int = 100, clock: Time) {
        self.clock = clock
        interval = .seconds(100) / (max(perSecond, 1) * max(share, 1))
    }

    /// Waits for one call's turn. Calls get theirs in the order in which they ask.
    package func turn() async throws {
        let now = clock.now
        let turn = next.map { max($0, now) } ?? now
        next = turn.advanced(by: interval)
        if turn > now { try await clock.sleep(until: turn, tolerance: nil) }
    }
}
