import Foundation

/// Decides what goes wrong with which call.
actor Faults {
    /// A call, as far as rules and quotas look at it.
    struct Call: Sendable {
        let operation: String
        let region: String
        /// The id of the key that it names; as it names it if there is no such key.
        let key: String?
    }

    private struct Counted: Hashable {
        let operation: String
        let region: String
    }

    private var plan = FaultPlan()
    /// How many calls matched each rule.
    private var matched: [Int] = []
    private var buckets: [Counted: TokenBucket] = [:]

    /// Puts a plan in force from the next call on; nothing of the one before it is left.
    func set(_ plan: FaultPlan) {
        self.plan = plan
        matched = plan.rules.map { _ in 0 }
        buckets = [:]
    }

    /// What is wrong with events.
    var eventRules: [EventRule] { plan.events }

    /// Whether a caller may call an operation of KMS: whom the plan lists, what it lists.
    func allows(_ operation: String, by caller: TrailCaller) -> Bool {
        let own = plan.permissions.filter { $0.isAbout(caller) }
        return own.isEmpty || own.contains { $0.allow.contains(operation) }
    }

    /// Counts a call, and says what befalls it.
    ///
    /// - Parameters:
    ///   - now: The service's time.
    ///   - id: The id of a key by its ARN, alias or id.
    func befalling(_ call: Call, now: Date, id: @Sendable (String) async -> String?) async -> Mishap {
        var names: [String: String] = [:]
        for name in Set(plan.rules.compactMap(\.key)) { names[name] = await id(name) }
        var mishap = Mishap()
        if isOverQuota(call, now: now) { mishap.add(.throttle) }
        for (index, rule) in plan.rules.enumerated() where matched.indices.contains(index) {
            guard rule.operation ?? call.operation == call.operation,
                rule.key == nil || rule.key.map({ names[$0] ?? $0 }) == call.key
            else { continue }
            if rule.befalls(after: matched[index]) { mishap.add(rule.fault) }
            matched[index] += 1
        }
        return mishap
    }

    private func isOverQuota(_ call: Call, now: Date) -> Bool {
        guard let quota = plan.quotas.perSecond[call.operation] else { return false }
        let counted = Counted(operation: call.operation, region: call.region)
        return !buckets[counted, default: TokenBucket(perSecond: quota, now: now)].take(now: now)
    }
}
