import AWS
package import Estate
import Evidence
import Room

/// What a change of keys would do, in words. All that comes from outside is made fit for a screen here.
package struct ImpactWords {
    private let report: ImpactReport
    /// Each source once, in the order in which it is met.
    private let sources: [RuleSource]

    package init(_ report: ImpactReport) {
        self.report = report
        var sources: [RuleSource] = []
        for key in report.keys {
            let obstacles = report.strategies.flatMap { key.sides[$0]?.obstacles ?? [] }.compactMap(\.source)
            let effects = key.groups.flatMap { group in
                report.strategies.flatMap { group.effects[$0]?.sources ?? [] }
            }
            let callers =
                key.callers.isEmpty ? [] : report.strategies.flatMap { CallerRule.effect(of: $0).sources }
            let cited =
                Self.isInFull(report)
                ? obstacles + key.traps.flatMap(\.sources) + effects + callers : key.traps.flatMap(\.sources)
            for source in cited where !sources.contains(source) {
                sources.append(source)
            }
        }
        self.sources = sources
    }

    /// - Parameter width: In columns. Addresses of pages, ARNs and names alone may be longer.
    package func text(width: Int) -> String {
        let keys = ordered
        var parts = keys.count > 1 ? [overview(keys, width)] : []
        parts += Self.isInFull(report) ? keys.map { keyText($0, width) } : [traps(width)]
        if report.keys.isEmpty {
            let words =
                report.hiddenKeys.isEmpty
                ? "The snapshot has no key that is not AWS's, and nothing that names one."
                : "Which keys there are is not known: what would tell was not read, as stands below."
            parts.append(Self.wrapped([Paragraph(words)], width))
        } else if !report.hiddenKeys.isEmpty {
            let hidden =
                "There may be more keys, of which nothing is said here: what would tell was not read, as stands below."
            parts.append(Self.wrapped([Paragraph(hidden)], width))
        }
        if !report.unresolved.isEmpty { parts.append(Self.wrapped(unresolved, width)) }
        if !report.unreadOfUses.isEmpty { parts.append(Self.wrapped(unread, width)) }
        if !report.unreadOfKeys.isEmpty { parts.append(Self.wrapped(unreadOfKeys, width)) }
        if !sources.isEmpty { parts.append(sourceText) }
        return (parts + [Self.wrapped(ending, width)]).joined(separator: "\n\n")
    }

    private static func wrapped(_ paragraphs: [Paragraph], _ width: Int) -> String {
        paragraphs.flatMap { $0.lines(width: width, keepsWords: true) }.map(\.text).joined(separator: "\n")
    }

    /// A line a key, by its first alias.
    private func overview(_ keys: [KeyImpact], _ width: Int) -> String {
        let rows = keys.map { key in
            let side = key.sides[report.strategies.last ?? .replace]
            let choice = key.recommendation?.choice.rawValue ?? side.map { Self.verdict($0.verdict) } ?? "-"
            let count = key.groups.reduce(key.callers.count) { $0 + $1.resources.count }
            let place = [key.key?.account, key.region].compactMap(\.self).joined(separator: " ")
            let name = (key.aliases ?? []).first.map { "\(Self.shown($0)) in \(place)" } ?? Self.shown(key.arn)
            return Self.columns(
                [
                    choice, "\(count)" + (key.readsAllUses ? "" : " or more"),
                    side.map { $0.verdict == .never ? "-" : $0.grade.rawValue } ?? "-",
                ]) + name
        }
        let (isChoice, changed) = (
            report.strategies.count > 1, report.strategies.last == .rotate ? "ROTATING" : "REPLACING"
        )
        let headings = [
            Self.columns(["", "", "RISK OF"]),
            Self.columns([isChoice ? "BETTER" : "POSSIBLE", "USES", changed]) + "KEY",
        ]
        let lead = Self.columns(["", "", ""]).count
        return (headings + rows).flatMap { line in
            Paragraph(String(line.dropFirst(lead)), lead: String(line.prefix(lead)))
                .lines(width: width, keepsWords: true).map { Wrap.trimmed($0.text) }
        }.joined(separator: "\n")
    }

    private static func columns(_ cells: [String]) -> String { cells.map { padded($0, 12) }.joined() }

    /// So many keys can be read through; of more, the overview and their traps by name are what a person needs.
    private static let mostInFull = 25

    private static func isInFull(_ report: ImpactReport) -> Bool {
        !report.isOfEveryKey || report.keys.count <= mostInFull
    }

    /// By alias, account and Region; keys without an alias last.
    private var ordered: [KeyImpact] {
        func order(_ key: KeyImpact) -> [String] {
            let name = key.aliases?.first?.text
            return [name == nil ? "1" : "0", name ?? "", key.key?.account ?? "", key.region ?? "", key.arn.text]
        }
        return report.keys.map { (order($0), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    /// Of more keys than anybody reads: each trap once, with how many keys have it.
    private func traps(_ width: Int) -> String {
        let all = Dictionary(grouping: report.keys.flatMap(\.traps), by: \.name)
        let lines = all.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { name, traps in
            let words = Set(traps.map(\.words))
            let example = words.count == 1 ? Self.shown(traps[0].words) : "of the first: \(Self.shown(traps[0].words))"
            let keys = "\(traps.count) \(traps.count == 1 ? "key" : "keys")"
            return Paragraph("\(name) (\(keys)): \(example)\(cited(traps[0].sources))", lead: "  - ")
        }
        return Self.wrapped(
            [Paragraph("TRAPS")] + lines + [
                .blank,
                Paragraph(
                    "These are \(report.keys.count) keys. For what happens to each resource, name a key (--key), or take all as "
                        + "data (--format json)."),
            ], width)
    }

    private static func padded(_ text: String, _ columns: Int) -> String {
        text + Wrap.blank(max(1, columns - text.count))
    }

    // MARK: A key

    private func keyText(_ key: KeyImpact, _ width: Int) -> String {
        var parts = [title(key, width), summary(key, width)]
        let remarks = remarks(key)
        if !remarks.isEmpty { parts.append(Self.wrapped(remarks, width)) }
        if let recommendation = key.recommendation {
            let choice = Self.choice(recommendation.choice)
            parts.append(Self.wrapped([Paragraph("\(choice). \(Self.shown(recommendation.why))")], width))
        }
        if !key.traps.isEmpty { parts.append(Self.wrapped([Paragraph("TRAPS")] + key.traps.map(trap), width)) }
        for (number, group) in key.groups.enumerated() {
            parts.append(self.group(group, number + 1, of: key, width))
        }
        if !key.callers.isEmpty { parts.append(callers(of: key, key.groups.count + 1, width)) }
        return parts.joined(separator: "\n\n")
    }

    private func title(_ key: KeyImpact, _ width: Int) -> String {
        var lines = [Self.shown(key.arn)]
        let aliases = key.aliases.map { $0.isEmpty ? "no alias" : $0.map(Self.shown).joined(separator: ", ") }
        lines.append(aliases ?? "its aliases were not read")
        if let found = key.key {
            let about = [found.state, found.origin, found.spec, found.multiRegion].compactMap { $0.map(Self.shown) }
            lines.append(about.joined(separator: ", "))
        } else {
            lines.append("it was not read, only what names it")
        }
        if !key.usesAreWhole { lines.append("Not everything that may use it was read.") }
        if key.key != nil, !key.factsAreWhole { lines.append("Not all that KMS tells of it was read.") }
        if !key.relatedElsewhere.isEmpty {
            let related = key.relatedElsewhere.map(Self.shown).joined(separator: ", ")
            lines.append("What uses its related keys is not looked at here: \(related)")
        }
        return (["KEY"] + lines.flatMap { Self.indented($0, by: 4, width) }).joined(separator: "\n")
    }

    /// Every line of it, an ARN that is longer than a line, too.
    private static func indented(_ text: String, by columns: Int, _ width: Int) -> [String] {
        Wrap.lines(text, width: width - columns, keepsWords: true).map { Wrap.blank(columns) + $0 }
    }

    private func summary(_ key: KeyImpact, _ width: Int) -> String {
        let sides = report.strategies.compactMap { key.sides[$0] }
        func row(_ title: String, _ cell: (StrategyImpact) -> String) -> [String] {
            [title] + sides.map { $0.verdict == .never ? "-" : cell($0) }
        }
        var rows = [[""] + report.strategies.map { $0.rawValue.uppercased() }]
        rows.append(["possible"] + sides.map { Self.verdict($0.verdict) })
        rows.append(
            row("highest risk") { side in
                side.grade == side.readGrade
                    ? side.grade.rawValue : "\(side.grade.rawValue), \(side.readGrade.rawValue) of what was read"
            })
        rows.append(
            row("\(key.callers.isEmpty ? "settings" : "uses") to change") {
                "\($0.changed) of \($0.changed + $0.untouched)"
                    + (key.readsAllUses ? "" : " read") + ($0.withoutRule > 0 ? ", \($0.withoutRule) unknown" : "")
            })
        rows.append(row("with a cut-over") { "\($0.downtimes[.cutOver] ?? 0)" })
        rows.append(row("with a part stopping") { "\($0.downtimes[.part] ?? 0)" })
        rows.append(row("leave old data") { "\($0.staying)" })
        if let prices = report.prices {
            rows.append(row("cost once") { Self.cost($0.cost.once, $0.cost.onceIsWhole, prices) })
            rows.append(row("cost a month") { Self.cost($0.cost.monthly, $0.cost.monthlyIsWhole, prices) })
        }
        let widths = rows[0].indices.map { column in rows.map { ShownText.columns($0[column]) }.max() ?? 0 }
        guard widths.reduce(2 * (widths.count - 1), +) <= width else {
            // Side by side they would be torn.
            let lines = rows.dropFirst().map { row in
                let sides = zip(report.strategies, row.dropFirst()).map { "\($0.rawValue) \($1)" }
                return Paragraph("\(row[0]): \(sides.joined(separator: "; "))")
            }
            return Self.wrapped(lines, width)
        }
        return rows.map { row in
            Wrap.trimmed(
                zip(row, widths).map { $0 + Wrap.blank($1 - ShownText.columns($0)) }.joined(separator: "  "))
        }.joined(separator: "\n")
    }

    private static func verdict(_ verdict: StrategyImpact.Verdict) -> String {
        switch verdict {
        case .possible: "yes"
        case .notNow: "not now"
        case .never: "no"
        case .unknown: "unknown"
        }
    }

    private static func choice(_ choice: Recommendation.Choice) -> String {
        switch choice {
        case .rotate: "BETTER ROTATE"
        case .replace: "BETTER REPLACE"
        case .neither: "NEITHER"
        case .unknown: "NOT KNOWN"
        }
    }

    /// What stands against a strategy, and what its figures leave out.
    private func remarks(_ key: KeyImpact) -> [Paragraph] {
        obstacles(key)
            + report.strategies.flatMap { strategy -> [Paragraph] in
                guard let side = key.sides[strategy] else { return [] }
                let word = strategy == .rotate ? "rotating" : "replacing"
                var remarks: [Paragraph] = []
                if !side.aliases.isEmpty {
                    let names = side.aliases.map(Self.shown).joined(separator: ", ")
                    remarks.append(Paragraph("Moved by \(word), since something follows it: \(names)."))
                }
                if report.prices != nil, side.verdict != .never, !side.cost.isWhole {
                    remarks.append(Paragraph("Not in the cost of \(word): \(Self.missing(side.cost))"))
                }
                return remarks
            }
    }

    /// What stands against all that was asked for is said once.
    private func obstacles(_ key: KeyImpact) -> [Paragraph] {
        var against: [(obstacle: KeyObstacle, strategies: [ImpactStrategy])] = []
        for strategy in report.strategies {
            for obstacle in key.sides[strategy]?.obstacles ?? [] {
                if let index = against.firstIndex(where: { $0.obstacle == obstacle }) {
                    against[index].strategies.append(strategy)
                } else {
                    against.append((obstacle, [strategy]))
                }
            }
        }
        return against.map { obstacle, strategies in
            let words = strategies.map { $0 == .rotate ? "rotating" : "replacing" }.joined(separator: " and ")
            return Paragraph(
                "Against \(words): \(Self.shown("\(obstacle.words) \(obstacle.remedy)"))"
                    + cited([obstacle.source].compactMap { $0 }))
        }
    }

    private static func missing(_ cost: ImpactCost) -> String {
        let quantities = cost.missingQuantities.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.key.rawValue) of \($0.value) \($0.value == 1 ? "resource" : "resources")" }
        let prices = cost.missingPrices.map { "the price of \($0.rawValue)" }.sorted()
        return (quantities + prices + cost.unpriced.sorted()).joined(separator: "; ") + "."
    }

    private func trap(_ trap: KeyTrap) -> Paragraph {
        Paragraph(
            "\(trap.name): \(Self.shown(trap.words))" + cited(trap.sources), lead: "  - ")
    }

    // MARK: Resources

    /// Without what a strategy would do that does not go with the key at all.
    private func group(_ group: ResourceGroup, _ number: Int, of key: KeyImpact, _ width: Int) -> String {
        let strategies = report.strategies.filter { key.sides[$0]?.verdict != .never }
        let count = group.resources.count
        guard let rule = group.rule else {
            let lines = group.resources.flatMap {
                Self.indented(
                    "\(Self.shown($0.reference.resource)) \(Self.shown($0.reference.setting))", by: 2, width)
            }
            return (["\(number). NO RULE says what becomes of these (\(count)):"] + lines).joined(separator: "\n")
        }
        let followed = Set(group.follows ? group.resources.compactMap(\.reference.names) : [])
        let how = group.follows ? "follows \(followed.count == 1 ? followed.map(Self.shown)[0] : "an alias")" : "pinned"
        let foreign = group.isAcrossAccounts ? ", of another account than the key" : ""
        var lines = [Paragraph("\(rule.title) (\(count)), \(how)\(foreign)", lead: "\(number). ")]
        for strategy in strategies {
            if let effect = group.effects[strategy] { lines += self.effect(effect, strategy) }
        }
        let charges = strategies.flatMap { group.effects[$0]?.charges ?? [] }
        let counted = Quantity.allCases.filter { quantity in charges.contains { $0.quantity == quantity } }
        let unknown = counted.filter { quantity in group.resources.contains { $0.quantities[quantity] == nil } }
        for quantity in unknown {
            let source = rule.quantities[quantity] ?? "nobody here knows how to get them"
            lines.append(Paragraph("\(quantity.rawValue) not known: \(source)", lead: "   "))
        }
        let resources = group.resources.flatMap { resource($0, counted, isNamed: followed.count == 1, width) }
        return Self.wrapped(lines, width) + "\n" + resources.joined(separator: "\n")
    }

    private func callers(of key: KeyImpact, _ number: Int, _ width: Int) -> String {
        var lines = [Paragraph("\(CallerRule.title) (\(key.callers.count)), pinned", lead: "\(number). ")]
        for strategy in report.strategies where key.sides[strategy]?.verdict != .never {
            lines += effect(CallerRule.effect(of: strategy), strategy)
        }
        let callers = key.callers.flatMap { caller in
            Self.indented(Self.shown(caller.caller), by: 2, width)
                + Self.indented(
                    "\(caller.calls) \(caller.calls == 1 ? "call" : "calls") in \(caller.account) \(caller.region), "
                        + "\(caller.first) to \(caller.last): "
                        + caller.operations.map(Self.shown).joined(separator: ", "), by: 4, width)
        }
        return Self.wrapped(lines, width) + "\n" + callers.joined(separator: "\n")
    }

    private func effect(_ effect: ImpactEffect, _ strategy: ImpactStrategy) -> [Paragraph] {
        let stops =
            switch effect.downtime {
            case .none: ""
            case .part: ", part of it stops"
            case .cutOver: ", cut-over"
            }
        var lines = [
            Paragraph(
                "(risk \(effect.grade.rawValue)\(stops)) \(effect.happens)" + cited(effect.sources),
                lead: "   \(strategy.rawValue): ")
        ]
        if let stays = effect.stays { lines.append(Paragraph(stays, lead: "     stays: ")) }
        for (number, step) in effect.steps.enumerated() {
            lines.append(Paragraph(step, lead: "     step \(number + 1): "))
        }
        return lines
    }

    private func resource(_ resource: ResourceImpact, _ counted: [Quantity], isNamed: Bool, _ width: Int) -> [String] {
        let reference = resource.reference
        var about: [String] = []
        if !isNamed, [.alias, .aliasARN].contains(reference.form), let names = reference.names {
            about.append("by \(Self.shown(names))")
        }
        if !resource.members.isEmpty {
            let names = resource.members.map { Self.shown($0.resource) }.joined(separator: ", ")
            about.append("with its \(resource.members.count == 1 ? "instance" : "instances") \(names)")
        }
        if reference.standing == .missing { about.append("the key is missing") }
        about += counted.map { quantity in
            "\(quantity.rawValue) \(resource.quantities[quantity].map(String.init) ?? "unknown")"
        }
        if let prices = report.prices, !counted.isEmpty, let cost = resource.costs[.replace] {
            about.append("once \(Self.cost(cost.once, cost.onceIsWhole, prices))")
            about.append("a month \(Self.cost(cost.monthly, cost.monthlyIsWhole, prices))")
        }
        return Self.indented(Self.shown(reference.resource), by: 2, width)
            + (about.isEmpty ? [] : Self.indented(about.joined(separator: "; "), by: 4, width))
    }

    private static func cost(_ amount: Amount, _ isWhole: Bool, _ prices: PriceList) -> String {
        if isWhole { return "\(amount.text) \(prices.currency)" }
        return amount == .zero ? "unknown" : "\(amount.text) \(prices.currency) or more"
    }

    // MARK: What limits it

    private var unresolved: [Paragraph] {
        unresolved(report.perhapsThese, "it may be one of the above")
            + unresolved(report.noneOfThese, "it is none of the above: those are of other accounts or Regions")
    }

    private func unresolved(_ references: [KeyReference], _ words: String) -> [Paragraph] {
        guard !references.isEmpty else { return [] }
        return [Paragraph("WHICH KEY these name is not known; \(words):")]
            + references.map { reference in
                let names = reference.names.map(Self.shown) ?? "-"
                let why =
                    switch reference.standing {
                    case .noAlias: "there is no such alias"
                    case .noTarget: "the alias leads to no key"
                    case .otherAccount: "of another account"
                    case .known, .missing, .notRead: "not among what was read"
                    }
                return Paragraph("\(Self.shown(reference.resource)), by \(names): \(why)", lead: "  - ")
            }
    }

    private var unread: [Paragraph] {
        [
            Paragraph(
                report.isOfEveryKey
                    ? "NOT READ, so that more may use these keys, and there may be others:"
                    : "NOT READ in the Regions of these keys, of whole accounts, or where a name may lead to another key; more "
                        + "may use them:")
        ]
            + report.unreadOfUses.map { gap in
                Self.gap(gap, gap.resource.map { " of \(Self.shown($0))" } ?? "")
            }
    }

    /// The same of many keys is said once.
    private var unreadOfKeys: [Paragraph] {
        struct Kind: Hashable {
            let account, region, operation: String
            let reason: InventoryGap.Reason
            let code: OutsideText?
        }
        var found: [(kind: Kind, gaps: [InventoryGap])] = []
        for gap in report.unreadOfKeys {
            let kind = Kind(
                account: gap.account, region: gap.region, operation: gap.operation, reason: gap.reason, code: gap.code)
            if found.last?.kind == kind { found[found.count - 1].gaps.append(gap) } else { found.append((kind, [gap])) }
        }
        return [Paragraph("NOT READ of keys themselves, which hides nothing that uses them:")]
            + found.map { _, gaps in
                let keys = gaps.compactMap(\.resource).map(Self.shown)
                return Self.gap(
                    gaps[0], keys.count > 3 ? " of \(keys.count) keys" : " of \(keys.joined(separator: ", "))")
            }
    }

    private static func gap(_ gap: InventoryGap, _ subject: String) -> Paragraph {
        let about = gap.code ?? gap.message
        let code = about.map { " (\(shown($0)))" } ?? ""
        return Paragraph(
            "\(gap.service) \(gap.account) \(gap.region) \(gap.operation)\(subject): \(gap.reason.rawValue)\(code)",
            lead: "  - ")
    }

    private var sourceText: String {
        (["SOURCES"]
            + sources.enumerated().map { index, source in
                "[\(index + 1)] \(source.basis == .documented ? "checked" : "inferred") \(source.checked)\n    "
                    + "\(source.page)"
            }).joined(separator: "\n")
    }

    private var ending: [Paragraph] {
        var lines = [
            Paragraph("Not told here: \(report.untold.map(Self.shown).joined(separator: "; ")).")
        ]
        if let prices = report.prices {
            lines.append(
                Paragraph(
                    "Costs by the prices given, in \(prices.currency), of \(prices.region), until "
                        + "\(prices.validUntil)."))
        }
        lines.append(
            Paragraph(
                "\(report.keys.count) \(report.keys.count == 1 ? "key" : "keys"), as read \(report.snapshotAt) in "
                    + (report.accounts.count == 1
                        ? "account \(report.accounts[0])" : "\(report.accounts.count) accounts")
                    + ", \(report.regions.joined(separator: ", "))."))
        if !Self.isInFull(report) {
            lines.append(
                Paragraph(
                    "This is an overview of more keys than anybody reads. One in full, with what happens to each resource and the "
                        + "steps: the same command with --key and its ARN, or with an alias of it."))
        }
        return lines
    }

    private func cited(_ cited: [RuleSource]) -> String {
        let numbers = cited.compactMap { sources.firstIndex(of: $0) }.map { "[\($0 + 1)]" }
        return numbers.isEmpty ? "" : " " + numbers.joined()
    }

    private static func shown(_ text: OutsideText) -> String { shown(text.text) }
    private static func shown(_ text: String) -> String { Printable.text(text, limit: 2_048) }
}
