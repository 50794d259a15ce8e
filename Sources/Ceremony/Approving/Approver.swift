import CryptoPrimitives
package import Evidence

/// Lets one person say yes or no at an open gate, in writing.
///
/// Takes no lock and writes no transcript: `run` checks the two files and journals them.
package struct Approver: Sendable {
    let folder: any FolderPort
    private let memory: any MemoryPort
    let clock: any ClockPort

    /// - Parameter memory: What the person's key saw before.
    package init(folder: any FolderPort, memory: any MemoryPort, clock: any ClockPort) {
        self.folder = folder
        self.memory = memory
        self.clock = clock
    }

    /// Checks the whole folder, shows the statement, and signs the answer.
    ///
    /// - Parameters:
    ///   - gate: The gate the person believes is open.
    ///   - name: The person, as the roster has them.
    /// - Returns: The decision that was signed.
    /// - Throws: `EvidenceError` when the folder does not hold, `CeremonyError` when there is nothing to sign.
    package func approve(
        _ gate: Gate, as name: String, participant: some ParticipantPort, signer: some SignerPort
    ) async throws -> Decision {
        let frozen = try FrozenCeremony(reading: folder)
        let record = try replay(frozen)
        let attempt = try openAttempt(at: gate, of: record)
        let member = try frozen.roster.approver(named: name)
        let path = Approval.path(gate, attempt.statement.attempt, name)
        try refuseSecond(at: path, by: name, for: attempt, in: record)
        try requireCounting(by: member, at: clock.now(), attempt, nothing: "Nothing was signed")
        let statement = try CanonicalJSON.encode(attempt.statement)
        try memory.requireWritable()
        try folder.requireWritable(path)
        let answer = try await participant.decide(on: attempt.statement, bytes: statement)
        try remember(attempt, in: record)
        let approval = try approval(answer, by: member, on: attempt)
        let bytes = try CanonicalJSON.encode(approval)
        let signature = try await signer.sign(bytes, namespace: frozen.roster.mode.gateNamespace)
        do {
            _ = try Approval.check(
                bytes, signature: signature, statement: attempt.statement, digest: attempt.digest,
                roster: frozen.roster, now: clock.now(), countedApart: record.countedApart(from: gate))
        } catch {
            var remedy = "Check whose key this is, and this machine's clock"
            if case .noUserPresence = error { remedy = error.remedy }
            if error.isOfSeparation { remedy = error.remedy }
            if let other = Self.signer(of: signature, on: frozen.roster), other != member {
                remedy = "The roster has that key as \(other.name)'s: \(name) signs with their own"
            }
            throw CeremonyError(
                .state, "The approval by \(name) would not count: \(error.what)",
                remedy: "Nothing was written. \(remedy)")
        }
        try put(approval, bytes, signature, on: attempt, of: frozen)
        return approval.decision
    }

    /// Puts a decision into the folder, unless there is one meanwhile: what `run` has on record stays as it is.
    func put(
        _ approval: Approval, _ bytes: [UInt8], _ signature: [UInt8], on attempt: GateLedger.Attempt,
        of frozen: FrozenCeremony
    ) throws {
        let (gate, name) = (attempt.statement.gate, approval.name)
        let path = Approval.path(gate, attempt.statement.attempt, name)
        let movedOn = CeremonyError(
            .state, "While \(name) decided, the gate moved on to another attempt",
            remedy: "Nothing was written. \(name) reads the new statement, and decides on it")
        try folder.exclusively(at: path) {
            let record = try replay(frozen)
            guard try openAttempt(at: gate, of: record).digest == attempt.digest else { throw movedOn }
            try refuseSecond(at: path, by: name, for: attempt, in: record)
            do {
                try folder.write(bytes, to: path)
                try folder.write(signature, to: path + ".sig")
            } catch {
                // Without its signature nobody counts it, and it cannot be sealed.
                if let files = try? folder.files(), !files.contains(path + ".sig") { try? folder.remove(path) }
                throw DecisionNotKept(name: name, gate: gate, error: error)
            }
            // It may have been looked at for the last time just before: what came too late must not lie in what is sealed. A
            // refusal is on record even then, unless the close was passed.
            let after = try replay(frozen).gates
            guard
                after.open?.digest == attempt.digest
                    || after.isDecided(gate, attempt.statement.attempt, by: name)
                    || approval.decision == .refuse && !after.isPassed(.close)
            else {
                try folder.remove(path + ".sig")
                try folder.remove(path)
                throw movedOn
            }
        }
    }

    /// Whose key made a signature, as the roster has it.
    private static func signer(of armored: [UInt8], on roster: Roster) -> Member? {
        guard let key = try? SSHSignature(armored: armored).publicKey else { return nil }
        return roster.members.first { (try? $0.publicKey()) == key }
    }

    /// Refuses a second decision; files that do not count are no decision, and are replaced.
    func refuseSecond(
        at path: String, by name: String, for attempt: GateLedger.Attempt, in record: Record
    ) throws {
        guard let bytes = try folder.readIfPresent(path), let signature = try folder.readIfPresent(path + ".sig"),
            let known = try? Approval.check(
                bytes, signature: signature, statement: attempt.statement, digest: attempt.digest,
                roster: record.roster, now: clock.now(),
                countedApart: record.countedApart(from: attempt.statement.gate))
        else { return }
        throw CeremonyError(
            .state, "\(name) has signed this attempt already: \(known.decision.rawValue)",
            remedy: "Let the administrator run the ceremony on"
                + (known.decision == .approve ? Self.takingBack(name) : ""))
    }

    /// What somebody can do who did not mean it: nobody decides twice on one attempt, since the run may be recording the first.
    private static func takingBack(_ name: String) -> String {
        ". If \(name) did not mean it, have the administrator put an exception on record before the gate is passed: it "
            + "voids what was signed, and \(name) refuses the next attempt. Once it is passed, have the ceremony aborted"
    }

    /// Refuses, before anybody reads or signs, what would not count for the time at which it is signed.
    ///
    /// - Parameter nothing: What was not done, as a sentence.
    func requireCounting(
        by member: Member, at time: Timestamp, _ attempt: GateLedger.Attempt, nothing: String
    ) throws {
        let validity = attempt.statement.validity
        guard !member.isValid(at: time) || !validity.contains(time) else { return }
        throw CeremonyError(
            .state, "Nothing that \(member.name) signs at \(time) would count",
            remedy: "\(nothing). Check this machine's clock; \(member.name)'s key counts from \(member.validFrom) "
                + "until \(member.validUntil), the statement until \(validity.until)")
    }

    func replay(_ frozen: FrozenCeremony) throws -> Record {
        var record = frozen.emptyRecord
        if let bytes = try folder.readIfPresent(Transcript.path) {
            try record.replay(try Transcript(parsingWholeLinesOf: bytes), folder: folder)
        }
        try MemoryRules.check(
            try memory.recall(frozen.plan.ceremony), against: record.transcript, of: Transcript.path)
        return record
    }

    func openAttempt(at gate: Gate, of record: Record) throws -> GateLedger.Attempt {
        guard let open = record.gates.open else {
            throw CeremonyError(
                .state, "No gate is open in this ceremony",
                remedy: "Look at it with keyrite status, and let the administrator run it on")
        }
        guard open.statement.gate == gate else {
            throw CeremonyError(
                .invalidInput, "The open gate is \(open.statement.gate.rawValue), not \(gate.rawValue)",
                remedy: "Approve that one, if it is what you mean to approve")
        }
        return open
    }

    /// Remembered before it is signed: this key will refuse another statement in its place.
    func remember(_ attempt: GateLedger.Attempt, in record: Record) throws {
        let statement = attempt.statement
        let seq = statement.anchor.seq + 1
        let sighting = Sighting(
            ceremony: statement.ceremony, gate: statement.gate, attempt: statement.attempt,
            statement: attempt.digest, seq: seq, head: record.transcript.digests[seq - 1].hex)
        guard try !memory.recall(statement.ceremony).contains(sighting) else { return }
        try memory.remember(sighting)
    }

    func approval(
        _ answer: Answer, by member: Member, on attempt: GateLedger.Attempt
    ) throws -> Approval {
        let key = try member.publicKey().fingerprint
        let (decision, reason): (Decision, String?) =
            switch answer {
            case .approve: (.approve, nil)
            case .refuse(let reason): (.refuse, PercentEncoding.encode(reason))
            }
        return Approval(
            of: attempt.statement, digest: attempt.digest, by: member, key: key, decision: decision, reason: reason,
            at: clock.now())
    }
}

extension Roster {
    /// The member of this name, whatever their role.
    ///
    /// - Throws: `CeremonyError` when there is none.
    package func knownMember(named name: String) throws -> Member {
        guard let member = member(named: name) else {
            throw CeremonyError(
                .invalidInput, "\(PercentEncoding.encode(name)) is not on the roster",
                remedy: "Its members are \(members.map(\.name).joined(separator: ", "))")
        }
        return member
    }

    /// The member of this name, who may approve.
    ///
    /// - Throws: `CeremonyError` when there is none, or it is the administrator.
    package func approver(named name: String) throws -> Member {
        let member = try knownMember(named: name)
        guard member.role != .administrator else {
            throw CeremonyError(
                .invalidInput, "\(name) is the administrator, who never approves",
                remedy: "The quorum is the custodians' and witnesses'")
        }
        return member
    }
}
