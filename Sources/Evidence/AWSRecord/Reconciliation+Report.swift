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
        let sorted = sorted()
        let (answers, others) = (sorted.answers, sorted.others)
        let deeds = byDeed(others)
        var explained: Set<Int> = []
        var reconciled: [ReconciledCall] = []
        var findings: [ReconciliationFinding] = sorted.doubles.map { event in
            ReconciliationFinding(.replayed, event: event, "another event has the same id, and says something else")
        }
        for (index, call) in calls.enumerated() {
            var events = answers[index] ?? []
            if call.request == nil {
                let free = (deeds[Deed(of: call)] ?? []).filter { !explained.contains($0) }
                let own = fitting(call, among: free) { others[$0] }
                if let own { explained.insert(own) }
                events = own.map { [others[$0]] } ?? []
            }
            let result = judged(call, events, asOf: asOf)
            reconciled.append(result)
            findings += self.findings(of: result, replays: events.filter { $0 != result.event })
        }
        let intents = Dictionary(grouping: calls, by: Deed.init(of:))
        let offset = offset(by: reconciled)
        let watch = offset.map { Self.moved(window, by: $0) } ?? period
        findings += others.indices.filter { !explained.contains($0) && watch.contains(others[$0].at) }.compactMap {
            unexplainedFinding(others[$0], beside: intents, offset: offset ?? 0)
        }
        let due = watch.upperBound.advanced(bySeconds: Self.delivery)
        if asOf < due {
            findings.append(
                .init(.notYet, "what others did until the end may still be delivered; look again after \(due)"))
        }
        return ReconciliationReport(
            by: rules, asOf: asOf, watch: watch, offset: offset, calls: reconciled, findings: findings,
            events: told(by: reconciled, findings), told: told)
    }

    /// The events by what they are for.
    private struct Sorted {
        /// By the call whose request id they have.
        var answers: [Int: [AWSEvent]] = [:]
        /// What else was done to the ceremony's keys and aliases.
        var others: [AWSEvent] = []
        /// Those whose id an earlier one has that says something else.
        var doubles: [AWSEvent] = []
    }

    private func sorted() -> Sorted {
        var sorted = Sorted()
        var ids: Set<String> = []
        for event in events {
            if !ids.insert(event.id).inserted {
                sorted.doubles.append(event)
            } else if let call = call(of: event) {
                sorted.answers[call, default: []].append(event)
            } else {
                sorted.others.append(event)
            }
        }
        return sorted
    }

    /// The events that calls and findings are about, and those whose id one of them has: without the others, the same
    /// would come of it.
    private func told(by calls: [ReconciledCall], _ findings: [ReconciliationFinding]) -> [AWSEvent] {
        let ids = Set(calls.compactMap { $0.event?.id } + findings.compactMap { $0.event?.id })
        return events.filter { ids.contains($0.id) }
    }

    /// What was done, and to which key.
    private struct Deed: Hashable {
        let operation: String
        let key: String

        init(operation: String, key: String) {
            self.operation = operation
            self.key = key
        }

        init(of call: CeremonyCall) {
            // Of a key that may have been made nothing is known.
            let isUnnamed = call.isUncertain && call.operation == "CreateKey"
            self.init(operation: call.operation, key: isUnnamed ? "" : call.key)
        }
    }

    private func byDeed(_ others: [AWSEvent]) -> [Deed: [Int]] {
        var deeds: [Deed: [Int]] = [:]
        for (index, event) in others.enumerated() {
            let keys = names.keys(in: event)
            for key in keys.isEmpty ? [""] : keys {
                deeds[Deed(operation: event.name, key: key), default: []].append(index)
            }
        }
        return deeds
    }

    private func judged(_ call: CeremonyCall, _ events: [AWSEvent], asOf: Timestamp) -> ReconciledCall {
        // Of two events with its request id the one that fits is its own.
        guard let event = fitting(call, among: events, { $0 }) ?? events.first else {
            let isDue = asOf >= call.until.advanced(bySeconds: Self.delivery)
            let standing: ReconciledCall.Standing = isDue ? call.isUncertain ? .notSeen : .missing : .notYet
            return ReconciledCall(call: call, standing: standing, event: nil, differences: [])
        }
        let differences = self.differences(of: event, from: call)
        return ReconciledCall(
            call: call, standing: differences.isEmpty ? .matched : .differs, event: event, differences: differences)
    }

    private func findings(
        of result: ReconciledCall, replays: [AWSEvent]
    ) -> [ReconciliationFinding] {
        let call = result.call
        let own: [ReconciliationFinding] =
            switch result.standing {
            case .matched where call.isUncertain:
                [
                    .init(
                        .unsettled, call: call, event: result.event,
                        "it took effect; the transcript has no result of it")
                ]
            case .matched, .notSeen: []
            case .notYet:
                [.init(.notYet, call: call, "AWS may take 15 minutes to deliver the event; look again")]
            case .missing:
                [.init(.missing, call: call, "AWS's record has no such event")]
            case .differs:
                result.differences.map {
                    .init($0.kind, call: call, event: result.event, in: $0.aspect, $0.words)
                }
            }
        return own + unreadable(result.event, call)
            + replays.map { .init(.replayed, call: call, event: $0, "a second event has this call's request id") }
    }

    /// The first that fits; one whose expiry cannot be read only where none is that says the call's.
    private func fitting<Candidates: Sequence>(
        _ call: CeremonyCall, among candidates: Candidates, _ event: (Candidates.Element) -> AWSEvent
    ) -> Candidates.Element? {
        var unread: Candidates.Element?
        for candidate in candidates where differences(of: event(candidate), from: call).isEmpty {
            if unreadable(event(candidate), call).isEmpty { return candidate }
            if unread == nil { unread = candidate }
        }
        return unread
    }

    /// What is to be said of an expiry that cannot be read.
    private func unreadable(_ event: AWSEvent?, _ call: CeremonyCall) -> [ReconciliationFinding] {
        guard rules.areAboutExpiry, let expiry = call.expiry, let event, case .unread(let words) = event.expiry else {
            return []
        }
        return [
            .init(
                .unreadableExpiry, call: call, event: event,
                "the event's expiry cannot be read: \(words); the transcript has the expiry \(expiry.text)")
        ]
    }

    /// What an event differs in from the call that it is said to be of.
    private func differences(of event: AWSEvent, from call: CeremonyCall) -> [CallDifference] {
        var differences: [CallDifference] = []
        func demand(_ holds: Bool, _ aspect: CallDifference.Aspect, _ words: @autoclosure () -> String) {
            if !holds { differences.append(CallDifference(aspect: aspect, words: words())) }
        }
        demand(event.name == call.operation, .operation, "AWS has it as \(event.name)")
        if demandsKey(of: call, in: event) {
            demand(names.keys(in: event).contains(call.key), .key, "AWS has it for another key")
        }
        if let alias = call.alias {
            demand(names.aliases(in: event).contains(alias), .alias, "AWS has it for another alias")
        }
        if let material = call.material {
            demand(event.materials.contains(material), .material, "AWS has it for other key material")
        }
        if let type = call.importType {
            demand(event.importType == type, .importType, "AWS has it as another type of import")
        }
        if rules.areAboutExpiry, let expiry = call.expiry, case .read(let told) = event.expiry {
            demand(
                told == expiry, .expiry, "AWS has it with the expiry \(told.text), and the transcript \(expiry.text)")
        }
        demand(
            (event.error == nil) == (call.error == nil), .outcome,
            "by AWS's record it was \(event.error.map { "refused: \($0)" } ?? "not refused")")
        demand(isOwn(event, as: call), .caller, "it was made by \(event.shownCaller)")
        demand(
            event.account == aws.account, .account,
            "AWS has it in \(event.account.map { "account \($0)" } ?? "no account")")
        demand(event.region == aws.region, .region, "AWS has it in \(event.region)")
        let until = call.isServiceEvent ? Timestamp(epochSeconds: .max) : call.until
        demand(
            Self.widened(call.from...max(call.from, until)).contains(event.at), .time,
            "AWS has it at \(event.at), the transcript from \(call.from) to \(call.until)")
        return differences
    }

    /// A call that was refused may name no key on AWS's record, and one that may have made a key does not know it.
    private func demandsKey(of call: CeremonyCall, in event: AWSEvent) -> Bool {
        guard call.error != nil || call.isUncertain else { return true }
        return call.operation != "CreateKey" && !event.subjects.isEmpty
    }

    /// By how many seconds AWS's clock is ahead of the host's, as the calls show that have their events; nil where none
    /// does.
    private func offset(by reconciled: [ReconciledCall]) -> Int64? {
        let known = reconciled.filter { $0.standing == .matched && $0.call.request != nil }
        // Both clocks are written in whole seconds.
        let bounds = known.compactMap { one in
            one.event.map { event in
                (
                    low: event.at.epochSeconds - one.call.until.epochSeconds - 1,
                    high: event.at.epochSeconds - one.call.from.epochSeconds + 1
                )
            }
        }
        guard let low = bounds.map(\.low).max(), let high = bounds.map(\.high).min() else { return nil }
        return min(max(0, min(low, high)), max(low, high))
    }

    private static func moved(_ times: ClosedRange<Timestamp>, by seconds: Int64) -> ClosedRange<Timestamp> {
        times.lowerBound.advanced(bySeconds: seconds)...times.upperBound.advanced(bySeconds: seconds)
    }

    /// What is to be said of an event that is no call's of the transcript; nil if nothing.
    private func unexplainedFinding(
        _ event: AWSEvent, beside calls: [Deed: [CeremonyCall]], offset: Int64
    ) -> ReconciliationFinding? {
        let beside = names.keys(in: event).sorted().lazy.flatMap {
            calls[Deed(operation: event.name, key: $0)] ?? []
        }
        let call = beside.first { call in
            // A second more on both sides, since times are written in whole ones.
            let step =
                call.firstIntended.advanced(bySeconds: -1)...max(call.firstIntended, call.until).advanced(bySeconds: 1)
            return isOwn(event, as: call) && Self.moved(step, by: offset).contains(event.at)
        }
        switch (call, event.error) {
        case (let call?, nil) where event.name == "GetParametersForImport":
            return .init(
                .unexpected, call: call, event: event,
                "KMS answered this more than once: the other answer was lost, or somebody with these credentials has it"
            )
        case (_, nil):
            return .init(.unexpected, event: event, "the transcript knows nothing of it")
        case (_?, _?):
            // Refused, and asked again: by the ceremony itself, within one of its steps.
            return nil
        case (nil, let error?):
            return .init(.unexpected, event: event, "the transcript knows nothing of it; KMS refused it: \(error)")
        }
    }
}
