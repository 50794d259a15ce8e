package import Evidence

/// What a rotation or a replacement of keys would do to what a snapshot shows.
///
/// Pure: what it knows of AWS are the rules, and what it knows of the estate is handed in.
package struct Impact: Sendable {
    private let snapshot: InventorySnapshot
    private let rules: [ImpactRule]
    private let prices: PriceList?
    private let quantities: QuantityList?
    private let now: Timestamp
    private let references: [KeyReference]
    /// Names, by the key they lead to.
    private let aliases: [OutsideText: [OutsideText]]
    /// Keys to which an alias leads, and which are not there.
    private let gone: Set<OutsideText>
    private let hidden: HiddenUses
    /// The highest that any rule has for a strategy: what was not read cannot ask for more.
    private let ceilings: [ImpactStrategy: RiskGrade]
    /// What is of one key alone.
    private let ownGaps: [OutsideText: [InventoryGap]]
    /// Snapshots of `keyrite.inventory/1` have a caller twice that names a key by its id and by its ARN.
    private let callers: [InventoryCaller]

    /// - Parameters:
    ///   - rules: Which are asked, in their order.
    ///   - prices: nil for no costs.
    ///   - quantities: nil where nobody counted.
    ///   - now: Material that expired by then is said to have.
    package init(
        of snapshot: InventorySnapshot, rules: [ImpactRule] = ImpactRule.all, prices: PriceList? = nil,
        quantities: QuantityList? = nil, at now: Timestamp
    ) {
        (self.snapshot, self.rules) = (snapshot, rules)
        (self.prices, self.quantities, self.now) = (prices, quantities, now)
        references = KeyReference.once(snapshot.references)
        aliases = Dictionary(
            snapshot.aliases.compactMap { alias in alias.key.map { ($0, [alias.name]) } }, uniquingKeysWith: +)
        gone = Set(snapshot.aliases.filter { $0.standing == .missing }.compactMap(\.key))
        hidden = HiddenUses(snapshot.unread)
        ceilings = Dictionary(
            uniqueKeysWithValues: ImpactStrategy.allCases.map { ($0, Self.ceiling(of: $0, by: rules)) })
        ownGaps = Dictionary(
            snapshot.unread.compactMap { gap in (gap.ownKey ?? gap.lookedUp).map { ($0, [gap]) } },
            uniquingKeysWith: +)
        callers =
            snapshot.header.mergesCallers
            ? snapshot.callers
            : InventoryCaller.merged(snapshot.callers).sorted {
                ($0.caller, $0.account, $0.region, $0.names) < ($1.caller, $1.account, $1.region, $1.names)
            }
    }

    /// - Parameters:
    ///   - names: Of keys, by ARN or id, or by alias; none for every key that is not AWS's.
    ///   - strategies: Which are looked at; with both there are recommendations.
    /// - Throws: `EstateError` for a name that the snapshot has not, or has more than once.
    package func report(
        on names: [String], strategies: [ImpactStrategy] = ImpactStrategy.allCases
    ) throws(EstateError) -> ImpactReport {
        let selection = KeySelection(snapshot)
        var arns = names.isEmpty ? selection.all : []
        for name in names { arns.append(try selection.key(named: name)) }
        try quantities?.requireAll(among: Set(snapshot.references.map(\.resource)))
        let references = Dictionary(grouping: self.references.filter { $0.key != nil }) { $0.key }
        let callers = Dictionary(grouping: callers.filter { $0.key != nil }) { $0.key }
        let byARN = Dictionary(snapshot.keys.map { ($0.arn, $0) }) { first, _ in first }
        let keys = Set(arns).sorted().map { arn in
            impact(on: arn, byARN[arn], references[arn] ?? [], callers[arn] ?? [], strategies, beside: Set(arns))
        }
        let places = Set(keys.compactMap(\.place))
        let open: [KeyReference.Standing] =
            names.isEmpty ? [.notRead, .otherAccount, .noTarget, .noAlias] : [.notRead, .otherAccount]
        return ImpactReport(
            snapshotAt: snapshot.header.at, accounts: snapshot.header.accounts,
            knowsClusters: snapshot.header.knowsClusters,
            knowsDeletedSecrets: snapshot.header.knowsDeletedSecrets, regions: snapshot.header.regions,
            events: snapshot.header.events, strategies: strategies, prices: prices, isOfEveryKey: names.isEmpty,
            keys: keys,
            unresolved: self.references.filter {
                $0.key == nil && $0.form != .serviceDefault && open.contains($0.standing)
                    && (names.isEmpty || places.contains($0.placeOfName))
            },
            unread: names.isEmpty ? snapshot.unread : unread(of: keys))
    }

    /// What limits what is said of some keys: gaps of other keys alone do not.
    private func unread(of keys: [KeyImpact]) -> [InventoryGap] {
        let own = Set(keys.flatMap { ownGaps[$0.arn] ?? [] })
        let regions = Set(keys.compactMap(\.region))
        return snapshot.unread.filter { gap in
            own.contains(gap)
                || gap.ownKey == nil && gap.lookedUp == nil && (gap.isOfEveryRegion || regions.contains(gap.region))
        }
    }

    private func impact(
        on arn: OutsideText, _ key: InventoryKey?, _ references: [KeyReference], _ callers: [InventoryCaller],
        _ strategies: [ImpactStrategy], beside looked: Set<OutsideText>
    ) -> KeyImpact {
        let related = (key?.related ?? []).filter { !looked.contains($0) }
        var (region, owner): (String?, String?) = (key?.region, key?.account)
        if case .keyARN(_, let place, let account) = KeyName(arn.text) { (region, owner) = (place, account) }
        let isMissing =
            key == nil
            && (gone.contains(arn) || (references.map(\.standing) + callers.map(\.standing)).contains(.missing))
        let ownGaps = ownGaps[arn] ?? []
        let usesAreWhole = !hidden.mayUse(arn, in: region)
        let readsAll = usesAreWhole && related.isEmpty
        let uses = ClusterFold(references)
        let groups = groups(of: uses, owner, region, strategies)
        let sides = Dictionary(
            uniqueKeysWithValues: strategies.map { strategy in
                let obstacles = KeyObstacle.all(
                    of: key, isMissing: isMissing, aliases: aliases[arn] ?? [], against: strategy)
                return (strategy, side(strategy, key, obstacles, groups, callers.count, region, readsAll: readsAll))
            })
        return KeyImpact(
            arn: arn, region: region, key: key, aliases: key == nil ? aliases[arn] : key?.aliases,
            usesAreWhole: usesAreWhole, factsAreWhole: key != nil && !ownGaps.contains { $0.ownKey != nil },
            relatedElsewhere: related,
            traps: KeyTrap.all(of: key, uses.alone, owner: owner, at: now), sides: sides,
            recommendation: Recommendation(key, sides, callers: callers.count, readsAll: readsAll), groups: groups,
            callers: callers)
    }

    // MARK: Resources

    private struct GroupKey: Hashable {
        /// In the order of the rules; nil for none.
        let rule: Int?
        let follows: Bool
        let isAcrossAccounts: Bool

        var order: [Int] { [rule ?? .max, follows ? 0 : 1, isAcrossAccounts ? 1 : 0] }
    }

    /// In the rules' order, what follows before what is pinned.
    private func groups(
        of uses: ClusterFold, _ owner: String?, _ region: String?, _ strategies: [ImpactStrategy]
    ) -> [ResourceGroup] {
        let grouped = Dictionary(grouping: uses.alone) { reference in
            GroupKey(
                rule: rules.firstIndex { $0.matches(reference) }, follows: reference.followsAlias,
                isAcrossAccounts: owner != nil && reference.account != owner)
        }
        return grouped.sorted { $0.key.order.lexicographicallyPrecedes($1.key.order) }.map { key, references in
            let rule = key.rule.map { rules[$0] }
            let effects = strategies.compactMap { strategy in
                rule.map {
                    (strategy, $0.effect(of: strategy, follows: key.follows, isAcrossAccounts: key.isAcrossAccounts))
                }
            }
            let byStrategy = Dictionary(uniqueKeysWithValues: effects)
            return ResourceGroup(
                rule: rule, follows: key.follows, isAcrossAccounts: key.isAcrossAccounts, effects: byStrategy,
                resources: references.map { reference in
                    let members = uses.members(of: reference)
                    let known = known(of: reference, members)
                    return ResourceImpact(
                        reference: reference, members: members, quantities: known,
                        costs: byStrategy.mapValues { cost(of: $0.charges, reference, known, region) })
                })
        }
    }

    /// What is given of a cluster and of its instances is added up: hours of the instances are the cluster's.
    private func known(of reference: KeyReference, _ members: [KeyReference]) -> [Quantity: Int] {
        guard let quantities else { return [:] }
        var known = quantities.quantities(of: reference.resource)
        let given = members.map { quantities.quantities(of: $0.resource) }
        for quantity in Quantity.allCases {
            let counted = given.compactMap { $0[quantity] }
            let isWhole = known[quantity] != nil || quantity == .hours && counted.count == given.count
            guard isWhole, !counted.isEmpty else { continue }
            known[quantity] = counted.reduce(known[quantity] ?? 0, +)
        }
        return known
    }

    // MARK: Costs

    private func cost(
        of charges: [Charge], _ reference: KeyReference, _ known: [Quantity: Int], _ region: String?
    ) -> ImpactCost {
        var cost = ImpactCost()
        for quantity in Set(charges.compactMap(\.quantity)) where known[quantity] == nil {
            cost.missingQuantities[quantity] = 1
        }
        for charge in charges {
            if charge.item == .kmsRequests, let requests = known[.requests] {
                cost.add(price(requests, .kmsRequests, region))
                continue
            }
            if case .untold(let quantity, let what) = charge.count {
                guard known[quantity] != 0 else { continue }
                cost.unpriced.insert(what)
                cost.incomplete.insert(charge.item)
                continue
            }
            // How often S3 asks KMS with a Bucket Key, nobody can tell before.
            if charge.item == .kmsRequests, reference.bucketKey != false {
                cost.unpriced.insert("how many requests to KMS a Bucket Key saves")
                cost.incomplete.insert(charge.item)
                continue
            }
            guard let count = charge.count(known) else {
                cost.incomplete.insert(charge.item)
                continue
            }
            cost.add(price(count, charge.item, region))
        }
        return cost
    }

    private func price(_ count: Int, _ item: PriceItem, _ region: String?) -> ImpactCost {
        var cost = ImpactCost()
        guard let prices else { return cost }
        guard prices.region == region else {
            cost.unpriced.insert("prices of \(region ?? "its Region"): these are of \(prices.region)")
            cost.incomplete.insert(item)
            return cost
        }
        guard let amount = prices.amounts[item] else {
            cost.missingPrices.insert(item)
            cost.incomplete.insert(item)
            return cost
        }
        cost.lines.append(.init(item: item, count: count, amount: amount.times(count, per: item.unit)))
        return cost
    }

    /// What the key itself costs more.
    private func cost(of strategy: ImpactStrategy, _ key: InventoryKey?, _ region: String?) -> ImpactCost {
        guard let prices else { return ImpactCost() }
        let item: PriceItem = strategy == .rotate ? .kmsRotation : .kmsKey
        func unknown(_ what: String) -> ImpactCost {
            var cost = ImpactCost()
            cost.unpriced.insert(what)
            cost.incomplete.insert(item)
            return cost
        }
        guard let key else { return unknown("what KMS bills for a key that was not read") }
        guard key.multiRegion == nil else { return unknown("what KMS bills for all of a multi-Region key") }
        guard strategy == .rotate, let charged = prices.chargedRotations else { return price(1, item, region) }
        guard let materials = key.materials else {
            return unknown("whether KMS bills this rotation: those before it were not read")
        }
        return materials.count { $0.rotated != nil } < charged ? price(1, item, region) : ImpactCost()
    }

    // MARK: Sides

    private func side(
        _ strategy: ImpactStrategy, _ key: InventoryKey?, _ obstacles: [KeyObstacle], _ groups: [ResourceGroup],
        _ callers: Int, _ region: String?, readsAll: Bool
    ) -> StrategyImpact {
        let verdict: StrategyImpact.Verdict =
            switch obstacles.map(\.kind).max() {
            case nil: .possible
            case .unknown?: .unknown
            case .notNow?: .notNow
            case .never?: .never
            }
        var cost = verdict == .never ? ImpactCost() : cost(of: strategy, key, region)
        var downtimes: [Downtime: Int] = [:]
        var (untouched, changed, staying, withoutRule) = (0, 0, 0, 0)
        var grade = RiskGrade.none
        var uses = groups.map { (effect: $0.effects[strategy], count: $0.resources.count) }
        if callers > 0 { uses.append((CallerRule.effect(of: strategy), callers)) }
        for (effect, count) in uses {
            guard let effect else {
                grade = .unknown
                withoutRule += count
                continue
            }
            grade = max(grade, effect.grade)
            downtimes[effect.downtime, default: 0] += count
            if effect.steps.isEmpty { untouched += count } else { changed += count }
            if effect.stays != nil { staying += count }
        }
        for resource in groups.flatMap(\.resources) where verdict != .never {
            cost.add(resource.costs[strategy] ?? ImpactCost())
        }
        let mayBeHigher = !readsAll && grade < ceilings[strategy] ?? .unknown
        return StrategyImpact(
            verdict: verdict, obstacles: obstacles, grade: mayBeHigher ? .unknown : grade, readGrade: grade,
            downtimes: downtimes, untouched: untouched,
            changed: changed, staying: staying, withoutRule: withoutRule,
            aliases: strategy == .rotate ? [] : Self.followed(groups), cost: cost)
    }
}

extension Impact {
    private static func ceiling(of strategy: ImpactStrategy, by rules: [ImpactRule]) -> RiskGrade {
        let effects = rules.flatMap { rule in
            [true, false].flatMap { follows in
                [true, false].map { rule.effect(of: strategy, follows: follows, isAcrossAccounts: $0) }
            }
        }
        return (effects + [CallerRule.effect(of: strategy)]).map(\.grade).max() ?? .none
    }

    private static func followed(_ groups: [ResourceGroup]) -> [OutsideText] {
        Set(groups.filter(\.follows).flatMap(\.resources).compactMap(\.reference.names)).sorted()
    }
}

extension Charge {
    /// nil where what it counts is not known.
    fileprivate func count(_ known: [Quantity: Int]) -> Int? {
        switch count {
        case .one: 1
        case .each(let quantity, let times): known[quantity].map { $0 * times }
        case .untold: nil
        case .jobs(let quantity, let most): known[quantity].map { ($0 + most - 1) / most }
        }
    }
}
