import CryptoPrimitives
import Evidence

extension Engine {
    /// Opens a gate if need be, takes in the approvals that lie in the folder, and passes it when the quorum is there.
    ///
    /// - Parameter subject: What will happen, as it is now; if it is not what people signed, a new attempt starts.
    /// - Returns: Whom the gate waits for, or nil when it was passed.
    func pass(_ gate: Gate, subject: () async throws -> Subject) async throws -> Outcome? {
        while !record.gates.isPassed(gate) {
            try await attend()
            try await open(gate, subject: subject)
            try takeApprovals()
            guard let attempt = record.gates.open else { continue }
            let missing = record.missing
            guard missing.isEmpty else {
                return .waiting(gate: gate, attempt: attempt.statement.attempt, missing: missing)
            }
            if gate == .close { try refuseUnrecordedApprovals(of: attempt.statement) }
            try journal(
                .gatePassed(GatePassed(gate: gate, attempt: attempt.statement.attempt, counted: attempt.approvals)))
        }
        return nil
    }

    /// Beside the close's approvals nothing may lie that the transcript does not record: it could never be sealed.
    private func refuseUnrecordedApprovals(of statement: Statement) throws {
        let recorded = record.recordedFiles(of: statement)
        let strangers = try ports.folder.files().filter {
            $0.hasPrefix(Approval.folder(statement.gate, statement.attempt)) && !recorded.contains($0)
        }
        guard strangers.isEmpty else {
            throw CeremonyError(
                .state, "\(strangers.sorted().joined(separator: ", ")) does not count and cannot be sealed",
                remedy: "Move it out of the folder, then run again")
        }
    }

    private func open(_ gate: Gate, subject: () async throws -> Subject) async throws {
        let subject = try await subject()
        if let open = record.gates.open, open.statement.gate == gate, open.statement.subject == subject,
            open.statement.validity.contains(try time())
        {
            return try writeStatement(open.statement)
        }
        let now = try time()
        let statement = record.statement(
            subject: subject, environment: try environmentDigest(),
            validity: Validity(from: now, until: record.end(of: subject, from: now)))
        try journal(.gateOpened(statement))
        try writeStatement(statement)
    }

    /// The statement's file is derived from the journal's line: it is made again when a killed run left none.
    func writeStatement(_ statement: Statement) throws {
        let bytes = try CanonicalJSON.encode(statement)
        guard try ports.folder.readIfPresent(statement.path) != bytes else { return }
        try ports.folder.write(bytes, to: statement.path)
    }

    /// Journals each approval in the folder that counts for the open attempt, in the order of names.
    private func takeApprovals() throws {
        let files = Set(try ports.folder.files())
        for member in record.roster.members {
            guard let open = record.gates.open else { return }
            let path = Approval.path(open.statement.gate, open.statement.attempt, member.name)
            guard files.contains(path), files.contains(path + ".sig"),
                !open.approvals.contains(where: { $0.name == member.name })
            else { continue }
            try takeApproval(of: member, at: path, for: open)
        }
    }

    private func takeApproval(of member: Member, at path: String, for open: GateLedger.Attempt) throws {
        let bytes = try ports.folder.read(path)
        let signature = try ports.folder.read(path + ".sig")
        let approval: Approval
        do {
            approval = try Approval.check(
                bytes, signature: signature, statement: open.statement, digest: open.digest, roster: record.roster,
                now: try time(), countedApart: record.countedApart(from: open.statement.gate))
            guard approval.name == member.name else { throw ApprovalRefusal.unknownPerson(approval.name) }
        } catch let refusal as ApprovalRefusal {
            return ports.progress.refused(path, refusal)
        }
        if approval.decision == .approve, let later = record.spared(member) {
            return ports.progress.refused(path, .spare(member.name, later))
        }
        try journal(
            .approval(
                RecordedApproval(
                    gate: open.statement.gate, attempt: open.statement.attempt, name: member.name,
                    decision: approval.decision, approval: SHA256Digest(of: bytes),
                    signature: SHA256Digest(of: signature))))
    }
}
