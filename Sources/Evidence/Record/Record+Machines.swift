/// Machines and programs that the plan lacks: each stands in an exception, and the gate under which there is still something
/// to do is signed again before it is done.
extension Record {
    /// The machines and programs beside the plan's that exceptions put on record.
    package var machines: [ProgramDigest] { exceptions.compactMap { $0.stated.exception.machine?.digest } }

    /// Whether a run may use this program: the plan or an exception has it, for this very host.
    package func accepts(_ program: ProgramDigest, on host: String) -> Bool {
        program.host == host && (plan.environment.programs.contains(program) || machines.contains(program))
    }

    /// Whether the lines that are written now are those of a run of this program on its host: across an air gap, in this turn.
    package func isUnderRun(of program: ProgramDigest) -> Bool {
        environment != nil && accepts(program, on: program.host) && (plan.gap != nil || runningHost == program.host)
    }

    /// Holds a line to the host of the run that wrote it. Only an exception may come before another machine's first run.
    func demandRun(_ line: JournalLine) throws {
        guard line.event.kind != .runStarted, !line.event.namesMachine else { return }
        try demand(line.host == runningHost, "it was written by another host than that of the run before it")
    }

    /// What was intended and has no result yet, as people are told of it.
    package var unsettledIntent: UnsettledEffect? {
        guard let openIntent, let line = transcript.lines.last(where: { $0.event == openIntent }) else { return nil }
        return UnsettledEffect(seq: line.seq, kind: openIntent.kind)
    }

    /// What nobody knows the outcome of, as people are told of it who end the ceremony here: what was intended last, or what
    /// another machine left, or an earlier call before a refusal, which comes before what may simply be carried out again.
    package var unknownEffect: UnsettledEffect? {
        if let openIntent, LeftEffect(openIntent) != nil { return unsettledIntent }
        return unknownEffects.values.max { $0.seq < $1.seq } ?? unsettledIntent
    }

    /// The last call to a service of which nobody knows the outcome; nil where each is known.
    package var unknownCall: (seq: Int, kind: EventKind, slot: String)? {
        ([unsettledIntent].compactMap(\.self) + unknownEffects.values).sorted { $0.seq > $1.seq }.lazy.compactMap {
            effect in
            RefusedEffect(transcript.lines[effect.seq - 1].event).map { (effect.seq, $0.kind, $0.slot) }
        }.first
    }

    /// Whether an effect was intended before, and an earlier call may have had it: a service refused it, or another machine
    /// went on while it had no result.
    package func wasTried(_ intent: Event) -> Bool { wasRefused(intent) || wasLeft(intent) }

    /// Whether a call for this effect was made before, or may have been, and nobody knows what came of it.
    package func hasUnknownOutcome(_ intent: Event) -> Bool {
        LeftEffect(intent).map { openIntent == intent || unknownEffects[$0] != nil } ?? false
    }

    /// Whether an effect had no result when another machine went on, or was abandoned.
    package func wasLeft(_ intent: Event) -> Bool { LeftEffect(intent).map(leftEffects.contains) ?? false }

    /// The same of an effect on a slot.
    package func wasLeft(_ kind: EventKind, _ slot: String) -> Bool {
        leftEffects.contains(LeftEffect(kind: kind, slot: slot))
    }

    /// Takes in that another machine or program goes on.
    mutating func admit(_ machine: OtherMachine, by name: String, on line: JournalLine) throws {
        try demand(plan.gap == nil, "another machine or program in a ceremony of two hosts")
        try demand(
            roster.member(named: name)?.role == .administrator,
            "another machine or program that not the administrator put on record")
        try demand(machine.host == line.host, "another machine than the one that it was written on")
        try demand(
            !plan.environment.programs.contains(machine.digest) && !machines.contains(machine.digest),
            "a machine and program that the plan or an earlier exception has")
        try demand(machine.unsettled == unsettledIntent, "it says otherwise what had no result")
        if let left = openIntent.flatMap(LeftEffect.init) {
            leftEffects.insert(left)
            unknownEffects[left] = unsettledIntent
        }
        openIntent = nil
        gates.takeBack(where: isWanted)
    }

    /// Whether something that needs a gate is still to be done. Of a ceremony that was ended early, only its close is.
    private func isWanted(_ gate: Gate) -> Bool {
        guard aborted == nil else { return gate == .close }
        return plan.slots.contains { planned in
            guard let progress = slots[planned.slot] else { return false }
            return switch gate {
            case .authorize:
                planned.strategy.importsMaterial && progress.generated == nil || key(of: planned) == nil
            case .release:
                !progress.outstanding(of: planned).isEmpty || plan.policy.foldsActivate && progress.settled == nil
            case .activate: !progress.isDone
            case .close: true
            }
        }
    }
}

/// An effect that had no result when another machine went on: which, and for which slot.
struct LeftEffect: Hashable, Sendable {
    let kind: EventKind
    let slot: String
}

extension LeftEffect {
    /// - Returns: nil for an intent that may simply be carried out again.
    init?(_ intent: Event) {
        switch intent {
        case .generateIntended(let body): self.init(kind: intent.kind, slot: body.slot)
        case .settleIntended(let body): self.init(kind: intent.kind, slot: body.slot)
        default:
            guard let asked = RefusedEffect(intent) else { return nil }
            self.init(kind: asked.kind, slot: asked.slot)
        }
    }
}
