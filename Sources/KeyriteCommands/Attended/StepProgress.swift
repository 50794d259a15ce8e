package import Ceremony
package import Evidence

/// How far one step has come, counted from the transcript.
package struct StepProgress: Hashable, Sendable {
    package let done: Int
    package let total: Int
    /// One of what is counted.
    let unit: String

    package var isDone: Bool { done == total }
    package var left: Int { max(0, total - done) }

    var text: String { done == 0 ? Counted.text(total, unit) : "\(done) of \(Counted.text(total, unit))" }

    package init(done: Int, total: Int, unit: String) {
        self.done = done
        self.total = total
        self.unit = unit
    }

    package init(of step: Step, in record: Record) {
        let slots = record.plan.slots
        func count(_ total: Int, _ unit: String, _ done: (SlotProgress) -> Int) -> (Int, Int, String) {
            (record.slots.values.reduce(0) { $0 + done($1) }, total, unit)
        }
        func keys(_ strategies: [Strategy], _ done: (SlotProgress) -> Int) -> (Int, Int, String) {
            let counted = slots.filter { strategies.contains($0.strategy) }
            return (counted.reduce(0) { $0 + (record.slots[$1.slot].map(done) ?? 0) }, counted.count, "key")
        }
        func one(_ value: Any?) -> Int { value == nil ? 0 : 1 }
        let pairs = slots.reduce(0) { $0 + $1.purposes.count }
        if let gate = step.gate {
            let passed =
                switch gate {
                case .close: record.closed
                case .activate where record.plan.policy.foldsActivate: record.isActivatable
                default: record.gates.isPassed(gate)
                }
            (done, total, unit) = (passed ? 1 : 0, 1, "gate")
            return
        }
        (done, total, unit) =
            switch step {
            case .generate: keys(Strategy.allCases.filter(\.importsMaterial)) { one($0.generated) }
            case .fetch: count(pairs, "wrapping key") { $0.fetched.count }
            case .wrap: count(pairs, "wrapped blob") { $0.blobs.count }
            case .import: keys(Strategy.allCases.filter(\.importsMaterial)) { one($0.imported) }
            case .prove: count(slots.count { $0.purposes.contains(.proof) }, "proof") { one($0.proved) }
            case .create: keys([.replace]) { one($0.created) }
            case .rotate: keys([.rotate]) { one($0.verified) }
            case .alias: keys([.import, .replace]) { one($0.verified) }
            case .revoke: keys([.revoke]) { one($0.revocationVerified) }
            case .settle: keys(Strategy.allCases.filter(\.importsMaterial)) { one($0.settled) }
            case .authorize, .release, .activate, .close: (0, 1, "gate")
            }
    }
}

extension Duration {
    /// As people say it: `12 s`, `3 min 12 s`, `1 h 5 min`.
    package var spoken: String {
        let seconds = components.seconds
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }
}
