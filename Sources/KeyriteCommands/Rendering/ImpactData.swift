import AWS
package import Estate
import Evidence

/// What a change of keys would do, as data: `keyrite.impact/1`, which ceremony/impact.md describes.
package struct ImpactData: Encodable {
    let schema = "keyrite.impact/1"
    let snapshot: Snapshot
    let strategies: [String]
    let prices: Prices?
    let keys: [Key]
    /// By their id, which resources name.
    let effects: [String: Effect]
    let unresolved: [KeyReference]
    let unread: [InventoryGap]
    let untold: [String]
    let limited: Bool

    package init(_ report: ImpactReport) {
        snapshot = Snapshot(at: report.snapshotAt, accounts: report.accounts, regions: report.regions)
        strategies = report.strategies.map(\.rawValue)
        prices = report.prices.map { Prices(region: $0.region, currency: $0.currency, validUntil: $0.validUntil) }
        keys = report.keys.map { Key($0, hasPrices: report.prices != nil) }
        var effects: [String: Effect] = [:]
        for group in report.keys.flatMap(\.groups) {
            for (strategy, effect) in group.effects {
                guard let rule = group.rule, let id = group.effectID(of: strategy) else { continue }
                effects[id] = Effect(effect, counted: rule.quantities)
            }
        }
        if report.keys.contains(where: { !$0.callers.isEmpty }) {
            for strategy in report.strategies {
                effects[CallerRule.effectID(of: strategy)] = Effect(CallerRule.effect(of: strategy), counted: [:])
            }
        }
        self.effects = effects
        untold = report.untold.map(ImpactData.shown)
        unresolved = report.unresolved
        unread = report.unread
        limited = report.isLimited
    }

    struct Snapshot: Encodable {
        let at: Evidence.Timestamp
        let accounts: [String]
        let regions: [String]
    }
    struct Prices: Encodable {
        let region: String
        let currency: String
        let validUntil: String
    }
    struct Source: Encodable {
        let page: String
        let checked: String
        let basis: String

        init(_ source: RuleSource) {
            (page, checked, basis) = (source.page, source.checked, source.basis.rawValue)
        }
    }
    struct Trap: Encodable {
        let name: String
        let words: String
        let sources: [Source]
    }
    struct Obstacle: Encodable {
        let name: String
        let kind: String
        let words: String
        let remedy: String
        let source: Source?
    }
    struct Choice: Encodable {
        let choice: String
        let why: String
    }
}

extension ImpactData {
    struct Key: Encodable {
        let arn: OutsideText
        let region: String?
        let state: OutsideText?
        let origin: OutsideText?
        let spec: OutsideText?
        let multiRegion: OutsideText?
        let rotationsUsed: Int?
        let aliases: [OutsideText]?
        let whole: Bool
        /// nil where there are none.
        let relatedElsewhere: [OutsideText]?
        let traps: [Trap]
        let rotate: Side?
        let replace: Side?
        let recommendation: Choice?
        let resources: [Resource]
        let callers: [Caller]

        init(_ key: KeyImpact, hasPrices: Bool) {
            (arn, region, aliases, whole) = (key.arn, key.region, key.aliases, key.isWhole)
            relatedElsewhere = key.relatedElsewhere.isEmpty ? nil : key.relatedElsewhere
            (state, origin, spec) = (key.key?.state, key.key?.origin, key.key?.spec)
            (multiRegion, rotationsUsed) = (key.key?.multiRegion, key.key?.rotationsUsed)
            traps = key.traps.map {
                Trap(name: $0.name, words: ImpactData.shown($0.words), sources: $0.sources.map(Source.init))
            }
            rotate = key.sides[.rotate].map { Side($0, hasPrices: hasPrices) }
            replace = key.sides[.replace].map { Side($0, hasPrices: hasPrices) }
            recommendation = key.recommendation.map {
                Choice(choice: $0.choice.rawValue, why: ImpactData.shown($0.why))
            }
            resources = key.groups.flatMap { group in
                group.resources.map { Resource($0, group, hasPrices: hasPrices) }
            }
            callers = key.callers.map { Caller($0, key.sides.keys) }
        }
    }

    struct Side: Encodable {
        let verdict: String
        let obstacles: [Obstacle]
        let grade: String
        let readGrade: String
        let cutOvers: Int
        let partsStopping: Int
        let untouched: Int
        let changed: Int
        let staying: Int
        let withoutRule: Int
        let aliases: [OutsideText]
        let cost: Cost?

        init(_ side: StrategyImpact, hasPrices: Bool) {
            verdict = side.verdict.rawValue
            obstacles = side.obstacles.map {
                Obstacle(
                    name: $0.name, kind: $0.kind.rawValue, words: ImpactData.shown($0.words),
                    remedy: ImpactData.shown($0.remedy), source: $0.source.map(Source.init))
            }
            (grade, readGrade) = (side.grade.rawValue, side.readGrade.rawValue)
            (cutOvers, partsStopping) = (side.downtimes[.cutOver] ?? 0, side.downtimes[.part] ?? 0)
            (untouched, changed, staying) = (side.untouched, side.changed, side.staying)
            withoutRule = side.withoutRule
            aliases = side.aliases
            cost = hasPrices && side.verdict != .never ? Cost(side.cost) : nil
        }
    }

    struct Resource: Encodable {
        let reference: KeyReference
        /// ARNs of a cluster's instances.
        let members: [OutsideText]?
        let acrossAccounts: Bool
        let rule: String?
        let rotate: String?
        let replace: String?
        let quantities: [String: Int]
        /// What would have to be known for the costs.
        let unknown: [String]
        let costs: [String: Cost]?

        init(_ resource: ResourceImpact, _ group: ResourceGroup, hasPrices: Bool) {
            reference = resource.reference
            members = resource.members.isEmpty ? nil : resource.members.map(\.resource)
            acrossAccounts = group.isAcrossAccounts
            rule = group.rule?.id
            (rotate, replace) = (group.effectID(of: .rotate), group.effectID(of: .replace))
            quantities = Dictionary(
                uniqueKeysWithValues: resource.quantities.map { ($0.key.rawValue, $0.value) })
            unknown = Set(resource.costs.values.flatMap(\.missingQuantities.keys)).map(\.rawValue).sorted()
            costs =
                hasPrices
                ? Dictionary(uniqueKeysWithValues: resource.costs.map { ($0.key.rawValue, Cost($0.value)) }) : nil
        }
    }

    struct Caller: Encodable {
        let caller: InventoryCaller
        let rotate: String?
        let replace: String?

        init(_ caller: InventoryCaller, _ strategies: some Collection<ImpactStrategy>) {
            self.caller = caller
            rotate = strategies.contains(.rotate) ? CallerRule.effectID(of: .rotate) : nil
            replace = strategies.contains(.replace) ? CallerRule.effectID(of: .replace) : nil
        }
    }

    struct Cost: Encodable {
        struct Line: Encodable {
            let item: String
            let count: Int
            let amount: String
        }
        let once: String
        let monthly: String
        let onceWhole: Bool
        let monthlyWhole: Bool
        let lines: [Line]
        let missingPrices: [String]
        let missingQuantities: [String: Int]
        let unpriced: [String]

        init(_ cost: ImpactCost) {
            (once, monthly) = (cost.once.text, cost.monthly.text)
            (onceWhole, monthlyWhole) = (cost.onceIsWhole, cost.monthlyIsWhole)
            lines = cost.lines.map { Line(item: $0.item.rawValue, count: $0.count, amount: $0.amount.text) }
            missingPrices = cost.missingPrices.map(\.rawValue).sorted()
            missingQuantities = Dictionary(
                uniqueKeysWithValues: cost.missingQuantities.map { ($0.key.rawValue, $0.value) })
            unpriced = cost.unpriced.sorted()
        }
    }

    struct Effect: Encodable {
        let happens: String
        let stays: String?
        let steps: [String]
        let downtime: String
        let grade: String
        let sources: [Source]
        /// How to get what is not in a snapshot.
        let quantities: [String: String]

        /// - Parameter quantities: How to get each.
        init(_ effect: ImpactEffect, counted quantities: [Quantity: String]) {
            (happens, stays, steps) = (effect.happens, effect.stays, effect.steps)
            (downtime, grade) = (effect.downtime.rawValue, effect.grade.rawValue)
            sources = effect.sources.map(Source.init)
            let needed = Set(effect.charges.compactMap(\.quantity))
            self.quantities = Dictionary(
                uniqueKeysWithValues: quantities.filter { needed.contains($0.key) }.map {
                    ($0.key.rawValue, $0.value)
                })
        }
    }

    fileprivate static func shown(_ text: String) -> String { Printable.text(text, limit: 4_096) }
}

extension CallerRule {
    /// `kms.caller/replace`.
    fileprivate static func effectID(of strategy: ImpactStrategy) -> String { "\(id)/\(strategy.rawValue)" }
}

extension ResourceGroup {
    /// `s3.bucket/replace/pinned`; nil where no rule has one.
    func effectID(of strategy: ImpactStrategy) -> String? {
        guard let rule, effects[strategy] != nil else { return nil }
        let parts: [String?] =
            switch strategy {
            case .rotate: [rule.id, "rotate"]
            case .replace:
                [rule.id, "replace", follows ? "follows" : "pinned", isAcrossAccounts ? "other-account" : nil]
            }
        return parts.compactMap { $0 }.joined(separator: "/")
    }
}
