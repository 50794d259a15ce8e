import AWS
import Estate
import Evidence
import Room

/// What is said of one key as a whole.
extension ImpactWords {
    func keyText(_ key: KeyImpact, _ width: Int) -> String {
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

    func title(_ key: KeyImpact, _ width: Int) -> String {
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
    static func indented(_ text: String, by columns: Int, _ width: Int) -> [String] {
        Wrap.lines(text, width: width - columns, keepsWords: true).map { Wrap.blank(columns) + $0 }
    }

    func summary(_ key: KeyImpact, _ width: Int) -> String {
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

    static func verdict(_ verdict: StrategyImpact.Verdict) -> String {
        switch verdict {
        case .possible: "yes"
        case .notNow: "not now"
        case .never: "no"
        case .unknown: "unknown"
        }
    }

    static func choice(_ choice: Recommendation.Choice) -> String {
        switch choice {
        case .rotate: "BETTER ROTATE"
        case .replace: "BETTER REPLACE"
        case .neither: "NEITHER"
        case .unknown: "NOT KNOWN"
        }
    }

    /// What stands against a strategy, and what its figures leave out.
    func remarks(_ key: KeyImpact) -> [Paragraph] {
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
    func obstacles(_ key: KeyImpact) -> [Paragraph] {
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

    static func missing(_ cost: ImpactCost) -> String {
        let quantities = cost.missingQuantities.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.key.rawValue) of \($0.value) \($0.value == 1 ? "resource" : "resources")" }
        let prices = cost.missingPrices.map { "the price of \($0.rawValue)" }.sorted()
        return (quantities + prices + cost.unpriced.sorted()).joined(separator: "; ") + "."
    }

    func trap(_ trap: KeyTrap) -> Paragraph {
        Paragraph(
            "\(trap.name): \(Self.shown(trap.words))" + cited(trap.sources), lead: "  - ")
    }
}
