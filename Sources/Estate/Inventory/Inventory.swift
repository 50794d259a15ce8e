package import AWS
package import Evidence

/// Reads what accounts have of keys, and what refers to them.
package struct Inventory: Sendable {
    /// Who asks a service in an account and Region. A unit has a caller of its own, which is done with when the unit is.
    package typealias Caller = @Sendable (_ service: Service, _ place: InventoryPlace) throws -> any ServiceCaller

    private let partition: String
    private let accounts: [InventoryAccount]
    private let caller: Caller
    /// What of KMS was read already, and is all that is to be read of it; nil where it is yet to be read.
    private let known: [InventoryPlace: KeyReader.Found]?
    /// ARNs of the keys whose callers are looked up; nil for all that are not AWS's.
    private let wanted: [String]?
    /// Where KMS did not say whether it has one of the keys, and nothing else is read.
    private let untold: [InventoryGap]

    /// Whom it asks.
    package static let services = [KeyReader.service] + ReferenceSource.all.map(\.service)
    /// Units that are read at a time, where nobody says otherwise.
    package static let width = 16

    /// - Parameters:
    ///   - accounts: Each once.
    ///   - caller: Who asks a service in an account and Region.
    package init(partition: String, accounts: [InventoryAccount], caller: @escaping Caller) {
        self.init(partition: partition, accounts: accounts, known: nil, wanted: nil, untold: [], caller: caller)
    }

    private init(
        partition: String, accounts: [InventoryAccount], known: [InventoryPlace: KeyReader.Found]?,
        wanted: [String]?, untold: [InventoryGap], caller: @escaping Caller
    ) {
        self.partition = partition
        (self.known, self.wanted, self.untold) = (known, wanted, untold)
        self.accounts = accounts.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
        self.caller = caller
    }

    /// All that is to be read. KMS has most calls, and comes first.
    package var units: [InventoryUnit] {
        (known == nil ? Self.services : ReferenceSource.all.map(\.service)).flatMap { service in
            accounts.flatMap { account in
                account.regions.map { InventoryUnit(account: account.id, region: $0, service: service.name) }
            }
        }
    }

    /// Looks for some keys alone, wherever this is to be read.
    ///
    /// - Parameters:
    ///   - names: ARNs, ids or aliases.
    ///   - width: How many accounts and Regions at a time.
    /// - Throws: What `caller` throws; `CancellationError`.
    package func search(for names: [String], width: Int = width) async throws -> KeySearch {
        let places = accounts.flatMap { account in account.regions.map { place(account.id, $0) } }
        let wanted = Array(Set(names.map(KeyName.init)))
        let answers = try await SideBySide.map(places, width: width) { place in
            var reader = KeyReader(in: place, by: try caller(KeyReader.service, place))
            return try await reader.find(wanted)
        }
        return KeySearch(names, among: accounts, Array(zip(places, answers)))
    }

    /// What uses the keys that were found, and nothing of other keys. A key serves in its own Region alone; a Region of which
    /// KMS did not say whether it has such a key is not read, and stands there as that.
    ///
    /// - Throws: As `KeySearch.arns`.
    package func narrowed(to search: KeySearch) throws(EstateError) -> Inventory {
        let regions = search.regions
        return Inventory(
            partition: partition,
            accounts: accounts.map { InventoryAccount($0.id, in: $0.regions.filter(regions.contains)) }
                .filter { !$0.regions.isEmpty },
            known: search.found.filter { regions.contains($0.key.region) }, wanted: try search.arns(),
            untold: search.untold, caller: caller)
    }

    /// All of it, several units at a time. What cannot be read stands in it, and stops nothing.
    ///
    /// - Parameters:
    ///   - time: When it began.
    ///   - unread: What is known not to be read: of accounts that nobody could enter.
    ///   - width: How many units at a time.
    ///   - callers: Who calls KMS, counted for these accounts and Regions; nil where nobody counted.
    ///   - lookup: Looks them up, once the keys are known, in place of `callers`.
    ///   - parts: What was read before, and is not read again; nil where nothing is kept.
    ///   - progress: Is told of each unit that was read.
    /// - Returns: The same of the same estate, in whatever order it was read.
    /// - Throws: What `caller` and `parts` throw; `EstateError` where the disk takes no temporary file; `CancellationError`.
    package func read(
        at time: Evidence.Timestamp, unread: [InventoryGap] = [], width: Int = width,
        callers: CallerTally? = nil, lookup: CallerLookup? = nil, parts: (any InventoryParts)? = nil,
        progress: @escaping @Sendable (InventoryUnit) -> Void = { _ in }
    ) async throws -> InventoryOutcome {
        let units = units
        let references = FoundReferences()
        let findings = try await SideBySide.map(units, width: width) { unit in
            if let kept = try parts?.finding(of: unit, { try references.add($0, of: unit) }) { return kept }
            let part = try parts?.begin(unit)
            let finding = try await read(unit) { found in
                try references.add(found, of: unit)
                try part?.add(found)
            }
            try part?.end(with: finding)
            progress(unit)
            return finding
        }
        let found = Found(units: units, findings: findings, references: references)
        let outcome = try outcome(found, callers, at: time, unread: unread)
        guard let lookup else { return outcome.outcome }
        let looked = try await lookup.count(
            places(ofKeysIn: outcome.outcome.rest, outcome.named), in: accounts, width: width, parts: parts)
        let unlisted = wanted == nil ? outcome.outcome.rest.unread.compactMap(\.unlistedCallers) : []
        return try self.outcome(found, looked.tally, at: time, unread: unread + looked.gaps + unlisted).outcome
    }

    /// Where CloudTrail is asked for keys: in the account that owns them; of one that is not read, in all others.
    ///
    /// - Parameter named: ARNs of keys that references name.
    private func places(
        ofKeysIn snapshot: InventorySnapshot, _ named: Set<OutsideText>
    ) -> [InventoryPlace: [String]] {
        let keys = wanted ?? KeySelection(snapshot, alsoNamed: named).lookedUp.map(\.text)
        var places: [InventoryPlace: [String]] = [:]
        for key in Set(keys).sorted() {
            guard case .keyARN(_, let region, let owner) = KeyName(key) else { continue }
            let isOwn = accounts.contains { $0.id == owner }
            for account in accounts where account.regions.contains(region) && (account.id == owner || !isOwn) {
                places[place(account.id, region), default: []].append(key)
            }
        }
        return places
    }

    /// - Parameter keep: Gets the references, some at a time.
    private func read(_ unit: InventoryUnit, _ keep: @escaping ServiceLook.Keep) async throws -> InventoryFinding {
        let place = place(of: unit)
        var finding = InventoryFinding()
        guard let source = ReferenceSource.all.first(where: { $0.service.name == unit.service }) else {
            var reader = KeyReader(in: place, by: try caller(KeyReader.service, place))
            let keys = try await reader.read()
            (finding.keys, finding.gaps) = (keys, keys.gaps)
            return finding
        }
        // For keys that somebody names, all of their Regions is read, and nothing of others.
        var look = ServiceLook(
            at: unit.service, in: place,
            by: DeclaredCaller(asking: source.operations, by: try caller(source.service, place)),
            looksElsewhere: wanted == nil, keep: keep)
        try await source.read(&look)
        try look.finish()
        finding.gaps = look.gaps
        return finding
    }

    private func place(of unit: InventoryUnit) -> InventoryPlace { place(unit.account, unit.region) }

    private func place(_ account: String, _ region: String) -> InventoryPlace {
        InventoryPlace(partition: partition, account: account, region: region)
    }

    // MARK: What it comes to

    /// What was read, before it is known where names lead.
    private struct Found {
        let units: [InventoryUnit]
        /// Of each unit.
        let findings: [InventoryFinding]
        let references: FoundReferences
    }

    /// - Returns: Also ARNs of the keys that references name, but for a service's own default.
    private func outcome(
        _ read: Found, _ callers: CallerTally?, at time: Evidence.Timestamp, unread: [InventoryGap]
    ) throws -> (outcome: InventoryOutcome, named: Set<OutsideText>) {
        var found = known ?? [:]
        for (unit, finding) in zip(read.units, read.findings) {
            if let keys = finding.keys { found[place(of: unit)] = keys }
        }
        let map = KeyMap(partition: partition, found)
        let rest = InventorySnapshot(
            header: .init(accounts: accounts, partition: partition, at: time, events: callers?.seen),
            keys: Set(found.values.flatMap(\.keys)), aliases: aliases(found, map), references: [],
            callers: Set(
                InventoryCaller.merged(
                    (callers?.counts ?? [:]).map { InventoryCaller($0, $1, partition: partition, map) })),
            unread: Set(unread + untold + (known ?? [:]).values.flatMap(\.gaps) + read.findings.flatMap(\.gaps)))
        var count = 0
        var named: Set<OutsideText> = []
        try read.references.each(map) { reference in
            count += 1
            if reference.form != .serviceDefault, let key = reference.key { named.insert(key) }
        }
        let references = read.references
        return (InventoryOutcome(rest, count: count) { try references.each(map, $0) }, named)
    }

    private func aliases(_ found: [InventoryPlace: KeyReader.Found], _ map: KeyMap) -> Set<KeyAlias> {
        Set(
            found.flatMap { place, found in
                found.aliases.map { alias in
                    let target = map.target(of: alias, in: place)
                    return KeyAlias(
                        name: OutsideText(alias.aliasName), arn: OutsideText(alias.aliasARN), account: place.account,
                        region: place.region, key: target.key.map(OutsideText.init), standing: target.standing)
                }
            })
    }
}
