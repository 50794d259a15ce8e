package import Foundation

/// The clock, the waiting and the chance that a client needs, so that tests can have others.
package struct Timekeeper: Sendable {
    package let now: @Sendable () -> Date
    /// Waits so many seconds; throws when the task is cancelled.
    package let wait: @Sendable (Double) async throws -> Void
    /// A number from 0 to 1.
    package let jitter: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> Date, wait: @escaping @Sendable (Double) async throws -> Void,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.wait = wait
        self.jitter = jitter
    }

    /// This machine's.
    package static let system = Timekeeper(
        now: { Date() },
        wait: { try await Task.sleep(for: .seconds($0)) },
        jitter: { Double.random(in: 0...1) })
}
