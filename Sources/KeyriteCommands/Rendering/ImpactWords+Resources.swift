import AWS
import Estate
import Evidence
import Room

/// What is said of what uses a key: resources, and callers.
extension ImpactWords {
    /// Without what a strategy would do that does not go with the key at all.
    func group(_ group: ResourceGroup, _ number: Int, of key: KeyImpact, _ width: Int) -> String {
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
        // What is known of none of them is said above.
        let told = counted.filter { quantity in group.resources.contains { $0.quantities[quantity] != nil } }
        let resources = group.resources.flatMap { resource in
            self.resource(
                resource, told, isBilled: !counted.isEmpty, isNamed: followed.count == 1, width)
        }
        return Self.wrapped(lines, width) + "\n" + resources.joined(separator: "\n")
    }

    func callers(of key: KeyImpact, _ number: Int, _ width: Int) -> String {
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

    func effect(_ effect: ImpactEffect, _ strategy: ImpactStrategy) -> [Paragraph] {
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

    func resource(
        _ resource: ResourceImpact, _ told: [Quantity], isBilled: Bool, isNamed: Bool, _ width: Int
    ) -> [String] {
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
        if reference.deleted != nil { about.append("scheduled for deletion") }
        about += told.map { quantity in
            "\(quantity.rawValue) \(resource.quantities[quantity].map(String.init) ?? "unknown")"
        }
        if let prices = report.prices, isBilled, let cost = resource.costs[.replace] {
            about.append("once \(Self.cost(cost.once, cost.onceIsWhole, prices))")
            about.append("a month \(Self.cost(cost.monthly, cost.monthlyIsWhole, prices))")
        }
        return Self.indented(Self.shown(reference.resource), by: 2, width)
            + (about.isEmpty ? [] : Self.indented(about.joined(separator: "; "), by: 4, width))
    }

    static func cost(_ amount: Amount, _ isWhole: Bool, _ prices: PriceList) -> String {
        if isWhole { return "\(amount.text) \(prices.currency)" }
        return amount == .zero ? "unknown" : "\(amount.text) \(prices.currency) or more"
    }
}
