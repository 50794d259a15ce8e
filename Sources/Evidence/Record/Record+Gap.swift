import CryptoPrimitives

/// Whose turn it is, where two hosts hold a ceremony across an air gap.
package struct GapTurns: Hashable, Sendable {
    /// The side that holds the ceremony; nil while its folder is carried.
    package internal(set) var holder: Side? = .connected
    /// What was handed over and is not received yet.
    package internal(set) var carried: AnnouncedHandover?
    /// How many times it was received.
    package internal(set) var received = 0
    /// Whether the private key that opens sealed blobs is gone.
    package internal(set) var isSealingDestroyed = false
}

extension Record {
    /// Of a ceremony across an air gap, the lines of the last turn, which nobody handed over; nil of any other.
    package var unsignedTurn: String? {
        guard plan.gap != nil, turns.carried == nil, let last = transcript.lines.last,
            let from = transcript.lines.last(where: { $0.event.kind == .received })?.seq
        else { return nil }
        return
            "Lines \(from) to \(last.seq), the last turn of \(last.host), are signed by no host, and by nobody but the close's quorum."
    }

    /// Holds a line to the turn in which it was written.
    func demandTurn(_ line: JournalLine) throws {
        let kind = line.event.kind
        guard let gap = plan.gap else {
            try demand(!EventKind.ofGaps.contains(kind), "a hand-over in a ceremony of one host")
            return try demandRun(line)
        }
        if let carried = turns.carried {
            try demand(kind == .received, "it was written while the folder was carried")
            return try demand(line.host == carried.to, "it was received by another host")
        }
        guard let holder = turns.holder else { throw RecordViolation(reason: "nobody holds the ceremony") }
        try demand(line.host == gap[holder].host, "it was written by a host whose turn it was not")
        if let side = kind.side { try demand(side == holder, "it is for the other host to do") }
        try demand(
            kind == .runStarted || environment != nil, "it was written before this turn's run saw what is around it")
    }

    /// Takes in a line about the two hosts of an air gap.
    mutating func admitGap(_ line: JournalLine, digest: SHA256Digest, folder: some EvidenceFolder) throws {
        switch line.event {
        case .handedOver(let body): try admit(body, on: line, digest: digest)
        case .received(let body): try admit(body, folder: folder)
        case .sealingDestroyIntended(let body):
            try demand(aborted == nil, "the ceremony was aborted before it")
            try demand(openIntent == nil, "an effect was intended before the one before it had a result")
            try demand(
                slots.values.allSatisfy(\.isVerified), "the sealing key went before all was activated")
            try demand(body.certificate == plan.gap?.sealingDigest, "it is another certificate than the plan's")
            try demand(!turns.isSealingDestroyed, "it was destroyed already")
            gates.void()
            openIntent = line.event
        case .sealingDestroyed(let body):
            guard openIntent == .sealingDestroyIntended(body) else {
                throw RecordViolation(reason: "the result sealing-destroyed of something not intended")
            }
            openIntent = nil
            turns.isSealingDestroyed = true
        default: throw RecordViolation(reason: "nothing about two hosts")
        }
    }

    private mutating func admit(_ body: HandedOver, on line: JournalLine, digest: SHA256Digest) throws {
        try demand(openIntent == nil, "it was handed over while an effect had no result")
        try demand(gates.open == nil, "it was handed over while a gate stood open")
        try demand(body.number == turns.received + 1, "it is not the next hand-over")
        guard let gap = plan.gap, let holder = turns.holder, body.to == gap[holder.other].host else {
            throw RecordViolation(reason: "it was handed over to another host than the plan's")
        }
        turns.carried = AnnouncedHandover(
            number: body.number, from: line.host, to: body.to, seq: line.seq, head: digest.hex, at: line.at)
        turns.holder = nil
        environment = nil
    }

    private mutating func admit(_ body: Received, folder: some EvidenceFolder) throws {
        guard let carried = turns.carried, carried.number == body.number else {
            throw RecordViolation(reason: "the receipt of what was not handed over")
        }
        for (path, recorded) in [
            (Handover.path(body.number), body.handover), (Handover.signaturePath(body.number), body.signature),
        ] where SHA256Digest(of: try folder.read(path)) != recorded {
            throw EvidenceError(path, "it is not the file that the transcript recorded")
        }
        try check(carried, folder: folder)
        turns.holder = plan.gap?.side(of: carried.to)
        turns.carried = nil
        turns.received = body.number
    }
}

extension EventKind {
    /// The kinds that only a ceremony of two hosts has.
    static let ofGaps: Set<EventKind> = [.handedOver, .received, .sealingDestroyIntended, .sealingDestroyed]
}
