package import Evidence

/// Holds a ceremony's transcript to AWS's own record, event by event, and keeps in memory only what concerns it.
package struct Reconciliation: Sendable {
    /// How far a host's clock and AWS's may be apart, in seconds, as everywhere in the evidence.
    private static let tolerance = TimeStampFiles.clockTolerance

    package let calls: [CeremonyCall]
    private let names: KeyNames
    private let aws: AWSEnvironment
    /// From the first line of the transcript to the last.
    private let window: ClosedRange<Timestamp>
    private let byRequest: [String: Int]
    /// Events by the call whose request id they have.
    private var answers: [Int: [AWSEvent]] = [:]
    /// What else was done to the ceremony's keys and aliases, in the order of arrival.
    private var others: [AWSEvent] = []
    private var seen: [String: AWSEvent] = [:]
    /// Events whose id another one had that says something else.
    private var doubles: [AWSEvent] = []

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
    package mutating func take(_ event: AWSEvent) {
        guard event.source == "kms.amazonaws.com", event.account == nil || event.account == aws.account else { return }
        let call = event.request.flatMap { byRequest[$0] }
        guard call != nil || isWatched(event) else { return }
        if let other = seen[event.id] {
            // CloudTrail delivers an event twice now and then; its id tells, and it says the same.
            if other != event { doubles.append(event) }
            return
        }
        seen[event.id] = event
        if let call { answers[call, default: []].append(event) } else { others.append(event) }
    }

    private func isWatched(_ event: AWSEvent) -> Bool {
        guard CeremonyCall.watched.contains(event.name), concerns(event) else { return false }
        // KMS rotates when it comes to it, which may be after the ceremony's last line.
        return period.contains(event.at) || event.name == "RotateKey" && event.at >= period.lowerBound
    }

    private func concerns(_ event: AWSEvent) -> Bool {
        !names.keys(in: event).isEmpty || !names.aliases(in: event).isEmpty
    }

    private static func widened(_ times: ClosedRange<Timestamp>) -> ClosedRange<Timestamp> {
        times.lowerBound.advanced(bySeconds: -tolerance)...times.upperBound.advanced(bySeconds: tolerance)
    }
}

extension Reconciliation {
    /// How long AWS may take until an event is delivered, in seconds. It says so of most of them; 15 minutes is what it
    /// gives as usual.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>
    package static let delivery: Int64 = 900

    /// What came of it.
    ///
    /// - Parameter asOf: Up to when AWS's record was seen: an event that AWS may still be about to deliver is not missing.
    package func report(asOf: Timestamp) -> ReconciliationReport {
        let deeds = othersByDeed()
        var explained: Set<Int> = []
        var reconciled: [ReconciledCall] = []
        var findings: [ReconciliationFinding] = doubles.map { event in
            ReconciliationFinding(.replayed, event: event, "another event has the same id, and says something else")
        }
        for (index, call) in calls.enumerated() {
            var events = answers[index] ?? []
            if call.request == nil {
                let own = (deeds[Deed(of: call)] ?? []).first {
                    !explained.contains($0) && differences(of: others[$0], from: call).isEmpty
                }
                if let own { explained.insert(own) }
                events = own.map { [others[$0]] } ?? []
            }
            let result = judged(call, events, asOf: asOf)
            reconciled.append(result)
            findings += self.findings(of: result, replays: events.dropFirst())
        }
        let intents = Dictionary(grouping: calls, by: Deed.init(of:))
        findings += others.indices.filter { !explained.contains($0) }.compactMap {
            unexplainedFinding(others[$0], beside: intents)
        }
        return ReconciliationReport(asOf: asOf, calls: reconciled, findings: findings)
    }

    /// What was done, and to which key.
    private struct Deed: Hashable {
        let operation: String
        let key: String

        init(operation: String, key: String) {
            self.operation = operation
            self.key = key
        }

        init(of call: CeremonyCall) { self.init(operation: call.operation, key: call.key) }
    }

    private func othersByDeed() -> [Deed: [Int]] {
        var deeds: [Deed: [Int]] = [:]
        for (index, event) in others.enumerated() {
            for key in names.keys(in: event) { deeds[Deed(operation: event.name, key: key), default: []].append(index) }
        }
        return deeds
    }

    private func judged(_ call: CeremonyCall, _ events: [AWSEvent], asOf: Timestamp) -> ReconciledCall {
        // Of two events with its request id the one that fits is its own.
        guard let event = events.first(where: { self.differences(of: $0, from: call).isEmpty }) ?? events.first else {
            let isDue = asOf >= call.until.advanced(bySeconds: Self.delivery)
            return ReconciledCall(call: call, standing: isDue ? .missing : .notYet, event: nil, differences: [])
        }
        let differences = self.differences(of: event, from: call)
        return ReconciledCall(
            call: call, standing: differences.isEmpty ? .matched : .differs, event: event, differences: differences)
    }

    private func findings(
        of result: ReconciledCall, replays: ArraySlice<AWSEvent>
    ) -> [ReconciliationFinding] {
        let call = result.call
        let own: [ReconciliationFinding] =
            switch result.standing {
            case .matched: []
            case .notYet:
                [.init(.notYet, call: call, "AWS may take 15 minutes to deliver the event; look again")]
            case .missing:
                [.init(.missing, call: call, "AWS's record has no such event")]
            case .differs:
                result.differences.map { .init($0.kind, call: call, event: result.event, $0.words) }
            }
        return own
            + replays.map { .init(.replayed, call: call, event: $0, "a second event has this call's request id") }
    }

    /// What an event differs in from the call that it is said to be of.
    private func differences(of event: AWSEvent, from call: CeremonyCall) -> [CallDifference] {
        var differences: [CallDifference] = []
        func demand(_ holds: Bool, _ words: @autoclosure () -> String, _ kind: ReconciliationFinding.Kind = .differs) {
            if !holds { differences.append(CallDifference(kind: kind, words: words())) }
        }
        demand(event.name == call.operation, "AWS has it as \(event.name)")
        demand(names.keys(in: event).contains(call.key), "AWS has it for another key")
        if let alias = call.alias { demand(names.aliases(in: event).contains(alias), "AWS has it for another alias") }
        if let material = call.material {
            demand(event.materials.contains(material), "AWS has it for other key material")
        }
        if let type = call.importType { demand(event.importType == type, "AWS has it as another type of import") }
        demand(
            (event.error == nil) == (call.error == nil),
            "by AWS's record it was \(event.error.map { "refused: \($0)" } ?? "not refused")")
        if !call.isServiceEvent {
            demand(PercentEncoding.encode(event.caller) == aws.caller, "its caller was \(event.caller)", .otherIdentity)
        }
        let until = call.isServiceEvent ? Timestamp(epochSeconds: .max) : call.until
        demand(
            Self.widened(call.from...max(call.from, until)).contains(event.at),
            "AWS has it at \(event.at), the transcript from \(call.from) to \(call.until)")
        return differences
    }

    /// What is to be said of an event that is no call's of the transcript; nil if nothing.
    private func unexplainedFinding(
        _ event: AWSEvent, beside calls: [Deed: [CeremonyCall]]
    ) -> ReconciliationFinding? {
        guard window.contains(event.at) else { return nil }
        let beside = names.keys(in: event).lazy.flatMap { calls[Deed(operation: event.name, key: $0)] ?? [] }
        let call = beside.first { call in
            PercentEncoding.encode(event.caller) == aws.caller
                && (call.from...max(call.from, call.until)).contains(event.at)
        }
        switch (call, event.error) {
        case (let call?, nil) where event.name == "GetParametersForImport":
            return .init(
                .unexpected, call: call, event: event,
                "KMS answered this more than once: the other answer was lost, or somebody with these credentials has it"
            )
        case (_?, _?):
            // Refused, and asked again: by the ceremony itself, within one of its steps.
            return nil
        case (_, nil):
            return .init(.unexpected, event: event, "the transcript knows nothing of it")
        case (nil, let error?):
            return .init(.unexpected, event: event, "the transcript knows nothing of it; KMS refused it: \(error)")
        }
    }
}
