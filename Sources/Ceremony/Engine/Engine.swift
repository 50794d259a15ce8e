import CryptoPrimitives
package import Evidence

/// How a run ended.
package enum Outcome: Hashable, Sendable {
    /// A gate waits for people; what the roster still wants there, by role.
    case waiting(gate: Gate, attempt: Int, missing: [GateRequirement])
    /// It stopped where it was asked to.
    case reached(Step)
    /// It is the other host's turn, across an air gap.
    ///
    /// - Parameters:
    ///   - number: Of the hand-over; the first is 1.
    ///   - to: Where the folder is to be carried.
    ///   - words: The head, to be compared there.
    case handedOver(number: Int, to: String, words: [String])
    case closed
}

/// Goes as far as the approvals allow, from wherever the transcript says the ceremony stands.
///
/// Intent is on disk before an effect, its result after it. An intent without a result is settled by looking.
package final actor Engine {
    let ports: Ports
    package private(set) var record: Record
    /// What this run could not see or do before it had the ceremony closed that was ended early, for people.
    package internal(set) var leftUndone: [String] = []
    /// Why this run closes what was ended early without having seen HSM and KMS; nil where it saw them, or closes nothing.
    private(set) var leftUnseen: String?
    /// The digest of what this run saw around it.
    private var observed: SHA256Digest?
    /// Whether the record may say more than the disk: a line was refused or could not be written, and the folder not read since.
    private(set) var isAhead = false
    /// The slots of the keys that this run looked at, by what each makes of the zero block, or by its public key. It is
    /// written nowhere.
    var slotsByMark: [[UInt8]: String] = [:]

    /// Opens a ceremony: reads plan, roster and transcript, and replays it under every rule that a verifier has.
    ///
    /// A last line without its end was never followed by an effect: it is cut off. The caller holds the folder's lock.
    ///
    /// - Throws: `EvidenceError` naming what does not hold.
    package init(opening ports: Ports) throws {
        self.ports = ports
        record = try Self.record(reading: ports)
    }

    private static func record(reading ports: Ports) throws -> Record {
        let frozen = try FrozenCeremony(reading: ports.folder)
        var record = frozen.emptyRecord
        if let bytes = try ports.folder.readIfPresent(Transcript.path) {
            try record.replay(try Transcript(parsingWholeLinesOf: bytes), folder: ports.folder)
        }
        try mendTornLine(in: ports.folder, of: record, at: ports.gap?.side)
        try MemoryRules.check(
            try ports.memory.recall(frozen.plan.ceremony), against: record.transcript, of: Transcript.path)
        return record
    }

    /// - Parameter side: This host's side of an air gap: what was torn while it was carried was not torn here.
    private static func mendTornLine(in folder: any FolderPort, of record: Record, at side: Side?) throws {
        guard let bytes = try folder.readIfPresent(Transcript.path), bytes.last != UInt8(ascii: "\n") else { return }
        if record.plan.gap != nil, record.turns.carried != nil || record.turns.holder != side {
            _ = try Transcript(parsing: bytes)
        }
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        try folder.truncate(Transcript.path, to: whole)
    }

    /// Runs the ceremony until it is closed, waits for people, or reaches a step.
    ///
    /// - Parameters:
    ///   - until: The last step to take; nil for all.
    ///   - moved: What the administrator says of a machine or program that the plan lacks; nil for nothing.
    /// - Throws: `CeremonyError`, `UnplannedMachine`, `AnswerLost`, `EvidenceError`, or what a port threw.
    package func run(until: Step? = nil, moved: Moved? = nil) async throws -> Outcome {
        do { return try await goOn(until: until, moved: moved) } catch { throw told(error) }
    }

    private func goOn(until: Step?, moved: Moved?) async throws -> Outcome {
        if isAhead { try readAnew() }
        // Whoever was killed while writing, a run or a person's approval: it could not be sealed. What was carried here is
        // looked at first as it is.
        if record.plan.gap == nil { try ports.folder.removePartials() }
        if record.closed { return .closed }
        if let carried = try await takeTurn() { return carried }
        try await hearPeople()
        try await start(moved)
        do {
            if record.aborted != nil { return try await closeAborted() }
            return try await steps(until: until)
        } catch is Abort {
            try? await ports.hsm.leave()
            return try await closeAborted()
        } catch {
            // Whatever went wrong, nobody stays logged in; what went wrong is what the administrator must read.
            try? await ports.hsm.leave()
            throw error
        }
    }

    private func steps(until: Step?) async throws -> Outcome {
        try await attend()
        try await resumeFetch()
        for step in Step.allCases {
            if let carried = try await handOver(before: step) { return carried }
            guard isHere(step) else {
                if step == until { return .reached(step) }
                continue
            }
            ports.progress.began(step)
            try await prepare()
            if let waiting = try await perform(step) { return waiting }
            // Given up, to be signed again: by then other wrapping keys may be due, too.
            if step == .import, record.plan.gates.contains(.release), !record.gates.isPassed(.release) {
                return try await steps(until: until)
            }
            ports.progress.ended(step)
            if step == until, step != .close { return .reached(step) }
        }
        return .closed
    }

    private func start(_ moved: Moved?) async throws {
        _ = try time()
        let environment: ObservedEnvironment
        do { environment = try await ports.environment.observe() } catch  where canCloseUnseen(after: error) {
            leftUnseen = "\(error)"
            return
        }
        leftUnseen = nil
        try requireSurroundings(environment, moved)
        observed = try environment.digest()
        // A run that was killed may have had no time to.
        if let open = record.gates.open { try remember(open.statement) }
        try journal(
            .runStarted(
                RunStarted(
                    ceremony: record.plan.ceremony, plan: record.planDigest, roster: record.rosterDigest,
                    environment: environment)))
        // Those of voided attempts too: a killed run may have left any of them out.
        for case .gateOpened(let statement) in record.transcript.lines.map(\.event) { try writeStatement(statement) }
    }

    /// Has the credentials be good for what begins, and still be the planned callers'.
    func prepare() async throws {
        for (role, caller) in try await ports.environment.prepare().sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try EnvironmentRules.require(caller, as: role, of: record.plan.environment)
        }
    }

    /// Whose credentials a call is about to be signed with, as STS tells it: the caller that the plan has for it, or nothing
    /// is done with them.
    ///
    /// - Returns: nil where the plan's format does not record callers.
    func caller(of role: CallerRole) async throws -> String? {
        let caller = try await ports.environment.caller(of: role)
        try EnvironmentRules.require(caller, as: role, of: record.plan.environment)
        return record.plan.namesCallers ? caller : nil
    }

    private func perform(_ step: Step) async throws -> Outcome? {
        switch step {
        case .authorize:
            return try await pass(.authorize) { .authorize(AuthorizeSubject(of: self.record.plan)) }
        case .generate: try await generateAll()
        case .create: try await createAll()
        case .fetch: try await fetchAll()
        case .release where !record.plan.gates.contains(.release): break
        case .release: return try await pass(.release) { .release(try await self.releaseSubject()) }
        case .wrap: try await wrapAll()
        case .import: try await importAll()
        case .prove: try await proveAll()
        case .activate where record.plan.policy.foldsActivate: try await requireAsReleased()
        case .activate where !record.plan.gates.contains(.activate): break
        case .activate: return try await pass(.activate) { .activate(try await self.activateSubject()) }
        case .rotate: try await rotateAll()
        case .alias: return try await aliasAll()
        case .revoke: return try await revokeAll()
        case .settle: try await settleAll()
        case .close: return try await close()
        }
        return nil
    }

    /// The digest of what this run sees around it; where it closes without having seen it, of what the run before it saw.
    func environmentDigest() throws -> SHA256Digest {
        guard let seen = leftUnseen == nil ? observed : record.environment else {
            throw CeremonyError(.state, "the environment was not observed", remedy: "Start the run again")
        }
        return seen
    }

    /// Writes one line, durably, after the record has accepted it.
    ///
    /// Where it cannot be written nothing goes on from what only the memory has: the folder is read anew.
    ///
    /// - Parameter at: The time it was prepared for; nil for now.
    func journal(_ event: Event, at: Timestamp? = nil) throws {
        guard !isAhead else {
            throw CeremonyError(
                .state, "The ceremony cannot go on: its transcript could not be written, or not be read since",
                remedy: "Mend the disk, then run again: it looks first at what did happen")
        }
        // Who approved what this voids did not sign for nothing.
        if record.isVoided(by: event), record.isUnderRun(of: try ports.environment.program()) { try takeApprovals() }
        try TranscriptLength.requireRoom(for: event, after: record.transcript.lines.count)
        let (line, bytes) = try record.transcript.next(event, at: try at ?? time(), host: ports.environment.host)
        isAhead = true
        do { try write(line, bytes) } catch {
            try? readAnew()
            throw error
        }
        isAhead = false
        try remember(event)
    }

    /// Has the record be what the folder says.
    func readAnew() throws {
        record = try Self.record(reading: ports)
        isAhead = false
    }

    private func write(_ line: JournalLine, _ bytes: [UInt8]) throws {
        do {
            try record.apply(line, digest: SHA256Digest(of: bytes), folder: ports.folder)
        } catch let error as EvidenceError where error.path == Transcript.path {
            throw CeremonyError(
                .state, "The ceremony cannot go on with \(line.event.kind.rawValue): \(error.reason)",
                remedy: "Nothing was journaled. Find out what is not as the quorum signed it")
        }
        try ports.folder.append(bytes, to: Transcript.path)
    }

    /// Who has signed, and what is about to have an effect, no older copy of the folder may come before.
    private func remember(_ event: Event) throws {
        switch event {
        case .gateOpened(let statement): try remember(statement)
        case .gatePassed, .createIntended, .wrapIntended, .importIntended, .rotateIntended, .aliasIntended,
            .revokeIntended:
            try record.gates.passed.last.map { try remember($0.statement) }
        default: break
        }
    }

    /// This host will refuse a folder that does not have the transcript so far.
    private func remember(_ statement: Statement) throws {
        let anchor = record.transcript.anchor
        try ports.memory.remember(
            Sighting(
                ceremony: statement.ceremony, gate: statement.gate, attempt: statement.attempt,
                statement: SHA256Digest(of: try CanonicalJSON.encode(statement)), seq: anchor.seq, head: anchor.head))
    }

    /// Has an effect exactly once, after people had their say.
    ///
    /// - Parameters:
    ///   - intent: Journaled first, unless it is the one a killed run left open.
    ///   - looksPatiently: Whether `look` itself waits for what KMS shows late.
    ///   - look: Finds out whether the effect was had already, and with what result.
    ///   - act: Has the effect. When its answer is lost, `look` decides; a service's refusal is journaled, once it is clear
    ///     that no earlier call had the effect.
    func effect(
        _ intent: Event, looksPatiently: Bool = false, look: () async throws -> Event?,
        act: () async throws -> Event
    ) async throws {
        // An earlier call may have had the effect though it was not answered, or was refused for another one's sake.
        let wasTried = record.openIntent == intent || record.wasTried(intent)
        let isUnknown = record.hasUnknownOutcome(intent)
        if record.openIntent != intent {
            try await attend()
            try journal(intent)
        }
        do {
            if wasTried, let result = try await look() { return try journal(result) }
            try journal(try await act())
        } catch let lost as AnswerLost {
            guard let result = try await found(look, looksPatiently) else { throw lost }
            try journal(result)
        } catch let refused as ServiceRefused {
            if wasTried {
                if let result = try await found(look, looksPatiently) { return try journal(result) }
                if isUnknown, refused.leavesOpen(intent) { throw refused.leavingOpen }
            }
            try journal(refused.onRecord(afterUnknown: isUnknown))
            throw refused
        }
    }

    /// What a patient look finds; nil also when the look itself is refused, which tells nothing.
    private func found(_ look: () async throws -> Event?, _ looksPatiently: Bool) async throws -> Event? {
        do { return try await looksPatiently ? look() : patiently(look) } catch is ServiceRefused { return nil }
    }
}

extension EvidenceFolder {
    /// The bytes of a file, or nil when the folder has no such file.
    package func readIfPresent(_ path: String) throws -> [UInt8]? {
        try files().contains(path) ? try read(path) : nil
    }
}
