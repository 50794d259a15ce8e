import Evidence

extension Engine {
    /// By how many seconds a clock may go back unsaid: it is set right like that, a little, all the time.
    static let settingRight: Int64 = 10

    /// The time, as the transcript's next line has it: never before that of the last.
    ///
    /// - Throws: `CeremonyError` when this host's clock was set back, or the plan's window is over.
    func time() throws -> Timestamp {
        let now = ports.clock.now()
        if let last = record.transcript.lines.last?.at, now < last {
            guard last <= now.advanced(bySeconds: Self.settingRight) else {
                throw CeremonyError(
                    .environment,
                    "This host's clock was set back: it says \(now), and the transcript's last line was written at \(last)",
                    remedy: "Set it right, then run again. If it is right now, run again after \(last). "
                        + "Nothing was journaled; what was under way is looked up then")
            }
            return last
        }
        guard record.plan.window.contains(now) else { throw outsideWindow(now) }
        return now
    }

    private func outsideWindow(_ now: Timestamp) -> CeremonyError {
        let window = record.plan.window
        let left = LeftBehind(of: record, at: now)
        return CeremonyError(
            .invalidInput, "\(Plan.path): it is \(now), outside its window \(window.from) to \(window.until)",
            remedy: "Check this host's clock; if it is right, freeze a new plan"
                + (left.things.isEmpty ? "" : ", and first see to what this one leaves behind: \(left.text)"))
    }
}
