/// Why a policy cannot be held to, and what to do about it.
package struct QuorumPolicyFlaw: Hashable, Sendable {
    /// Which part of the policy, as a definition names it: `rules.release`.
    package let part: String
    package let problem: String
    package let remedy: String
}

extension QuorumPolicy {
    /// The first thing that is wrong with it beside this roster; nil when people can keep it.
    package func flaw(for roster: Roster, in window: Validity? = nil) -> QuorumPolicyFlaw? {
        if let hours = approvalHours, !(1...Self.longestApproval).contains(hours) {
            return QuorumPolicyFlaw(
                part: "approvalHours", problem: "approvals that count for \(hours) hours",
                remedy: "Choose between 1 and \(Self.longestApproval) hours, or leave it out")
        }
        return flawOfRules(roster) ?? flawOfPairs
            ?? gates.lazy.compactMap { unmet(at: $0, by: roster, in: window) }.first
    }

    private func flawOfRules(_ roster: Roster) -> QuorumPolicyFlaw? {
        guard zip(rules, rules.dropFirst()).allSatisfy({ $0.gate < $1.gate }) else {
            return QuorumPolicyFlaw(
                part: "rules", problem: "the rules of gates are not in their order, or one stands there twice",
                remedy: "Keep one rule a gate")
        }
        return rules.lazy.compactMap { Self.flaw(of: $0, beside: roster.rules[$0.gate]) }.first
    }

    private static func flaw(of rule: RaisedRule, beside asked: [GateRequirement]) -> QuorumPolicyFlaw? {
        let gate = rule.gate.rawValue
        func flaw(_ problem: String, _ remedy: String) -> QuorumPolicyFlaw {
            QuorumPolicyFlaw(part: "rules.\(gate)", problem: "the rule of \(gate) \(problem)", remedy: remedy)
        }
        guard !rule.requirements.isEmpty else {
            return flaw("names no role", "Name a role and how many of it, or leave the gate out")
        }
        guard Set(rule.requirements.map(\.role)).count == rule.requirements.count else {
            return flaw("names a role twice", "Give each role one count")
        }
        for requirement in rule.requirements {
            let (role, count) = (requirement.role, requirement.count)
            let least = asked.first { $0.role == role }?.count ?? 0
            guard role != .administrator else {
                return flaw("counts the administrator", "Count custodians, witnesses or auditors")
            }
            guard count >= 1 else {
                return flaw(
                    "asks for \(count) of role \(role.rawValue)", "Give a count of at least 1, or leave the role out")
            }
            guard count >= least else {
                return flaw(
                    "asks for \(count) of role \(role.rawValue), and the roster for \(least)",
                    "A plan can raise what the roster asks, never lower it")
            }
        }
        return nil
    }

    private var flawOfPairs: QuorumPolicyFlaw? {
        if let pair = separate.first(where: { $0.one == $0.other }) {
            return QuorumPolicyFlaw(
                part: "separate", problem: "\(pair.one.rawValue) is separated from itself", remedy: "Name two gates")
        }
        if foldsActivate, separate.contains(where: { $0.one == .activate || $0.other == .activate }) {
            return QuorumPolicyFlaw(
                part: "separate", problem: "activate is separated from another gate, and folded into release",
                remedy: "Separate release in its place")
        }
        let isInOrder =
            separate.allSatisfy { $0.one < $0.other }
            && zip(separate, separate.dropFirst()).allSatisfy { ($0.one, $0.other) < ($1.one, $1.other) }
        guard !isInOrder else { return nil }
        return QuorumPolicyFlaw(
            part: "separate", problem: "the pairs of separate gates are not in order, or one stands there twice",
            remedy: "Keep each pair once")
    }

    /// Whether a gate could be left with too few people, whoever signs at the gates before it that it is separate from.
    private func unmet(at gate: Gate, by roster: Roster, in window: Validity?) -> QuorumPolicyFlaw? {
        let before = gates(apartFrom: gate).filter { $0 < gate }
        for requirement in requirements(at: gate, of: roster) {
            let role = requirement.role
            let others = before.compactMap { other in
                requirements(at: other, of: roster).first { $0.role == role }.map { (gate: other, count: $0.count) }
            }
            let present = roster.members.count { member in
                member.role == role && window.map { member.isValid(in: $0) } ?? true
            }
            let counting = window.map { " whose keys count between \($0.from) and \($0.until)" } ?? ""
            // The others were held to the roster before: their sum is no number that a file could make too large.
            guard requirement.count > present - others.reduce(0, { $0 + $1.count }) else { continue }
            let apart = others.map { "the \($0.count) of \($0.gate.rawValue)" }.joined(separator: " and ")
            return QuorumPolicyFlaw(
                part: others.isEmpty ? "rules.\(gate.rawValue)" : "separate",
                problem: "\(gate.rawValue) needs \(requirement.count) of role \(role.rawValue)"
                    + (others.isEmpty ? "" : ", others than \(apart)") + ", and the roster has \(present)\(counting)",
                remedy: "Enrol more of that role, or ask for fewer")
        }
        return nil
    }
}
