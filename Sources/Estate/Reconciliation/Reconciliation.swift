package import Evidence

/// Holds a ceremony's transcript to AWS's own record, event by event, and keeps in memory only what concerns it.
package struct Reconciliation: Sendable {
    /// How far a host's clock and AWS's may be apart, in seconds, as everywhere in the evidence.
    private static let tolerance = TimeStampFiles.clockTolerance

    package let calls: [CeremonyCall]
    let names: KeyNames
    let aws: AWSEnvironment
    /// From the first line of the transcript to the last.
    let window: ClosedRange<Timestamp>
    private let byRequest: [String: Int]
    /// Events by the call whose request id they have.
    private(set) var answers: [Int: [AWSEvent]] = [:]
    /// What else was done to the ceremony's keys and aliases, in the order of arrival.
    private(set) var others: [AWSEvent] = []
    private var seen: [String: AWSEvent] = [:]
    /// Events whose id another one had that says something else.
    private(set) var doubles: [AWSEvent] = []
    /// The most events about one ceremony's keys that are kept.
    private static let mostKept = 200_000

    /// - Parameter record: Of a folder that verifies, or does so as far as it got.
    /// - Throws: `EstateError` where the ceremony has not begun.
    package init(of record: Record) throws {
        guard let first = record.transcript.lines.first?.at, let last = record.transcript.lines.last?.at else {
            throw EstateError(Transcript.path, "the ceremony has not begun, and there is nothing to reconcile")
        }
        let ceremony = CeremonyCalls(of: record)
        aws = record.plan.environment.aws
        calls = ceremony.calls
        names = KeyNames(of: ceremony, in: aws)
        window = first...max(first, last)
        byRequest = Dictionary(
            calls.enumerated().compactMap { index, call in call.request.map { ($0, index) } }
        ) { first, _ in first }
    }

    /// The names of all events that can be about this ceremony.
    package var watched: Set<String> { CeremonyCall.watched.union(calls.map(\.operation)) }

    /// When the ceremony's calls and what else may have been done meanwhile were made, clocks allowed for.
    package var period: ClosedRange<Timestamp> { Self.widened(window) }

    /// Takes in an event. What is not about this ceremony is forgotten at once.
    ///
    /// - Throws: `EstateError` when there are more about it than anybody would look at.
    package mutating func take(_ event: AWSEvent) throws {
        guard event.source == AWSEvent.kms, event.account == nil || event.account == aws.account else { return }
        let call = event.request.flatMap { byRequest[$0] }
        guard call != nil || isWatched(event) else { return }
        if let other = seen[event.id] {
            // CloudTrail delivers an event twice now and then; its id tells, and it says the same.
            if !other.saysTheSame(as: event) { doubles.append(event) }
        } else {
            seen[event.id] = event
            if let call { answers[call, default: []].append(event) } else { others.append(event) }
        }
        guard seen.count + doubles.count <= Self.mostKept else {
            throw EstateError(
                "CloudTrail",
                "over \(Self.mostKept) events are about the ceremony's keys; find out who makes them, first")
        }
    }

    private func isWatched(_ event: AWSEvent) -> Bool {
        guard CeremonyCall.watched.contains(event.name), concerns(event) || isUnnamedKey(event) else { return false }
        // KMS rotates when it comes to it, which may be after the ceremony's last line.
        return period.contains(event.at) || event.name == "RotateKey" && event.at >= period.lowerBound
    }

    /// Whether it can be the event of a key that the ceremony made, or not, and knows nothing more of.
    private func isUnnamedKey(_ event: AWSEvent) -> Bool {
        event.name == "CreateKey" && isOwn(event) && calls.contains { $0.isUncertain && $0.operation == "CreateKey" }
    }

    /// Whether the ceremony's own credentials made the call, and no service by way of them.
    func isOwn(_ event: AWSEvent) -> Bool {
        PercentEncoding.encode(event.caller) == aws.caller && event.invokedBy == nil
    }

    private func concerns(_ event: AWSEvent) -> Bool {
        !names.keys(in: event).isEmpty || !names.aliases(in: event).isEmpty
    }

    static func widened(_ times: ClosedRange<Timestamp>) -> ClosedRange<Timestamp> {
        times.lowerBound.advanced(bySeconds: -tolerance)...times.upperBound.advanced(bySeconds: tolerance)
    }
}
