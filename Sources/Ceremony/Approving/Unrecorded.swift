package import Evidence

/// A decision on the open gate that lies in the folder and counts, and that no run has recorded yet.
package struct UnrecordedDecision: Hashable, Sendable {
    package let name: String
    package let role: Role
    package let decision: Decision
}

extension Record {
    /// What the people of the open gate signed since the last run, by name.
    ///
    /// - Parameters:
    ///   - folder: The ceremony's. A file that cannot be read or does not count is none here; the run names it.
    ///   - now: When it would be recorded.
    package func unrecorded(in folder: any EvidenceFolder, at now: Timestamp) -> [UnrecordedDecision] {
        guard let open = gates.open else { return [] }
        let statement = open.statement
        return roster.members.compactMap { member in
            let path = Approval.path(statement.gate, statement.attempt, member.name)
            guard member.role != .administrator, !open.approvals.contains(where: { $0.name == member.name }),
                let bytes = try? folder.read(path), let signature = try? folder.read(path + ".sig"),
                let approval = try? Approval.check(
                    bytes, signature: signature, statement: statement, digest: open.digest, roster: roster, now: now,
                    countedApart: countedApart(from: statement.gate)),
                approval.name.utf8.elementsEqual(member.name.utf8)
            else { return nil }
            return UnrecordedDecision(name: member.name, role: member.role, decision: approval.decision)
        }
    }

    /// Whom the open gate still waits for when these decisions are recorded, too.
    package func missing(beside unrecorded: [UnrecordedDecision]) -> [GateRequirement] {
        missing.compactMap { requirement in
            let signed = unrecorded.count { $0.role == requirement.role && $0.decision == .approve }
            return signed >= requirement.count
                ? nil : GateRequirement(role: requirement.role, count: requirement.count - signed)
        }
    }
}
