import AWS
import Synchronization
import Testing

@Suite("Calls keep to a quota")
struct PaceTests {
    @Test("one at once, then one each interval, in the order of asking; time that passed is not saved up")
    func pace() async throws {
        let clock = JumpingClock()
        let pace = Pace(perSecond: 4, clock: clock)
        for _ in 0..<3 { try await pace.turn() }
        #expect(clock.now.offset == .milliseconds(500))
        clock.jump(.seconds(10))
        for _ in 0..<2 { try await pace.turn() }
        #expect(clock.now.offset == .milliseconds(10_750))
    }

    @Test(
        "a share of a quota is that much slower",
        arguments: [(5, 50, 400), (100, 25, 40), (2, 1, 50_000), (4, 100, 250)])
    func share(_ perSecond: Int, _ share: Int, _ interval: Int) async throws {
        let clock = JumpingClock()
        let pace = Pace(perSecond: perSecond, share: share, clock: clock)
        for _ in 0..<3 { try await pace.turn() }
        #expect(clock.now.offset == .milliseconds(2 * interval))
    }
}

/// A clock on which sleeping takes no time, and all of it.
final class JumpingClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
    }

    private let time = Mutex(Instant(offset: .zero))
    var now: Instant { time.withLock { $0 } }
    var minimumResolution: Duration { .zero }
    func jump(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        time.withLock { $0 = max($0, deadline) }
    }
}
