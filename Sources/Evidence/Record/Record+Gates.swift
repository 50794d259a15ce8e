package import CryptoPrimitives

extension Record {
    /// The statement that the next gate opens with, given what it is about.
    ///
    /// - Parameters:
    ///   - subject: What will happen when the gate opens.
    ///   - environment: The digest of the observed environment.
    ///   - validity: When approvals of it count.
    package func statement(subject: Subject, environment: SHA256Digest, validity: Validity) -> Statement {
        Statement(
            mode: plan.mode, ceremony: plan.ceremony, nonce: plan.nonce, gate: subject.gate,
            attempt: gates.nextAttempt(at: subject.gate), plan: planDigest, roster: rosterDigest,
            environment: environment, anchor: transcript.anchor, earlier: gates.earlier, decisions: gates.decisions,
            exceptions: exceptions.map(\.stated), subject: subject, validity: validity)
    }

    /// The files of the approvals that were recorded for a statement.
    package func recordedFiles(of statement: Statement) -> Set<String> {
        let decisions = gates.decisions.filter { $0.gate == statement.gate && $0.attempt == statement.attempt }
        return Set(decisions.map { Approval.path($0.gate, $0.attempt, $0.name) }.flatMap { [$0, $0 + ".sig"] })
    }

    /// Until when approvals of a statement can count: the plan's window, a release's deadline, and the hours that the plan
    /// gives people.
    ///
    /// - Parameter from: From when they count.
    package func end(of subject: Subject, from: Timestamp) -> Timestamp {
        var ends = [plan.window.until]
        if case .release(let release) = subject { ends.append(release.deadline) }
        if let hours = plan.policy.approvalHours { ends.append(from.advanced(bySeconds: Int64(hours) * 3600)) }
        return ends.reduce(plan.window.until, min)
    }

    mutating func admit(_ statement: Statement, on line: JournalLine) throws {
        try demand(openIntent == nil, "a gate opened while an effect had no result")
        try demand(statement.gate == nextGate, "the gate \(statement.gate.rawValue) was not the next to open")
        try demand(
            plan.gap == nil || statement.gate.side == nil || statement.gate.side == turns.holder,
            "it is for the other host to open")
        try checkFit(statement)
        try demand(
            statement.validity.until == end(of: statement.subject, from: statement.validity.from),
            "its statement is valid too long")
        try demand(statement.validity.contains(line.at), "its statement is not valid at the time of the line")
        // A key that was over by then could have signed it else.
        try demand(
            line.at <= statement.validity.from.advanced(bySeconds: TimeStampFiles.clockTolerance),
            "its statement counts from long before it was opened")
        try demand(plan.window.from <= statement.validity.from, "its statement counts before the plan's window")
        try check(statement.subject)
        try demand(
            transcript.lines.last.map { $0.at <= statement.validity.from } ?? true,
            "its statement counts from before the line that it follows")
        gates.begin(statement, digest: SHA256Digest(of: try CanonicalJSON.encode(statement)))
    }

    /// Everything in a statement that follows from plan, roster and the lines before it.
    private func checkFit(_ said: Statement) throws {
        let expected = statement(subject: said.subject, environment: said.environment, validity: said.validity)
        try demand(said.schema == expected.schema, "its schema is not \(Statement.currentSchema)")
        try demand(said.mode == expected.mode, "its mode is not the plan's")
        try demand(said.ceremony == expected.ceremony, "its ceremony is not the plan's")
        try demand(said.nonce == expected.nonce, "its nonce is not the plan's")
        try demand(said.gate == expected.gate, "its subject is that of another gate")
        try demand(said.attempt == expected.attempt, "its attempt is not the next one at its gate")
        try demand(said.plan == expected.plan, "its plan is not the ceremony's")
        try demand(said.roster == expected.roster, "its roster is not the ceremony's")
        try demand(said.environment == environment, "its environment is not the one that the run saw")
        try demand(transcript.hasPrefix(said.anchor), "its anchor is no prefix of the transcript")
        try demand(said.anchor == expected.anchor, "its anchor is not the line directly before it")
        try demand(said.earlier == expected.earlier, "it does not list the gates that were passed before")
        try demand(said.decisions == expected.decisions, "it does not list the decisions that were received before")
        try demand(said.exceptions == expected.exceptions, "it does not list the exceptions that are on record")
    }

    mutating func admit(_ recorded: RecordedApproval, on line: JournalLine, folder: some EvidenceFolder) throws {
        guard let attempt = gates.attempt(decidedBy: recorded) else {
            throw RecordViolation(reason: "an approval for a gate or an attempt that is not open")
        }
        try demand(
            !gates.isDecided(recorded.gate, recorded.attempt, by: recorded.name),
            "\(recorded.name) decided on this attempt before")
        let path = Approval.path(recorded.gate, recorded.attempt, recorded.name)
        let bytes = try folder.read(path)
        let signature = try folder.read(path + ".sig")
        guard SHA256Digest(of: bytes) == recorded.approval else {
            throw EvidenceError(path, "it is not the file that the transcript recorded")
        }
        guard SHA256Digest(of: signature) == recorded.signature else {
            throw EvidenceError(path + ".sig", "it is not the file that the transcript recorded")
        }
        do {
            let approval = try Approval.check(
                bytes, signature: signature, statement: attempt.statement, digest: attempt.digest, roster: roster,
                now: line.at, countedApart: countedApart(from: attempt.statement.gate))
            try demand(
                approval.name == recorded.name && approval.decision == recorded.decision,
                "it says otherwise than the approval's file")
        } catch let refusal as ApprovalRefusal {
            throw EvidenceError(path, refusal.what)
        }
        gates.add(recorded)
    }

    mutating func admit(_ passed: GatePassed, on line: JournalLine) throws {
        guard let open = gates.open, open.statement.gate == passed.gate, open.statement.attempt == passed.attempt
        else { throw RecordViolation(reason: "a gate was passed that is not open") }
        try demand(passed.counted == open.approvals, "it does not list the approvals that were recorded")
        try demand(missing.isEmpty, "the quorum of the roster is not there")
        try demand(open.statement.validity.contains(line.at), "the statement's validity was over")
        gates.pass()
    }

    mutating func admit(_ body: Closed, on line: JournalLine) throws {
        try demand(openIntent == nil, "it was closed while an effect had no result")
        guard case .close(let subject)? = gates.statement(of: .close)?.subject else {
            throw RecordViolation(reason: "closed before *close* was passed")
        }
        try demand(body.manifest == subject.manifest, "it closes over another manifest")
        let before = transcript.lines.last
        try demand(
            line.at == before?.at && line.host == before?.host, "it has not the time and host of the line before it")
        closed = true
    }

    private func check(_ subject: Subject) throws {
        switch subject {
        case .authorize(let subject):
            try demand(subject == AuthorizeSubject(of: plan), "it authorizes something else than the plan")
        case .release(let subject): try check(subject)
        case .activate(let subject): try check(subject)
        case .close(let subject):
            try demand(
                aborted != nil || slots.values.allSatisfy(\.isDone), "a slot is not settled")
            try demand(
                subject.aborted == aborted && subject.unsettled == unsettled
                    && subject.exceptions == exceptions.map(\.line),
                "it leaves out an exception, or how the ceremony ended")
            try demand(
                subject.head == transcript.anchor.head && subject.lines == transcript.anchor.seq,
                "it closes another transcript")
        }
    }

    private func check(_ subject: ReleaseSubject) throws {
        try demand(
            subject.keySpec == plan.wrapping.keySpec && subject.token == plan.environment.token.serial
                && subject.caller == plan.environment.aws.caller(of: .import)
                && subject.activator == (plan.policy.foldsActivate ? plan.environment.aws.callers?.activate : nil)
                && subject.endpoint == plan.environment.aws.endpoint,
            "it releases in other surroundings than the plan's")
        try demand(subject.warnings == warnings, "it leaves out what the examination warned of")
        try demand(subject.slots == releasable, "it releases other keys, or one is missing")
        try check(subject.activations)
        try demand(subject.deadline == releaseDeadline, "its deadline is not that of the tokens")
    }
}
