/// What a plan asks of the quorum beyond the roster. It can ask for more, never for less.
package struct QuorumPolicy: Codable, Hashable, Sendable {
    /// The longest that a plan may let approvals count, in hours.
    package static let longestApproval = 168

    /// What gates need beyond the roster's rules, in the order of the gates.
    package let rules: [RaisedRule]
    /// Pairs of gates whose approvals must come from different people, in the order of the gates.
    package let separate: [Separation]
    /// For how many hours a statement counts at most; nil for as long as the plan's window.
    package let approvalHours: Int?

    /// - Parameters:
    ///   - rules: In any order.
    ///   - separate: In any order.
    package init(rules: [RaisedRule] = [], separate: [Separation] = [], approvalHours: Int? = nil) {
        self.rules = rules.sorted { $0.gate < $1.gate }
        self.separate = separate.sorted { ($0.one, $0.other) < ($1.one, $1.other) }
        self.approvalHours = approvalHours
    }

    /// What a gate needs, of the roster and of this policy together: of each role the larger count.
    package func requirements(at gate: Gate, of roster: Roster) -> [GateRequirement] {
        rules.filter { $0.gate == gate }.reduce(roster.rules[gate]) { Self.raise($0, to: $1.requirements) }
    }

    private static func raise(_ rules: [GateRequirement], to more: [GateRequirement]) -> [GateRequirement] {
        rules.map { rule in
            let counts = more.filter { $0.role == rule.role }.map(\.count)
            return GateRequirement(role: rule.role, count: counts.reduce(rule.count, max))
        } + more.filter { raised in !rules.contains { $0.role == raised.role } }
    }

    /// The gates whose approvals must come from others than those of this gate.
    package func gates(apartFrom gate: Gate) -> [Gate] {
        Gate.allCases.filter { other in
            separate.contains { ($0.one, $0.other) == (gate, other) || ($0.one, $0.other) == (other, gate) }
        }
    }
}

/// What one gate needs beyond the roster's rule for it.
package struct RaisedRule: Codable, Hashable, Sendable {
    package let gate: Gate
    package let requirements: [GateRequirement]

    package init(gate: Gate, requirements: [GateRequirement]) {
        self.gate = gate
        self.requirements = requirements
    }
}

/// Two gates whose approvals must come from different people.
package struct Separation: Codable, Hashable, Sendable {
    package let one: Gate
    package let other: Gate

    /// In any order.
    package init(_ one: Gate, _ other: Gate) {
        self.one = min(one, other)
        self.other = max(one, other)
    }
}

extension Gate: Comparable {
    /// Whether a gate opens before another.
    package static func < (one: Gate, other: Gate) -> Bool { one.place < other.place }

    private var place: Int { Gate.allCases.firstIndex(of: self) ?? 0 }
}
