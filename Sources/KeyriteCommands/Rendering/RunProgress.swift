import Ceremony
import Evidence
import Synchronization

/// Keeps the time that each step took, and tells people what does not count.
final class RunProgress: ProgressPort {
    private struct State {
        var started: [Step: ContinuousClock.Instant] = [:]
        var spent: [Step: Duration] = [:]
    }

    private let state = Mutex(State())

    func began(_ step: Step) {
        WorkLine.goOn(with: step.rawValue)
        state.withLock { $0.started[step] = .now }
    }

    func ended(_ step: Step) {
        state.withLock { state in
            guard let start = state.started.removeValue(forKey: step) else { return }
            state.spent[step, default: .zero] += ContinuousClock.now - start
        }
    }

    /// A step that ended by waiting has taken its time, too.
    func paused() {
        for step in Step.allCases { ended(step) }
    }

    func refused(_ path: String, _ refusal: ApprovalRefusal) {
        Output.toPeople("\(path) does not count: \(refusal)")
    }

    /// The time each step took, over all runs of this process.
    var spent: [Step: Duration] { state.withLock { $0.spent } }
}

extension Duration {
    /// Seconds with two decimals.
    var seconds: String {
        let hundredths = (components.seconds * 100) + components.attoseconds / 10_000_000_000_000_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    }
}
