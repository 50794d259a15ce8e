import AWS
package import Evidence

/// Counts who calls KMS by key ids, from CloudTrail's events, in memory that grows with callers and keys, and by 16 bytes for
/// each call of exported events that is counted, up to a bound.
package struct CallerTally: Sendable {
    /// One caller's calls by one name in one place.
    struct Calls: Codable, Hashable, Sendable {
        let caller: String
        let names: String
        let account: String
        let region: String
    }

    struct Count: Codable, Sendable {
        var calls = 0
        var operations: Set<String> = []
        var times: ClosedRange<Evidence.Timestamp>

        mutating func add(_ operation: String, at time: Evidence.Timestamp) {
            calls += 1
            operations.insert(operation)
            times = times.joined(with: time...time)
        }

        func joined(with other: Count) -> Count {
            Count(
                calls: calls + other.calls, operations: operations.union(other.operations),
                times: times.joined(with: other.times))
        }
    }

    /// Of more callers nobody would look at a list.
    package static let most = 100_000
    /// The parameters that name a key whose material serves.
    private static let parameters = ["keyId", "sourceKeyId", "destinationKeyId"]
    private static let operations: Set = [
        "Decrypt", "DeriveSharedSecret", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey",
        "ReEncrypt", "Sign", "Verify", "VerifyMac",
    ]

    private static let longestText = 2048

    private let accounts: Set<String>
    private let regions: Set<String>
    private(set) var counts: [Calls: Count] = [:]
    /// Files and records that could not be read.
    package private(set) var unread: [EstateError] = []
    private var records = 0
    private var counted: CountedCalls
    private var times: ClosedRange<Evidence.Timestamp>?
    private let since: Evidence.Timestamp?
    private let most: Int
    /// Whether there were more callers than are counted.
    private(set) var isFull = false

    /// - Parameters:
    ///   - accounts: Whose events count.
    ///   - regions: And where.
    ///   - since: Since when CloudTrail is asked for them; nil of exported events.
    ///   - most: The callers of keys that are counted.
    ///   - mostRemembered: The calls that are known again where they stand twice in exported events.
    package init(
        accounts: some Sequence<String>, regions: some Sequence<String>, since: Evidence.Timestamp? = nil,
        most: Int = most, mostRemembered: Int = CountedCalls.most
    ) {
        (self.since, self.most) = (since, most)
        counted = CountedCalls(most: mostRemembered)
        self.accounts = Set(accounts)
        self.regions = Set(regions)
    }

    var seen: EventsSeen {
        EventsSeen(
            records: records, again: counted.again > 0 ? counted.again : nil, first: times?.lowerBound,
            last: times?.upperBound, since: since)
    }

    /// Takes in exported events, piece by piece.
    ///
    /// - Throws: `EstateError` for a file that is none of CloudTrail's, or not whole.
    package mutating func read(_ files: EventFiles) throws {
        unread += files.leftOut
        let told = try files.read { record, path, number in
            records += 1
            guard RecordGlance(record).canBe(Self.operations) else { return }
            for bytes in AWSEvent.texts(exported: Array(record)) where AWSEvent.canBeOfKMS(bytes) {
                do { take(try AWSEvent(bytes), remembering: true) } catch let error as AWSEvent.Malformed {
                    try add(EstateError(path, "record \(number): \(error.reason)"))
                }
            }
        }
        unread += told
        if isFull { unread.append(EstateError("--events", "\(Self.full(most)); give fewer events")) }
        if counted.isFull { unread.append(EstateError("--events", counted.full)) }
    }

    /// Takes in an event of CloudTrail's history.
    ///
    /// - Parameter key: The ARN of the key that it was looked up by: what it names beside that key is not counted.
    /// - Throws: `AWSEvent.Malformed` for one that cannot be read.
    mutating func take(_ event: LookedUpEvent, of key: String) throws {
        records += 1
        // Other services have operations of the same names.
        guard event.source == AWSEvent.kms else { return }
        take(try AWSEvent(Array(event.text.utf8)), of: key)
    }

    /// What was counted, as it is kept.
    struct Kept: Codable, Sendable {
        struct Line: Codable, Sendable {
            let calls: Calls
            let count: Count
        }

        let records: Int
        let times: ClosedRange<Evidence.Timestamp>?
        let lines: [Line]
    }

    var kept: Kept { Kept(records: records, times: times, lines: counts.map { Kept.Line(calls: $0, count: $1) }) }

    /// Takes in what was counted elsewhere.
    mutating func add(_ other: CallerTally) {
        isFull = isFull || other.isFull
        add(other.kept)
    }

    mutating func add(_ kept: Kept) {
        records += kept.records
        if let more = kept.times { times = times.map { $0.joined(with: more) } ?? more }
        for line in kept.lines {
            if let known = counts[line.calls] {
                counts[line.calls] = known.joined(with: line.count)
            } else if counts.count < most {
                counts[line.calls] = line.count
            } else {
                isFull = true
            }
        }
    }

    private mutating func add(_ error: EstateError) throws {
        guard unread.count < Self.most else { throw EstateError(error.path, "too many of its records cannot be read") }
        unread.append(error)
    }

    static func full(_ most: Int) -> String {
        "Over \(most) callers use keys by their ids, and no more of them were counted"
    }

    /// What a service calls for somebody is the service's: what it was told to use stands among the references.
    ///
    /// - Parameters:
    ///   - key: The ARN of the one key that counts; nil for all.
    ///   - remembering: Whether the same event may come again.
    private mutating func take(_ event: AWSEvent, of key: String? = nil, remembering: Bool = false) {
        guard event.source == AWSEvent.kms, let account = event.account, accounts.contains(account),
            regions.contains(event.region)
        else { return }
        let moment = event.at...event.at
        times = times.map { $0.joined(with: moment) } ?? moment
        guard event.error == nil, event.invokedBy == nil, Self.operations.contains(event.name) else { return }
        let text = try? StrictJSON(event.text, deepest: 64)
        let all = Self.keys(named: text?["requestParameters"])
            .filter { names in key.map { $0 == names || $0.hasSuffix("/" + names) } ?? true }
        guard !all.isEmpty else { return }
        let caller = Self.person(event.person ?? event.caller)
        if remembering, counted.takesAgain(event, by: caller, of: all) { return }
        for names in all {
            let calls = Calls(caller: caller, names: names, account: account, region: event.region)
            guard counts[calls] != nil || counts.count < most else {
                isFull = true
                continue
            }
            counts[calls, default: Count(times: moment)].add(event.name, at: event.at)
        }
    }

    /// By id or ARN: those by alias take another key when that is moved. A key that is named by both stands once.
    private static func keys(named asked: StrictJSON?) -> Set<String> {
        let names = Set(parameters.compactMap { asked?[$0]?.string }.filter { isKey($0) })
        return names.filter { name in !names.contains { $0.hasSuffix(":key/" + name) } }
    }

    private static func isKey(_ name: String) -> Bool {
        guard (1...longestText).contains(name.utf8.count) else { return false }
        return switch KeyName(name) {
        case .keyID, .keyARN: true
        case .alias, .aliasARN: false
        }
    }

    /// Sessions of one role are one caller. Of another account's, AWS's record may have ids alone, the session's name last.
    static func person(_ caller: String) -> String {
        let text = (try? PercentEncoding.decode(caller)) ?? caller
        if text.hasPrefix("account "), let end = text.firstIndex(of: ":") { return String(text[..<end]) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].hasSuffix(":assumed-role") ? parts.dropLast().joined(separator: "/") : text
    }
}

extension ClosedRange where Bound == Evidence.Timestamp {
    /// From the earlier beginning to the later end.
    fileprivate func joined(with other: Self) -> Self {
        Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
    }
}

extension InventoryCaller {
    init(_ calls: CallerTally.Calls, _ count: CallerTally.Count, partition: String, _ map: KeyMap) {
        let name = KeyName(calls.names)
        let place = InventoryPlace(partition: partition, account: calls.account, region: calls.region)
        let target = map.target(of: name, usedIn: place)
        let form: KeyReference.Form = if case .keyID = name { .keyID } else { .keyARN }
        self.init(
            caller: OutsideText(calls.caller), account: calls.account, region: calls.region,
            names: OutsideText(calls.names), form: form, key: target.key.map(OutsideText.init),
            standing: target.standing, operations: count.operations.map(OutsideText.init).sorted(),
            calls: count.calls, first: count.times.lowerBound, last: count.times.upperBound)
    }
}
