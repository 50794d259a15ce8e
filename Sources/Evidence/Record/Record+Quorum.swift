extension Record {
    /// What a gate needs, of the roster and of the plan together.
    package func requirements(at gate: Gate) -> [GateRequirement] { plan.policy.requirements(at: gate, of: roster) }

    /// What the open gate still misses, by role; empty when the quorum is there, or no gate is open.
    package var missing: [GateRequirement] {
        guard let open = gates.open else { return [] }
        return requirements(at: open.statement.gate).compactMap { requirement in
            let present = open.approvals.count { roster.member(named: $0.name)?.role == requirement.role }
            let missing = requirement.count - present
            return missing > 0 ? GateRequirement(role: requirement.role, count: missing) : nil
        }
    }

    /// Who was counted at gates that the plan separates from this one, and where: here they can only refuse.
    package func countedApart(from gate: Gate) -> [String: Gate] {
        plan.policy.gates(apartFrom: gate).reduce(into: [:]) { counted, other in
            for name in gates.counted(at: other) where counted[name] == nil { counted[name] = other }
        }
    }

    /// The members of a role whose approvals count at a gate.
    package func approvers(of role: Role, at gate: Gate) -> [Member] {
        let elsewhere = countedApart(from: gate)
        return roster.members.filter { $0.role == role && elsewhere[$0.name] == nil }
    }

    /// The later gate, separate from the open one, for which a member is better kept whose approval is more than the open
    /// gate needs; nil when it is to be counted.
    package func spared(_ member: Member) -> Gate? {
        guard let gate = gates.open?.statement.gate, !missing.contains(where: { $0.role == member.role }) else {
            return nil
        }
        return plan.policy.gates(apartFrom: gate).first { $0 > gate && plan.gates.contains($0) }
    }
}
