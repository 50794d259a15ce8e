import Evidence

/// Counts who calls KMS by key ids, from CloudTrail's events, in memory that grows with callers and keys alone.
package struct CallerTally: Sendable {
    /// One caller's calls by one name in one place.
    struct Calls: Hashable, Sendable {
        let caller: String
        let names: String
        let account: String
        let region: String
    }

    struct Count: Sendable {
        var calls = 0
        var operations: Set<String> = []
        var times: ClosedRange<Timestamp>

        mutating func add(_ operation: String, at time: Timestamp) {
            calls += 1
            operations.insert(operation)
            times = min(times.lowerBound, time)...max(times.upperBound, time)
        }
    }

    /// Of more callers nobody would look at a list.
    private static let most = 100_000
    /// The parameters that name a key whose material serves.
    private static let parameters = ["keyId", "sourceKeyId", "destinationKeyId"]
    private static let operations: Set = [
        "Decrypt", "DeriveSharedSecret", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey",
        "ReEncrypt", "Sign", "Verify", "VerifyMac",
    ]

    private let accounts: Set<String>
    private let regions: Set<String>
    private(set) var counts: [Calls: Count] = [:]
    /// Files and records that could not be read.
    package private(set) var unread: [EstateError] = []
    private var records = 0
    private var times: ClosedRange<Timestamp>?

    /// - Parameters:
    ///   - accounts: Whose events count.
    ///   - regions: And where.
    package init(accounts: some Sequence<String>, regions: some Sequence<String>) {
        self.accounts = Set(accounts)
        self.regions = Set(regions)
    }

    var seen: EventsSeen { EventsSeen(records: records, first: times?.lowerBound, last: times?.upperBound) }

    /// Takes in exported events, piece by piece.
    ///
    /// - Throws: `EstateError` for a file that is none of CloudTrail's, or not whole; for more callers than can be counted.
    package mutating func read(_ files: EventFiles) throws {
        unread += files.leftOut
        let told = try files.read { record, path, number in
            records += 1
            guard RecordGlance(record).canBe(Self.operations) else { return }
            for bytes in AWSEvent.texts(exported: Array(record)) where AWSEvent.canBeOfKMS(bytes) {
                do { try take(try AWSEvent(bytes)) } catch let error as AWSEvent.Malformed {
                    guard unread.count < Self.most else {
                        throw EstateError(path, "too many of its records cannot be read")
                    }
                    unread.append(EstateError(path, "record \(number): \(error.reason)"))
                }
            }
        }
        unread += told
    }

    /// What a service calls for somebody is the service's: what it was told to use stands among the references.
    private mutating func take(_ event: AWSEvent) throws {
        guard event.source == AWSEvent.kms, let account = event.account, accounts.contains(account),
            regions.contains(event.region)
        else { return }
        times = times.map { min($0.lowerBound, event.at)...max($0.upperBound, event.at) } ?? event.at...event.at
        guard event.error == nil, event.invokedBy == nil, Self.operations.contains(event.name) else { return }
        for names in Self.keys(named: event) {
            let calls = Calls(
                caller: Self.person(event.caller), names: names, account: account, region: event.region)
            guard counts[calls] != nil || counts.count < Self.most else {
                throw EstateError("--events", "over \(Self.most) callers use keys by their ids; give fewer events")
            }
            counts[calls, default: Count(times: event.at...event.at)].add(event.name, at: event.at)
        }
    }

    /// By id or ARN: those by alias take another key when that is moved.
    private static func keys(named event: AWSEvent) -> Set<String> {
        guard let asked = (try? StrictJSON(event.text, deepest: 64))?["requestParameters"] else { return [] }
        return Set(parameters.compactMap { asked[$0]?.string }.filter { isKey($0) })
    }

    private static func isKey(_ name: String) -> Bool {
        guard (1...2048).contains(name.utf8.count) else { return false }
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

extension InventoryCaller {
    init(_ calls: CallerTally.Calls, _ count: CallerTally.Count, partition: String, _ map: KeyMap) {
        let name = KeyName(calls.names)
        let place = InventoryPlace(partition: partition, account: calls.account, region: calls.region)
        let target = map.target(of: name, usedIn: place)
        caller = OutsideText(calls.caller)
        (account, region) = (calls.account, calls.region)
        names = OutsideText(calls.names)
        form = if case .keyID = name { .keyID } else { .keyARN }
        key = target.key.map(OutsideText.init)
        standing = target.standing
        operations = count.operations.sorted().map(OutsideText.init)
        self.calls = count.calls
        (first, last) = (count.times.lowerBound, count.times.upperBound)
    }
}
