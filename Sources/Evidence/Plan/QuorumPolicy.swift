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
    /// Whether *release* is signed for the activation too, and no gate *activate* opens.
    package let foldsActivate: Bool

    /// - Parameters:
    ///   - rules: In any order.
    ///   - separate: In any order.
    package init(
        rules: [RaisedRule] = [], separate: [Separation] = [], approvalHours: Int? = nil, foldsActivate: Bool = false
    ) {
        self.rules = rules.sorted { $0.gate < $1.gate }
        self.separate = separate.sorted { ($0.one, $0.other) < ($1.one, $1.other) }
        self.approvalHours = approvalHours
        self.foldsActivate = foldsActivate
    }

    /// The gates that open, in their order.
    package var gates: [Gate] { Gate.allCases.filter { $0 != .activate || !foldsActivate } }

    /// What a gate needs, of the roster and of this policy together: of each role the larger count. A release that is
    /// signed for the activation too needs what both gates need.
    package func requirements(at gate: Gate, of roster: Roster) -> [GateRequirement] {
        let own = raised(roster.rules[gate], at: gate)
        guard foldsActivate, gate == .release else { return own }
        return Self.raise(own, to: raised(roster.rules[.activate], at: .activate))
    }

    private func raised(_ asked: [GateRequirement], at gate: Gate) -> [GateRequirement] {
        rules.filter { $0.gate == gate }.reduce(asked) { Self.raise($0, to: $1.requirements) }
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
