import CryptoPrimitives

/// Holds a ceremony's transcript to AWS's own record, event by event, and keeps in memory only what concerns it.
package struct Reconciliation: Sendable {
    /// How far a host's clock and AWS's may be apart, in seconds, as everywhere in the evidence.
    private static let tolerance = TimeStampFiles.clockTolerance

    package let calls: [CeremonyCall]
    let names: KeyNames
    package let rules: ReconciliationRules
    /// Where it was held.
    package let aws: AWSEnvironment
    /// From the first line of the transcript to the last.
    let window: ClosedRange<Timestamp>
    private let byRequest: [String: Int]
    /// What is about this ceremony, in the order of arrival.
    private var kept: [AWSEvent] = []
    /// What those say.
    private(set) var told: Set<AWSEvent.Told> = []
    /// The most events about one ceremony's keys that are kept.
    package static let mostKept = 200_000

    /// There are more events about the ceremony than anybody would look at.
    package struct TooManyEvents: Error {}

    /// - Parameters:
    ///   - record: Of a folder that verifies, or does so as far as it got.
    ///   - rules: What is on record is held by those of its format.
    /// - Returns: nil where the ceremony has not begun, and there is nothing to reconcile.
    package init?(of record: Record, by rules: ReconciliationRules = .current) {
        guard let first = record.transcript.lines.first?.at, let last = record.transcript.lines.last?.at else {
            return nil
        }
        let ceremony = CeremonyCalls(of: record)
        self.rules = rules
        aws = record.plan.environment.aws
        calls = ceremony.calls
        names = KeyNames(of: ceremony, in: aws)
        window = first...max(first, last)
        byRequest = Dictionary(
            calls.enumerated().compactMap { index, call in call.request.map { ($0, index) } }
        ) { first, _ in first }
    }

    /// Whether there are calls that were made, and must have their events.
    package var hasMadeCalls: Bool { calls.contains { !$0.isUncertain } }

    /// The names of all events that can be about this ceremony.
    package var watched: Set<String> { CeremonyCall.watched.union(calls.map(\.operation)) }

    /// When the ceremony's calls and what else may have been done meanwhile were made, clocks allowed for.
    package var period: ClosedRange<Timestamp> { Self.widened(window) }

    /// Takes in an event. What is not about this ceremony is forgotten at once.
    ///
    /// - Returns: Whether it is about this ceremony, and says what no other did.
    /// - Throws: `TooManyEvents`.
    @discardableResult
    package mutating func take(_ event: AWSEvent) throws(TooManyEvents) -> Bool {
        guard event.source == AWSEvent.kms, event.account == nil || event.account == aws.account,
            call(of: event) != nil || isWatched(event)
        else { return false }
        // CloudTrail delivers an event twice now and then; its id tells, and it says the same.
        guard told.insert(event.told(by: rules)).inserted else { return false }
        guard kept.count < Self.mostKept else { throw TooManyEvents() }
        kept.append(event)
        return true
    }

    /// The call whose request id an event has.
    func call(of event: AWSEvent) -> Int? { event.request.flatMap { byRequest[$0] } }

    /// What was taken in, in an order that is always the same, however it arrived.
    var events: [AWSEvent] {
        kept.sorted { ($0.at, $0.digest.hex) < ($1.at, $1.digest.hex) }
    }

    private func isWatched(_ event: AWSEvent) -> Bool {
        guard CeremonyCall.watched.contains(event.name), concerns(event) || isUnnamedKey(event) else { return false }
        // KMS rotates when it comes to it, which may be after the ceremony's last line.
        return period.contains(event.at) || event.name == "RotateKey" && event.at >= period.lowerBound
    }

    /// Whether it can be the event of a key that the ceremony made, or not, and knows nothing more of.
    private func isUnnamedKey(_ event: AWSEvent) -> Bool {
        event.name == "CreateKey"
            && calls.contains { $0.isUncertain && $0.operation == "CreateKey" && isOwn(event, as: $0) }
    }

    /// Whether the caller of that very call made it, and no service by way of their credentials; or KMS itself, what it
    /// does by itself.
    func isOwn(_ event: AWSEvent, as call: CeremonyCall) -> Bool {
        guard call.isServiceEvent else { return event.caller == call.caller && event.invokedBy == nil }
        return event.request == nil && event.caller == AWSEvent.itself && event.invokedBy == event.caller
    }

    private func concerns(_ event: AWSEvent) -> Bool {
        !names.keys(in: event).isEmpty || !names.aliases(in: event).isEmpty
    }

    static func widened(_ times: ClosedRange<Timestamp>) -> ClosedRange<Timestamp> {
        times.lowerBound.advanced(bySeconds: -tolerance)...times.upperBound.advanced(bySeconds: tolerance)
    }
}
