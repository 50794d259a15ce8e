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
        decisions(in: folder) { _ in now }.map {
            UnrecordedDecision(name: $0.name, role: $0.role, decision: $0.decision)
        }
    }

    /// What they signed at a time that this host's clock has not reached: it counts from then on.
    ///
    /// - Parameters:
    ///   - folder: The ceremony's, read as in `unrecorded`.
    ///   - now: This host's time.
    package func waitingForClock(in folder: any EvidenceFolder, at now: Timestamp) -> [Approval] {
        decisions(in: folder, at: \.at).filter { $0.at > now }
    }

    /// Those of the open gate that nobody has recorded and that count.
    ///
    /// - Parameter time: When each would be recorded.
    private func decisions(in folder: any EvidenceFolder, at time: (Approval) -> Timestamp) -> [Approval] {
        guard let open = gates.open else { return [] }
        let statement = open.statement
        return roster.members.compactMap { member in
            let path = Approval.path(statement.gate, statement.attempt, member.name)
            guard member.role != .administrator, !open.approvals.contains(where: { $0.name == member.name }),
                let bytes = try? folder.read(path), let signature = try? folder.read(path + ".sig"),
                let claimed = try? CanonicalJSON.decode(Approval.self, from: bytes),
                let approval = try? Approval.check(
                    bytes, signature: signature, statement: statement, digest: open.digest, roster: roster,
                    now: time(claimed), countedApart: countedApart(from: statement.gate)),
                approval.name.utf8.elementsEqual(member.name.utf8)
            else { return nil }
            return approval
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
