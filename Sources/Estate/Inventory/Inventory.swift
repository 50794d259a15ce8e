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
    /// - Throws: What `caller` and `parts` throw; `CancellationError`.
    package func read(
        at time: Evidence.Timestamp, unread: [InventoryGap] = [], width: Int = width,
        callers: CallerTally? = nil, lookup: CallerLookup? = nil, parts: (any InventoryParts)? = nil,
        progress: @escaping @Sendable (InventoryUnit) -> Void = { _ in }
    ) async throws -> InventorySnapshot {
        let units = units
        let findings = try await SideBySide.map(units, width: width) { unit in
            if let kept = parts?.finding(of: unit) { return kept }
            let finding = try await read(unit)
            try parts?.keep(finding, of: unit)
            progress(unit)
            return finding
        }
        let found = Array(zip(units, findings))
        let snapshot = self.snapshot(found, callers, at: time, unread: unread)
        guard let lookup else { return snapshot }
        let looked = try await lookup.count(
            places(ofKeysIn: snapshot), in: accounts, width: width, parts: parts)
        let unlisted = wanted == nil ? snapshot.unread.compactMap(\.unlistedCallers) : []
        return self.snapshot(found, looked.tally, at: time, unread: unread + looked.gaps + unlisted)
    }

    /// Where CloudTrail is asked for keys: in the account that owns them; of one that is not read, in all others.
    private func places(ofKeysIn snapshot: InventorySnapshot) -> [InventoryPlace: [String]] {
        let keys = wanted ?? KeySelection(snapshot).lookedUp.map(\.text)
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

    private func read(_ unit: InventoryUnit) async throws -> InventoryFinding {
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
            looksElsewhere: wanted == nil)
        try await source.read(&look)
        (finding.references, finding.gaps) = (look.references, look.gaps)
        return finding
    }

    private func place(of unit: InventoryUnit) -> InventoryPlace { place(unit.account, unit.region) }

    private func place(_ account: String, _ region: String) -> InventoryPlace {
        InventoryPlace(partition: partition, account: account, region: region)
    }

    // MARK: What it comes to

    private func snapshot(
        _ read: [(unit: InventoryUnit, finding: InventoryFinding)], _ callers: CallerTally?,
        at time: Evidence.Timestamp, unread: [InventoryGap]
    ) -> InventorySnapshot {
        var found = known ?? [:]
        for (unit, finding) in read { if let keys = finding.keys { found[place(of: unit)] = keys } }
        let map = KeyMap(partition: partition, found)
        var references: Set<KeyReference> = []
        let seen = Set(
            read.flatMap(\.finding.references).filter { $0.isHearsay != true }.map { [$0.resource, $0.setting] })
        for (unit, finding) in read {
            guard let source = ReferenceSource.all.first(where: { $0.service.name == unit.service }) else { continue }
            let place = place(of: unit)
            let own = finding.references.filter { $0.isHearsay != true || !seen.contains([$0.resource, $0.setting]) }
            references.formUnion(own.map { reference($0, of: source, in: place, map) })
        }
        return InventorySnapshot(
            header: .init(accounts: accounts, partition: partition, at: time, events: callers?.seen),
            keys: Set(found.values.flatMap(\.keys)), aliases: aliases(found, map),
            references: Set(KeyReference.once(Array(references))),
            callers: Set(
                InventoryCaller.merged(
                    (callers?.counts ?? [:]).map { InventoryCaller($0, $1, partition: partition, map) })),
            unread: Set(unread + untold + (known ?? [:]).values.flatMap(\.gaps) + read.flatMap(\.finding.gaps)))
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

    private func reference(
        _ found: FoundReference, of source: ReferenceSource, in place: InventoryPlace, _ map: KeyMap
    ) -> KeyReference {
        let place = InventoryPlace(
            partition: place.partition, account: place.account, region: found.region ?? place.region)
        let name = KeyName(found.names ?? source.defaultAlias)
        let target = map.target(of: name, usedIn: place)
        let form: KeyReference.Form =
            switch name {
            case _ where found.names == nil: .serviceDefault
            case .keyID: .keyID
            case .keyARN: .keyARN
            case .alias: .alias
            case .aliasARN: .aliasARN
            }
        return KeyReference(
            service: source.service.name, type: found.type, resource: OutsideText(found.resource),
            account: place.account, region: place.region, setting: found.setting,
            names: found.names.map(OutsideText.init), form: form,
            followsAlias: source.followsAliases && [.alias, .aliasARN].contains(form),
            key: target.key.map(OutsideText.init), standing: target.standing, bucketKey: found.bucketKey,
            cluster: found.cluster.map(OutsideText.init))
    }
}
