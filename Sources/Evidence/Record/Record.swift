package import CryptoPrimitives

/// What a transcript amounts to.
///
/// The engine resumes from it and the verifier judges by it: every rule on what may follow what stands here once.
package struct Record: Sendable {
    package let plan: Plan
    package let planDigest: SHA256Digest
    package let roster: Roster
    package let rosterDigest: SHA256Digest

    package internal(set) var transcript = Transcript()
    package internal(set) var gates = GateLedger()
    package internal(set) var slots: [String: SlotProgress]
    /// The plan's slots by their names.
    let plannedSlots: [String: PlanSlot]
    /// The commitments of all keys that were generated.
    var commitments: Set<String> = []
    /// Whether there are blobs that a fetch would make void.
    var hasBlobs = false
    /// An effect that was intended and has no result yet.
    package internal(set) var openIntent: Event?
    /// When it was intended: what came of it may be found long after.
    var openIntentTime: Timestamp?
    /// The effects that a service refused, once or more.
    var refusedEffects: Set<RefusedEffect> = []
    /// The effects that had no result when another machine went on, or were abandoned so.
    var leftEffects: Set<LeftEffect> = []
    /// Those of them that were not intended again since: nobody knows whether they took effect.
    var unknownEffects: [LeftEffect: UnsettledEffect] = [:]
    /// What the token was found to be before the first key; nil before it was examined.
    package internal(set) var selfTested: SelfTested?
    /// Every blob that was wrapped so far, under whichever release: OAEP makes each another.
    var wrapped: Set<SHA256Digest> = []
    /// The digest of what the last run saw around it; nil before the first.
    package internal(set) var environment: SHA256Digest?
    /// The host of the last run; nil before the first.
    var runningHost: String?
    /// The deviations so far, with the digests of their lines.
    package internal(set) var exceptions: [(stated: StatedException, line: SHA256Digest)] = []
    package internal(set) var exhibits: [Exhibit] = []
    /// Why the ceremony goes no further, if it does not.
    package internal(set) var aborted: Aborted?
    /// What was intended and had no result when it was ended early.
    package internal(set) var unsettled: UnsettledEffect?
    /// Whose turn it is across an air gap; says nothing for a ceremony of one host.
    package internal(set) var turns = GapTurns()
    package internal(set) var closed = false

    package init(plan: Plan, planDigest: SHA256Digest, roster: Roster, rosterDigest: SHA256Digest) {
        self.plan = plan
        self.planDigest = planDigest
        self.roster = roster
        self.rosterDigest = rosterDigest
        slots = Dictionary(uniqueKeysWithValues: plan.slots.map { ($0.slot, SlotProgress()) })
        plannedSlots = Dictionary(uniqueKeysWithValues: plan.slots.map { ($0.slot, $0) })
    }

    /// Replays a whole transcript.
    ///
    /// - Throws: `EvidenceError` naming the first line that breaks a rule.
    package mutating func replay(_ transcript: Transcript, folder: some EvidenceFolder) throws {
        for (line, digest) in zip(transcript.lines, transcript.digests) {
            try apply(line, digest: digest, folder: folder)
        }
    }

    /// Takes in the next line.
    ///
    /// - Throws: `EvidenceError` naming the line, or the approval's file, that breaks a rule.
    package mutating func apply(
        _ line: JournalLine, digest: SHA256Digest, folder: some EvidenceFolder
    ) throws {
        do {
            try admit(line, digest: digest, folder: folder)
        } catch let error as RecordViolation {
            throw EvidenceError(Transcript.path, line: line.seq, error.reason)
        }
        transcript.take(line, digest: digest)
    }

    private mutating func admit(_ line: JournalLine, digest: SHA256Digest, folder: some EvidenceFolder) throws {
        try demand(!closed, "the ceremony was closed before it")
        try demand(line.at >= (transcript.lines.last?.at ?? line.at), "its time lies before that of the line before it")
        try demand(plan.window.contains(line.at), "it was written outside the plan's window")
        if gates.isPassed(.close) {
            try demand(
                [.runStarted, .closed].contains(line.event.kind) || line.event.namesMachine, "it follows the close")
        }
        try demandTurn(line)
        switch line.event {
        case .runStarted(let body): try admit(body, on: line)
        case .gateOpened(let statement): try admit(statement, on: line)
        case .approval(let recorded): try admit(recorded, on: line, folder: folder)
        case .gatePassed(let passed): try admit(passed, on: line)
        case .closed(let body): try admit(body, on: line)
        case .handedOver, .received, .sealingDestroyIntended, .sealingDestroyed:
            try admitGap(line, digest: digest, folder: folder)
        case .note, .exception, .exhibit, .aborted: try admitFromRoom(line, digest: digest, folder: folder)
        default: try admitEffect(line.event, at: line.at)
        }
    }

    private mutating func admit(_ run: RunStarted, on line: JournalLine) throws {
        try demand(run.ceremony == plan.ceremony, "it belongs to ceremony \(run.ceremony)")
        guard run.plan == planDigest else {
            throw EvidenceError(Plan.path, "the transcript was written under another plan")
        }
        guard run.roster == rosterDigest else {
            throw EvidenceError(Roster.path, "the transcript was written under another roster")
        }
        let (seen, planned) = (run.environment, plan.environment)
        let programs = plan.gap == nil ? seen.programs : planned.programs.filter { $0.host == line.host }
        try demand(
            seen == planned.seen(from: plan.gap == nil ? nil : turns.holder, programs: programs)
                && !seen.programs.isEmpty && seen.programs.allSatisfy { accepts($0, on: line.host) },
            "it ran in other surroundings than the plan's")
        environment = try seen.digest()
        runningHost = line.host
        if let open = gates.open, open.statement.environment != environment { gates.void() }
    }

    func demand(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
        guard holds else { throw RecordViolation(reason: otherwise()) }
    }
}

/// A rule of the record that a line breaks; the line's number is added where it is known.
struct RecordViolation: Error {
    let reason: String
}
