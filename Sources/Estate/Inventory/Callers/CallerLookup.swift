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

    private let since: Evidence.Timestamp
    private let most: Int
    private let history: @Sendable (InventoryPlace) throws -> any EventHistory
    private let begin: @Sendable (Int) -> Void
    private let progress: @Sendable (InventoryUnit) -> Void

    /// - Parameters:
    ///   - since: How far back is looked.
    ///   - most: Of a key, the events that are looked at, the newest.
    ///   - history: Who tells of an account and Region.
    ///   - begin: Is told how many keys there are.
    ///   - progress: Is told of each key that was looked up.
    package init(
        since: Evidence.Timestamp, most: Int = mostEvents,
        history: @escaping @Sendable (InventoryPlace) throws -> any EventHistory,
        begin: @escaping @Sendable (Int) -> Void = { _ in },
        progress: @escaping @Sendable (InventoryUnit) -> Void = { _ in }
    ) {
        (self.since, self.most) = (since, most)
        (self.history, self.begin, self.progress) = (history, begin, progress)
    }

    /// - Parameters:
    ///   - keys: ARNs, by where they are looked up.
    ///   - accounts: That are read.
    ///   - width: Places at a time; each has CloudTrail's pace of its own.
    /// - Returns: What was counted, and what could not be looked up.
    /// - Throws: `EstateError` for more callers than can be counted; what `history` throws; `CancellationError`.
    func count(
        _ keys: [InventoryPlace: [String]], in accounts: [InventoryAccount], width: Int
    ) async throws -> (tally: CallerTally, gaps: [InventoryGap]) {
        let empty = CallerTally(
            accounts: accounts.map(\.id), regions: accounts.flatMap(\.regions), since: since)
        begin(keys.values.reduce(0) { $0 + $1.count })
        let counted = try await SideBySide.map(Array(keys), width: width) { place, keys in
            try await count(keys, in: place, history(place), from: empty)
        }
        var tally = empty
        for one in counted { try tally.add(one.tally) }
        return (tally, counted.flatMap(\.gaps))
    }

    private func count(
        _ keys: [String], in place: InventoryPlace, _ history: any EventHistory, from empty: CallerTally
    ) async throws -> (tally: CallerTally, gaps: [InventoryGap]) {
        var tally = empty
        var gaps: [InventoryGap] = []
        do {
            if let flaw = try await flaw(of: history) { gaps.append(.lookup(of: nil, .unusable, flaw, in: place)) }
        } catch let error as AWSError {
            let gap = InventoryGap(error, Self.operation, of: nil, Self.service, in: place)
            gaps.append(gap)
            if gap.isOfAllKeys { return (tally, gaps) }
        }
        for key in keys {
            do {
                if let flaw = try await count(key, history, in: &tally) {
                    gaps.append(.lookup(of: key, .unusable, flaw, in: place))
                }
            } catch let error as AWSError {
                let gap = InventoryGap(error, Self.operation, of: key, Self.service, in: place)
                guard !gap.isOfAllKeys else {
                    gaps.append(InventoryGap(error, Self.operation, of: nil, Self.service, in: place))
                    break
                }
                gaps.append(gap)
            } catch let enough as Enough {
                gaps.append(
                    .lookup(
                        of: key, .tooMany, "The newest \(most) of its events were looked at, back to \(enough.time).",
                        in: place))
            }
            progress(InventoryUnit(account: place.account, region: place.region, service: Self.service))
        }
        return (tally, gaps)
    }

    /// After the newest of a key's events no more are asked for.
    private struct Enough: Error {
        /// Of the oldest that was looked at.
        let time: Evidence.Timestamp
    }

    /// - Returns: Why events of a key's use cannot be found by its ARN; nil where they can, or there are none.
    private func flaw(of history: any EventHistory) async throws -> String? {
        for operation in ["Decrypt", "GenerateDataKey"] {
            var hidden: LookedUpEvent?
            do {
                try await history.eachPage(of: question(.eventName, operation)) { page in
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

    private func question(_ key: LookupAttribute.Key, _ value: String) -> LookupEvents.Input {
        LookupEvents.Input(
            attribute: LookupAttribute(key, value),
            startTime: AWS.Timestamp(secondsSinceEpoch: Double(since.epochSeconds)))
    }

    /// - Returns: What of it could not be read, the first of it; nil where all could.
    private func count(
        _ key: String, _ history: any EventHistory, in tally: inout CallerTally
    ) async throws -> String? {
        var (seen, flaw): (Int, String?) = (0, nil)
        var oldest: LookedUpEvent?
        try await history.eachPage(of: question(.resourceName, key)) { page in
            if seen >= most, !page.isEmpty, let oldest { throw Enough(time: Self.time(of: oldest)) }
            for event in page {
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
    fileprivate var isOfAllKeys: Bool {
        switch reason {
        case .denied, .notEnabled, .unreachable: true
        case .notActive, .throttled, .gone, .unusable, .refused, .tooMany: false
        }
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
