package import Evidence

/// What became of asking what a change of keys would do.
package struct ImpactReport: Hashable, Sendable {
    /// When the snapshot was begun.
    package let snapshotAt: Timestamp
    /// Those that were read, if only in part.
    package let accounts: [String]
    /// Whether it is known which instances are of a cluster.
    package let knowsClusters: Bool
    /// Whether it is known which secrets are scheduled for deletion.
    package let knowsDeletedSecrets: Bool
    package let regions: [String]
    /// Those in which callers were looked for; nil where there were none.
    package let events: EventsSeen?
    package let strategies: [ImpactStrategy]
    package let prices: PriceList?
    /// Whether every key was asked for, and none by its name.
    package let isOfEveryKey: Bool
    /// By ARN.
    package let keys: [KeyImpact]
    /// What names a key of which nobody knows which one it is: it may be one of these; of every key, also what is none of
    /// them.
    package let unresolved: [KeyReference]
    /// What could not be read in the Regions of these keys, or of themselves, and accounts that nobody entered; of every key,
    /// all that could not be read.
    package let unread: [InventoryGap]

    /// What names a key of an account and Region where one of these is: an alias and its key share both.
    package var perhapsThese: [KeyReference] {
        let places = Set(keys.compactMap(\.place))
        return unresolved.filter { places.contains($0.placeOfName) }
    }
    /// What names a key that is not known, and none of these.
    package var noneOfThese: [KeyReference] {
        let places = Set(keys.compactMap(\.place))
        return unresolved.filter { !places.contains($0.placeOfName) }
    }

    /// Of every key: what leaves open which keys there are.
    package var hiddenKeys: [InventoryGap] { isOfEveryKey ? unread.filter(\.hidesKeys) : [] }
    /// What could not be read of these keys themselves: of what uses them it hides nothing.
    package var unreadOfKeys: [InventoryGap] { unread.filter { $0.ownKey != nil } }
    /// What could not be read, and may use these keys.
    package var unreadOfUses: [InventoryGap] { unread.filter { $0.ownKey == nil } }

    /// What the snapshot does not tell.
    package var untold: [String] {
        [
            "objects that were written under another key than their bucket's default, in any bucket",
            programs,
            "who decrypts under a symmetric key and names none, as Decrypt lets: KMS finds the key, and they need it all the same",
        ] + keys.compactMap(\.untoldElsewhere) + clusters + deletedSecrets + [
            "backups of AWS Backup, whose vaults have keys of their own",
            "other services that the inventory does not read",
            "what accounts have that were not read: they may use a key whose policy or grants let them, and have copies",
        ]
    }

    private var deletedSecrets: [String] {
        knowsDeletedSecrets ? [] : ["which secrets are scheduled for deletion: they take no change until RestoreSecret"]
    }

    private var clusters: [String] {
        knowsClusters ? [] : ["which instances of RDS are of a cluster: they are counted beside it"]
    }

    private var programs: String {
        guard let events else { return "programs that call KMS themselves, by key id, ARN or alias" }
        if unread.contains(where: { $0.service == CallerLookup.service }) {
            let when = events.since.map { "before \($0)" } ?? "before or after the events that the inventory was given"
            return
                "programs that call KMS by alias, and those that call it by key id or ARN and stand in what could not be "
                + "read of CloudTrail, or called \(when) only"
        }
        if let since = events.since {
            return "programs that call KMS by alias, and those that called it by key id or ARN before \(since) only"
        }
        let when = events.first.map { "are from \($0) to \(events.last ?? $0)" } ?? "have none of KMS"
        return "programs that call KMS by alias, and those that call it by key id or ARN and are not in the events "
            + "that the inventory was given, which \(when)"
    }

    /// Whether something limits what is said here.
    package var isLimited: Bool {
        !unread.isEmpty || unresolved.contains { [.notRead, .otherAccount].contains($0.standing) }
            || keys.contains { key in
                !key.relatedElsewhere.isEmpty || key.sides.values.contains { $0.verdict == .unknown }
                    || key.groups.contains { $0.rule == nil }
            }
    }
}

/// What a change of one key would do.
package struct KeyImpact: Hashable, Sendable {
    package let arn: OutsideText
    package let region: String?
    /// nil where the snapshot has only what names it.
    package let key: InventoryKey?
    /// Names, sorted; nil where they were not read.
    package let aliases: [OutsideText]?
    /// Whether all was read that may use it: in its Region, and of every account.
    package let usesAreWhole: Bool
    /// Whether all was read that KMS tells of it.
    package let factsAreWhole: Bool
    /// ARNs of its related multi-Region keys that are not looked at beside it: they have the same material, and what uses them
    /// stands elsewhere.
    package let relatedElsewhere: [OutsideText]
    package let traps: [KeyTrap]
    package let sides: [ImpactStrategy: StrategyImpact]
    /// Where both strategies were asked for.
    package let recommendation: Recommendation?
    package let groups: [ResourceGroup]
    /// Who calls KMS by its id or ARN, as the inventory's events have it; `CallerRule` says what becomes of them.
    package let callers: [InventoryCaller]
}

extension KeyImpact {
    /// Whether all was read of it and in its Region, every account was entered, and its related keys are looked at beside it.
    package var isWhole: Bool { readsAllUses && factsAreWhole }

    /// Whether nothing that was not read may use it, or a key that has the same material.
    package var readsAllUses: Bool { usesAreWhole && relatedElsewhere.isEmpty }

    /// Its account and Region, which its ARN says.
    var place: [String]? {
        guard case .keyARN(_, let region, let account) = KeyName(arn.text) else { return nil }
        return [account, region]
    }

    /// What uses its related keys; nil where they stand beside it.
    fileprivate var untoldElsewhere: String? {
        guard !relatedElsewhere.isEmpty else { return nil }
        let regions = Set(
            relatedElsewhere.map { related in
                if case .keyARN(_, let region, _) = KeyName(related.text) { region } else { related.text }
            }
        ).sorted()
        let keys = ([arn] + relatedElsewhere).map { "--key \($0.text)" }.joined(separator: " ")
        return "what uses the related keys of \(arn.text) in \(regions.joined(separator: ", ")): read there, too, and "
            + "name each (\(keys))"
    }
}

/// What one strategy comes to for a key.
package struct StrategyImpact: Hashable, Sendable {
    /// Whether the strategy goes with the key at all: by the gravest of its obstacles.
    package enum Verdict: String, Sendable {
        case possible
        case notNow = "not-now"
        case never
        case unknown
    }

    package let verdict: Verdict
    package let obstacles: [KeyObstacle]
    /// The highest of its resources and callers; unknown where more may use the key than was read, and may ask for more.
    package let grade: RiskGrade
    /// The highest of those that were read.
    package let readGrade: RiskGrade
    /// Settings of resources, and callers, by what stops.
    package let downtimes: [Downtime: Int]
    /// Settings of resources, and callers, by whether steps are needed.
    package let untouched: Int
    package let changed: Int
    /// How many leave something under the old material, or key.
    package let staying: Int
    /// Settings that no rule is about: what becomes of them, nobody here knows.
    package let withoutRule: Int
    /// The aliases that something follows, as it names them: they are moved to a new key.
    package let aliases: [OutsideText]
    package let cost: ImpactCost
}

/// Which strategy is better for a key, in the words that people are shown.
package struct Recommendation: Hashable, Sendable {
    /// `neither` where nothing goes, `unknown` where what decides was not read.
    package enum Choice: String, Sendable {
        case rotate
        case replace
        case neither
        case unknown
    }

    package let choice: Choice
    package let why: String
}

/// Resources of which the same holds.
package struct ResourceGroup: Hashable, Sendable {
    /// nil for a kind of setting that has none.
    package let rule: ImpactRule?
    package let follows: Bool
    package let isAcrossAccounts: Bool
    package let effects: [ImpactStrategy: ImpactEffect]
    package let resources: [ResourceImpact]
}

/// One setting of a resource, with what only it has: the same effects hold of all in its group.
package struct ResourceImpact: Hashable, Sendable {
    package let reference: KeyReference
    /// Of a cluster: its instances, which are moved with it and count as one with it.
    package let members: [KeyReference]
    package let quantities: [Quantity: Int]
    package let costs: [ImpactStrategy: ImpactCost]
}

/// What is known of a cost, and what would have to be known for the rest.
package struct ImpactCost: Hashable, Sendable {
    /// So many of an item at its price; paid once or by the month, as the item has it.
    package struct Line: Hashable, Sendable {
        package let item: PriceItem
        package let count: Int
        package let amount: Amount
    }

    /// By item.
    package var lines: [Line] = []
    package var missingPrices: Set<PriceItem> = []
    /// With how many resources lack it.
    package var missingQuantities: [Quantity: Int] = [:]
    /// The prices are another Region's, or what is billed for such a key is not known here.
    package var unpriced: Set<String> = []
    /// Items that would be billed, and of which nobody can say how much.
    package var incomplete: Set<PriceItem> = []

    package var once: Amount { sum { !$0.item.isMonthly } }
    package var monthly: Amount { sum { $0.item.isMonthly } }
    package var isWhole: Bool { incomplete.isEmpty }
    package var onceIsWhole: Bool { !incomplete.contains { !$0.isMonthly } }
    package var monthlyIsWhole: Bool { !incomplete.contains { $0.isMonthly } }

    private func sum(_ included: (Line) -> Bool) -> Amount {
        lines.filter(included).reduce(.zero) { $0 + $1.amount }
    }

    mutating func add(_ other: ImpactCost) {
        lines += other.lines
        missingPrices.formUnion(other.missingPrices)
        missingQuantities.merge(other.missingQuantities, uniquingKeysWith: +)
        unpriced.formUnion(other.unpriced)
        incomplete.formUnion(other.incomplete)
    }
}
