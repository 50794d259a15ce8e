package import Evidence

/// A transcript has no more lines than both verifiers read: a ceremony is ended before that.
package enum TranscriptLength {
    /// How many lines are kept for an abort, the close and the runs up to there.
    package static let linesToEnd = 1_000

    /// - Parameters:
    ///   - event: What would be written next.
    ///   - lines: How many lines there are.
    /// - Throws: `CeremonyError` when the transcript has no room for it.
    package static func requireRoom(for event: Event, after lines: Int) throws {
        guard lines >= Transcript.mostLines - (event.endsCeremony ? 0 : linesToEnd) else { return }
        throw CeremonyError(
            .state,
            "The ceremony cannot go on with \(event.kind.rawValue): its transcript has \(lines) lines, and may have "
                + "\(Transcript.mostLines)",
            remedy: "The last \(linesToEnd) are there to end it. Abort it, have the close signed, and freeze a new "
                + "plan for what is left to do")
    }
}

extension Event {
    /// Whether it is on the way to a ceremony's end, or what came of what was intended.
    fileprivate var endsCeremony: Bool {
        switch self {
        case .note, .exhibit: false
        case .exception(let exception): exception.machine != nil
        case .gateOpened(let statement): statement.gate == .close
        default: !kind.rawValue.hasSuffix("-intended")
        }
    }
}
