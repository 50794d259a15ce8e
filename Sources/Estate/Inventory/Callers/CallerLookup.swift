package import AWS
package import Evidence

/// What CloudTrail keeps of an account and Region by itself, without a trail: 90 days of management events, newest first.
package protocol EventHistory: Sendable {
    /// - Parameter take: Gets each page's events; what it throws ends the lookup.
    /// - Throws: `AWSError`.
    func eachPage(
        of input: LookupEvents.Input, _ take: ([LookedUpEvent]) async throws -> Void
    ) async throws
}

extension CloudTrailClient: EventHistory {}

/// Looks up who calls KMS by a key's id or ARN, key by key.
///
/// Cryptographic calls are management events of KMS. CloudTrail's history has all of them, those of services, too, and those
/// that a trail leaves out; nobody can exclude KMS from it. They are asked for by their resource, the key's ARN, so that a
/// key that is used a million times hides no other. AWS documents that search of calls that change a key, and its examples
/// have the ARN in events of the others: so the newest of those are looked at first, whether they can be found by it.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html>
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html>
package struct CallerLookup: Sendable {
    package static let service = CloudTrailWire.service
    package static let operation = LookupEvents.name
    /// As many as CloudTrail answers of one key in some 17 minutes.
    package static let mostEvents = 100_000

    /// How long is waited after each time that CloudTrail could not be reached, before it is asked again of the same key.
    private static let patience: [Duration] = [.seconds(2), .seconds(10), .seconds(30)]
    /// Keys in a row of which CloudTrail could not be reached, after which no more are asked for.
    private static let mostUnreachable = 3

    /// What a lookup has before it.
    package struct Beginning: Sendable {
        /// Keys that are yet to be looked up.
        package let keys: Int
        /// Those that were, by one that ended too early.
        package let taken: Int
        package let since: Evidence.Timestamp
    }

    private let days: Int
    private let now: @Sendable () -> Evidence.Timestamp
    private let most: Int
    private let mostCallers: Int
    private let history: @Sendable (InventoryPlace) throws -> any EventHistory
    private let pause: @Sendable (Duration) async throws -> Void
    private let begin: @Sendable (Beginning) -> Void
    private let progress: @Sendable (InventoryUnit) -> Void

    /// - Parameters:
    ///   - days: How far back is looked, from when the lookup begins.
    ///   - now: The clock.
    ///   - most: Of a key, the events that are looked at, the newest.
    ///   - mostCallers: The callers that are counted.
    ///   - history: Who tells of an account and Region.
    ///   - pause: Waits.
    ///   - begin: Is told how many keys there are.
    ///   - progress: Is told of each key that was looked up.
    package init(
        days: Int, now: @escaping @Sendable () -> Evidence.Timestamp, most: Int = mostEvents,
        mostCallers: Int = CallerTally.most,
        history: @escaping @Sendable (InventoryPlace) throws -> any EventHistory,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        begin: @escaping @Sendable (Beginning) -> Void = { _ in },
        progress: @escaping @Sendable (InventoryUnit) -> Void = { _ in }
    ) {
        (self.days, self.now, self.most, self.mostCallers) = (days, now, most, mostCallers)
        (self.history, self.pause, self.begin, self.progress) = (history, pause, begin, progress)
    }

    /// - Parameters:
    ///   - keys: ARNs, by where they are looked up.
    ///   - accounts: That are read.
    ///   - width: Places at a time; each has CloudTrail's pace of its own.
    ///   - parts: What was looked up before, and is not again; nil where nothing is kept.
    /// - Returns: What was counted, and what could not be looked up.
    /// - Throws: What `history`, `pause` and `parts` throw; `CancellationError`.
    func count(
        _ keys: [InventoryPlace: [String]], in accounts: [InventoryAccount], width: Int,
        parts: (any InventoryParts)?
    ) async throws -> (tally: CallerTally, gaps: [InventoryGap]) {
        let latest = now().advanced(bySeconds: -Int64(days) * 86_400)
        let since = try parts?.beginLookup(over: days, since: latest) ?? latest
        let empty = CallerTally(
            accounts: accounts.map(\.id), regions: accounts.flatMap(\.regions), since: since, most: mostCallers)
        let looks = keys.map { Look(at: $0, empty, keys: $1, kept: parts) }
        begin(
            Beginning(
                keys: looks.reduce(0) { $0 + $1.keys.count }, taken: looks.reduce(0) { $0 + $1.taken }, since: since))
        let counted = try await SideBySide.map(looks, width: width) { look in
            var look = look
            try await finish(&look, history(look.place), since, from: empty, keeping: parts)
            return look
        }
        var tally = empty
        for look in counted { tally.add(look.tally) }
        let full: [InventoryGap] =
            tally.isFull
            ? keys.keys.map {
                .lookup(of: nil, .tooMany, "\(CallerTally.full(mostCallers)); look up fewer days.", in: $0)
            }
            : []
        return (tally, counted.flatMap(\.gaps) + full)
    }

    /// A look at the keys of one place.
    private struct Look: Sendable {
        let place: InventoryPlace
        /// Those that are yet to be looked up.
        private(set) var keys: [String] = []
        /// How many were.
        private(set) var taken = 0
        /// Whether it is known that keys' use can be found by their ARNs.
        let isTried: Bool
        var tally: CallerTally
        var gaps: [InventoryGap] = []

        init(at place: InventoryPlace, _ empty: CallerTally, keys all: [String], kept parts: (any InventoryParts)?) {
            self.place = place
            tally = empty
            isTried = parts?.callers(of: LookupUnit(nil, in: place)) != nil
            for key in all {
                guard let kept = parts?.callers(of: LookupUnit(key, in: place)) else {
                    keys.append(key)
                    continue
                }
                taken += 1
                tally.add(kept.counted)
                gaps += [kept.gap].compactMap { $0 }
            }
        }
    }

    /// Looks up what is yet to be.
    private func finish(
        _ look: inout Look, _ history: any EventHistory, _ since: Evidence.Timestamp, from empty: CallerTally,
        keeping parts: (any InventoryParts)?
    ) async throws {
        if !look.isTried, let gap = try await trial(of: history, in: look.place, since, from: empty, keeping: parts) {
            look.gaps.append(gap.gap)
            if gap.isOfAllKeys { return }
        }
        var unreachable = 0
        for key in look.keys where !look.tally.isFull {
            let found = try await callers(of: key, in: look.place, history, since, from: empty)
            look.tally.add(found.tally)
            if !found.tally.isFull {
                try parts?.keep(
                    KeyCallers(counted: found.tally.kept, gap: found.gap), of: LookupUnit(key, in: look.place))
            }
            if let gap = found.gap {
                unreachable = gap.reason == .unreachable ? unreachable + 1 : 0
                guard gap.resource != nil, unreachable < Self.mostUnreachable else {
                    look.gaps.append(gap.ofAllKeys)
                    break
                }
                look.gaps.append(gap)
            } else {
                unreachable = 0
            }
            progress(InventoryUnit(account: look.place.account, region: look.place.region, service: Self.service))
        }
    }

    /// - Returns: Why a key's use cannot be found by its ARN, or nobody knows, and whether no key can be asked for; nil
    ///   where all is well.
    private func trial(
        of history: any EventHistory, in place: InventoryPlace, _ since: Evidence.Timestamp, from empty: CallerTally,
        keeping parts: (any InventoryParts)?
    ) async throws -> (gap: InventoryGap, isOfAllKeys: Bool)? {
        do {
            if let flaw = try await flaw(of: history, since) {
                return (.lookup(of: nil, .unusable, flaw, in: place), false)
            }
            try parts?.keep(KeyCallers(counted: empty.kept, gap: nil), of: LookupUnit(nil, in: place))
            return nil
        } catch let error as AWSError {
            let gap = InventoryGap(error, Self.operation, of: nil, Self.service, in: place)
            return (gap, gap.isOfAllKeys(error))
        }
    }

    /// - Returns: What was counted of a key, and what could not be looked up: of no key where the next would not be told of
    ///   either; nil where all could.
    private func callers(
        of key: String, in place: InventoryPlace, _ history: any EventHistory, _ since: Evidence.Timestamp,
        from empty: CallerTally
    ) async throws -> (tally: CallerTally, gap: InventoryGap?) {
        var waits = Self.patience[...]
        while true {
            // What was counted before an attempt failed is counted again by the next.
            var tally = empty
            do {
                let flaw = try await count(key, history, since, in: &tally)
                return (tally, flaw.map { .lookup(of: key, .unusable, $0, in: place) })
            } catch let error as AWSError {
                guard case .unreachable = error, let wait = waits.popFirst() else {
                    let gap = InventoryGap(error, Self.operation, of: key, Self.service, in: place)
                    return (tally, gap.isOfAllKeys(error) ? gap.ofAllKeys : gap)
                }
                try await pause(wait)
            } catch let enough as Enough {
                let gap = InventoryGap.lookup(
                    of: key, .tooMany, "The newest \(most) of its events were looked at, back to \(enough.time).",
                    in: place)
                return (tally, gap)
            }
        }
    }

    /// After the newest of a key's events no more are asked for.
    private struct Enough: Error {
        /// Of the oldest that was looked at.
        let time: Evidence.Timestamp
    }

    /// - Returns: Why events of a key's use cannot be found by its ARN; nil where they can, or there are none.
    private func flaw(of history: any EventHistory, _ since: Evidence.Timestamp) async throws -> String? {
        for operation in ["Decrypt", "GenerateDataKey"] {
            var hidden: LookedUpEvent?
            do {
                try await history.eachPage(of: question(.eventName, operation, since)) { page in
                    hidden = page.first(where: Self.hidesItsKey)
                    throw Enough(time: since)
                }
            } catch is Enough {}
            if let hidden {
                return
                    "event \(hidden.id): \(operation) names no key as its resource, and is not found by its key's ARN"
            }
        }
        return nil
    }

    /// Of a call that KMS served with a key.
    private static func hidesItsKey(_ event: LookedUpEvent) -> Bool {
        guard event.source == AWSEvent.kms, let json = try? StrictJSON(Array(event.text.utf8), deepest: 64),
            json["errorCode"] == nil
        else { return false }
        return !(event.resources ?? []).contains { $0.name?.contains(":key/") == true }
    }

    private func question(
        _ key: LookupAttribute.Key, _ value: String, _ since: Evidence.Timestamp
    ) -> LookupEvents.Input {
        LookupEvents.Input(
            attribute: LookupAttribute(key, value),
            startTime: AWS.Timestamp(secondsSinceEpoch: Double(since.epochSeconds)))
    }

    /// - Returns: What of it could not be read, the first of it; nil where all could.
    private func count(
        _ key: String, _ history: any EventHistory, _ since: Evidence.Timestamp, in tally: inout CallerTally
    ) async throws -> String? {
        var (seen, flaw): (Int, String?) = (0, nil)
        var oldest: LookedUpEvent?
        var ids: Set<String> = []
        try await history.eachPage(of: question(.resourceName, key, since)) { page in
            if seen >= most, !page.isEmpty, let oldest { throw Enough(time: Self.time(of: oldest)) }
            // While pages are asked for, new events push old ones from one to the next.
            for event in page where ids.insert(event.id).inserted {
                do { try tally.take(event, of: key) } catch let error as AWSEvent.Malformed {
                    flaw = flaw ?? "event \(event.id): \(error.reason)"
                }
            }
            seen += page.count
            oldest = page.last ?? oldest
        }
        return flaw
    }

    private static func time(of event: LookedUpEvent) -> Evidence.Timestamp {
        Evidence.Timestamp(epochSeconds: Int64(min(max(event.time.secondsSinceEpoch, 0), 1e12)))
    }
}

extension InventoryGap {
    /// Whether the next key would not be told of either.
    fileprivate func isOfAllKeys(_ error: AWSError) -> Bool {
        switch error {
        case .configuration, .untrusted: return true
        case .unreachable, .service, .answerLost, .unanswered, .noAnswer: break
        }
        return switch reason {
        case .denied, .notEnabled: true
        case .unreachable, .noAnswer, .notActive, .throttled, .gone, .unusable, .refused, .tooMany: false
        }
    }

    /// The same of whatever key.
    fileprivate var ofAllKeys: Self {
        Self(
            service: service, account: account, region: region, operation: operation, resource: nil, reason: reason,
            code: code, message: message)
    }

    /// What a listing of keys that could not be read comes to for their callers; nil for all else.
    var unlistedCallers: Self? {
        guard service == KeyReader.service.name, operation == ListKeys.name else { return nil }
        return Self(
            service: CallerLookup.service, account: account, region: region, operation: CallerLookup.operation,
            resource: nil, reason: reason, code: code,
            message: OutsideText(
                "Not all keys could be listed: of those that nothing names, no callers were looked up."))
    }

    fileprivate static func lookup(
        of key: String?, _ reason: Reason, _ message: String, in place: InventoryPlace
    ) -> Self {
        Self(
            service: CallerLookup.service, account: place.account, region: place.region,
            operation: CallerLookup.operation, resource: key.map(OutsideText.init), reason: reason, code: nil,
            message: OutsideText(message))
    }
}
