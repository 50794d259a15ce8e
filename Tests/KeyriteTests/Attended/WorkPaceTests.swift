import Ceremony
import KeyriteCommands
import Testing

@Suite("What people are told of the time to come")
struct WorkPaceTests {
    private static let steps: [Step] = [.authorize, .generate, .fetch, .release, .import]

    /// Ten keys, of which so many are done.
    private static func progress(_ done: [Step: Int]) -> (Step) -> StepProgress {
        { StepProgress(done: done[$0] ?? 0, total: $0 == .fetch ? 20 : 10, unit: "key") }
    }

    /// Looks at a step when so much of it is done, so many seconds after the beginning.
    private static func pace(fetchesPerSecond: Int = 1000, _ looks: [(Step, done: Int, at: Int)?]) -> WorkPace {
        let start = ContinuousClock.now
        var pace = WorkPace(fetchesPerSecond: fetchesPerSecond)
        var done: [Step: Int] = [:]
        for look in looks {
            guard let look else {
                pace.stop()
                continue
            }
            done[look.0] = look.done
            pace.look(at: look.0, now: start + .seconds(look.at), progress(done))
        }
        return pace
    }

    @Test("is nothing before two things were done")
    func tooEarly() {
        let pace = Self.pace([(.generate, 0, 0), (.generate, 1, 3)])
        #expect(pace.rest(of: .generate, Self.progress([.generate: 1])) == nil)
        #expect(pace.expected(in: .generate, of: Self.steps, Self.progress([.generate: 1])) == "")
    }

    @Test("is the pace of a step for its rest, and says nothing of steps that were not seen yet")
    func rest() {
        let pace = Self.pace([(.generate, 0, 0), (.generate, 1, 3), (.generate, 2, 6)])
        let progress = Self.progress([.generate: 2])
        #expect(pace.rest(of: .generate, progress) == .seconds(24))
        #expect(pace.rest(of: .fetch, progress) == nil)
        #expect(pace.expected(in: .generate, of: Self.steps, progress) == ", about 24 s more for generate")
    }

    @Test("no fetch is expected to be quicker than the quota, whatever was seen so far")
    func quota() {
        let pace = Self.pace(fetchesPerSecond: 1, [(.generate, 0, 0), (.generate, 2, 6)])
        let progress = Self.progress([.generate: 2])
        #expect(pace.least(of: Self.steps, progress) == .seconds(24 + 20))
        #expect(
            pace.expected(in: .generate, of: Self.steps, progress)
                == ", about 24 s more for generate, at least 44 s of work left")
        let fetching = Self.pace(fetchesPerSecond: 1, [(.fetch, 0, 0), (.fetch, 10, 1)])
        #expect(fetching.rest(of: .fetch, Self.progress([.fetch: 10])) == .seconds(10))
    }

    @Test("the time of people is in none of it")
    func people() {
        let pace = Self.pace([
            (.generate, 0, 0), (.generate, 1, 2), nil, (.generate, 1, 500), (.generate, 2, 502), (.release, 0, 502),
            (.generate, 5, 900),
        ])
        #expect(pace.rest(of: .generate, Self.progress([.generate: 5])) == .seconds(10))
    }

    @Test("what was done in one go counts for the step that did it")
    func atOnce() {
        var pace = WorkPace(fetchesPerSecond: 1000)
        let start = ContinuousClock.now
        pace.look(at: .generate, now: start, Self.progress([:]))
        pace.look(at: .import, now: start + .seconds(20), Self.progress([.generate: 10]))
        #expect(pace.rest(of: .generate, Self.progress([.generate: 9])) == .seconds(2))
        #expect(pace.rest(of: .import, Self.progress([.generate: 9])) == nil)
    }
}
