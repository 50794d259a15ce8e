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

    /// Whether an approval by a member is more than the open gate needs, and the member is better kept for a later gate
    /// that the plan separates from it.
    package func isSpare(_ member: Member) -> Bool {
        guard let gate = gates.open?.statement.gate, plan.policy.gates(apartFrom: gate).contains(where: { $0 > gate })
        else { return false }
        return !missing.contains { $0.role == member.role }
    }
}
