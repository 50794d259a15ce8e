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
            try takeRefusals()
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
    func refuseUnrecordedApprovals(of statement: Statement) throws {
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
        // What was signed of the attempt that is over is in every later statement, too.
        try takeApprovals()
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

    /// Journals each decision in the folder that counts for the open attempt: the approvals in the order of names, then the
    /// refusals, of which the first ends the attempt. Who approved before somebody refused did not sign for nothing, and
    /// every later statement has it.
    func takeApprovals() throws {
        let files = Set(try ports.folder.files())
        var refusals: [Event] = []
        for member in record.roster.members {
            guard let open = record.gates.open, let given = try given(by: member, on: open, among: files) else {
                continue
            }
            let decision: Decision
            do { decision = try decided(given, by: member, on: open) } catch let refusal as ApprovalRefusal {
                ports.progress.refused(given.path, refusal)
                continue
            }
            let event = given.recorded(by: member, on: open, as: decision)
            guard decision == .approve else {
                refusals.append(event)
                continue
            }
            if let later = record.spared(member) {
                ports.progress.refused(given.path, .spare(member.name, later))
                continue
            }
            try journal(event)
        }
        for refusal in refusals { try journal(refusal) }
    }

    /// Journals each refusal in the folder of an attempt that is over: who refused second, or before something else voided it, did
    /// not refuse for nothing.
    private func takeRefusals() throws {
        let files = Set(try ports.folder.files())
        for attempt in record.gates.asked where attempt.digest != record.gates.open?.digest {
            for member in record.roster.members {
                guard let given = try given(by: member, on: attempt, among: files),
                    (try? decided(given, by: member, on: attempt)) == .refuse
                else { continue }
                try journal(given.recorded(by: member, on: attempt, as: .refuse))
            }
        }
    }

    /// What lies in the folder as somebody's decision on an attempt, and is not on record.
    private func given(
        by member: Member, on attempt: GateLedger.Attempt, among files: Set<String>
    ) throws -> GivenApproval? {
        let statement = attempt.statement
        let path = Approval.path(statement.gate, statement.attempt, member.name)
        guard files.contains(path), files.contains(path + ".sig"),
            !record.gates.isDecided(statement.gate, statement.attempt, by: member.name)
        else { return nil }
        return GivenApproval(
            path: path, bytes: try ports.folder.read(path), signature: try ports.folder.read(path + ".sig"))
    }

    /// - Throws: `ApprovalRefusal` where it does not count.
    private func decided(
        _ given: GivenApproval, by member: Member, on attempt: GateLedger.Attempt
    ) throws -> Decision {
        let approval = try Approval.check(
            given.bytes, signature: given.signature, statement: attempt.statement, digest: attempt.digest,
            roster: record.roster, now: try time(), countedApart: record.countedApart(from: attempt.statement.gate))
        guard approval.name == member.name else { throw ApprovalRefusal.unknownPerson(approval.name) }
        return approval.decision
    }
}

/// A person's two files, as they lie in the folder.
private struct GivenApproval {
    let path: String
    let bytes: [UInt8]
    let signature: [UInt8]

    func recorded(by member: Member, on attempt: GateLedger.Attempt, as decision: Decision) -> Event {
        .approval(
            RecordedApproval(
                gate: attempt.statement.gate, attempt: attempt.statement.attempt, name: member.name,
                decision: decision, approval: SHA256Digest(of: bytes), signature: SHA256Digest(of: signature)))
    }
}
