package import Ceremony

/// How long the program took for what it did, and how long the rest takes at that pace. The time of people is not in it.
package struct WorkPace: Sendable {
    private struct Taken {
        var done = 0
        var time = Duration.zero

        /// For each of them; nil when there are too few to tell by.
        var each: Duration? { done < 2 ? nil : time / done }
    }

    private var taken: [Step: Taken] = [:]
    private var last: (step: Step, done: Int, at: ContinuousClock.Instant)?
    private let fetch: Duration

    /// - Parameter fetchesPerSecond: KMS's quota: no fetch will be quicker, whatever was seen so far.
    package init(fetchesPerSecond: Int) {
        fetch = .seconds(1) / max(1, fetchesPerSecond)
    }

    /// The program is about to have an effect in a step: what was done since the last look took the time since.
    package mutating func look(
        at step: Step, now: ContinuousClock.Instant = .now, _ progress: (Step) -> StepProgress
    ) {
        if let last {
            taken[last.step, default: Taken()].done += max(0, progress(last.step).done - last.done)
            taken[last.step, default: Taken()].time += now - last.at
        }
        last = step.gate == nil ? (step, progress(step).done, now) : nil
    }

    /// People act: the time until the next look is theirs.
    package mutating func stop() { last = nil }

    /// How long the rest of a step takes; nil when too little was seen of it to tell.
    package func rest(of step: Step, _ progress: (Step) -> StepProgress) -> Duration? {
        taken[step]?.each.map { max($0, floor(of: step)) * progress(step).left }
    }

    /// The least that the rest of the program's work takes: what was seen of a step says nothing of another, so of one that
    /// was not seen yet only what a quota says of it counts.
    ///
    /// - Parameter steps: Those that the ceremony has, its gates left out or not.
    package func least(of steps: [Step], _ progress: (Step) -> StepProgress) -> Duration {
        steps.filter { $0.gate == nil }.reduce(.zero) { rest, step in
            rest + max(taken[step]?.each ?? .zero, floor(of: step)) * progress(step).left
        }
    }

    /// Both, in words that follow the time elapsed; empty when there is nothing to say.
    package func expected(in step: Step, of steps: [Step], _ progress: (Step) -> StepProgress) -> String {
        let worthwhile = Duration.seconds(2)
        let here = rest(of: step, progress) ?? .zero
        let all = least(of: steps, progress)
        return (here < worthwhile ? "" : ", about \(here.spoken) more for \(step.rawValue)")
            + (all < here + worthwhile ? "" : ", at least \(all.spoken) of work left")
    }

    private func floor(of step: Step) -> Duration { step == .fetch ? fetch : .zero }
}
