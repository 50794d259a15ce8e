import Estate
import Evidence

/// One key of the map, with what leads to it and what uses it; or a name that leads to no key that was read.
struct KeyCard {
    enum Subject {
        case key(InventoryKey)
        /// What resources name, and what is known of that.
        case name(String, KeyReference.Standing, account: String, region: String)
    }

    let subject: Subject
    let aliases: [String]
    let uses: [KeyUse]
    /// Whether all was read that may use it; of a name that leads to no key that was read, all that names it.
    let usesAreWhole: Bool

    /// The account's own keys by alias, then what leads to no key, then AWS's keys so far as something uses them.
    static func all(of snapshot: InventorySnapshot) -> [KeyCard] {
        var uses: [OutsideText: [KeyUse]] = [:]
        var astray: [Name: [KeyUse]] = [:]
        func add(_ use: KeyUse, _ key: OutsideText?, _ name: OutsideText?, _ standing: KeyReference.Standing) {
            guard standing == .known, let key else {
                let text = (key ?? name)?.text ?? "the key that AWS manages for \(use.service)"
                let account = text.hasPrefix("arn:") ? "" : use.account
                let name = Name(text: text, standing: standing, account: account, region: use.region)
                return astray[name, default: []].append(use)
            }
            uses[key, default: []].append(use)
        }
        for reference in snapshot.references {
            add(KeyUse(reference), reference.key, reference.names, reference.standing)
        }
        for caller in snapshot.callers { add(KeyUse(caller), caller.key, caller.names, caller.standing) }
        var names: [OutsideText: [String]] = [:]
        for alias in snapshot.aliases {
            if let key = alias.key { names[key, default: []].append(alias.name.text) }
            guard alias.standing != .known else { continue }
            let astrayName = Name(alias)
            // Those of AWS's services lead to no key until it is used.
            if astray[astrayName] == nil, !alias.name.text.hasPrefix("alias/aws/") { astray[astrayName] = [] }
        }
        let hidden = HiddenUses(snapshot.unread)
        let keys = snapshot.keys.map { key in
            let aliases = key.aliases?.map(\.text) ?? names[key.arn] ?? []
            return KeyCard(
                subject: .key(key), aliases: aliases, uses: KeyUse.mixed(uses[key.arn] ?? []),
                usesAreWhole: !hidden.mayUse(key.arn, in: key.region))
        }
        return keys.filter { !$0.isAWSManaged }.sorted(by: precedes)
            + astray.sorted { $0.key.order < $1.key.order }.map { name, uses in
                KeyCard(
                    subject: .name(name.text, name.standing, account: name.account, region: name.region),
                    aliases: names[OutsideText(name.text)] ?? [], uses: KeyUse.mixed(uses), usesAreWhole: true)
            } + keys.filter { $0.isAWSManaged && !$0.uses.isEmpty }
    }

    /// What leads to no key that was read.
    private struct Name: Hashable {
        let text: String
        let standing: KeyReference.Standing
        /// Of what uses it, where it is looked for; empty where the name has one itself.
        let account: String
        let region: String

        var order: String { "\(standing) \(text) \(account) \(region)" }

        init(text: String, standing: KeyReference.Standing, account: String, region: String) {
            (self.text, self.standing, self.account, self.region) = (text, standing, account, region)
        }

        /// The key to which an alias leads; the alias itself where it leads to none.
        init(_ alias: KeyAlias) {
            let (text, account) = alias.key.map { ($0.text, "") } ?? (alias.name.text, alias.account)
            self.init(text: text, standing: alias.standing, account: account, region: alias.region)
        }
    }

    private static func precedes(_ one: KeyCard, _ other: KeyCard) -> Bool {
        // Keys without an alias last.
        func order(_ card: KeyCard) -> (Int, String) { card.aliases.first.map { (0, $0) } ?? (1, card.title) }
        return order(one) < order(other)
    }

    var isAWSManaged: Bool {
        if case .key(let key) = subject { key.manager?.text == "AWS" } else { false }
    }

    /// What it is called where there is room for one word.
    var title: String {
        switch subject {
        case .key(let key): key.id.text
        case .name(let name, _, _, _): name
        }
    }

    /// Why a person should look at it; empty where nothing stands out.
    var remarks: [String] {
        switch subject {
        case .name(_, let standing, _, _): [standing.words]
        case .key(let key):
            Self.unread(of: key)
                + [
                    key.state.text == "Enabled" ? nil : key.state.text,
                    key.deleted.map { "is deleted \($0)" },
                    key.expires.map { "expires \($0)" },
                    key.materials.flatMap { materials in
                        let missing = materials.count { $0.importState?.text == "PENDING_IMPORT" }
                        return missing == 0 ? nil : "\(missing) of \(materials.count) materials missing"
                    },
                    key.materials.flatMap { materials in
                        materials.contains { $0.state?.text.hasPrefix("PENDING_") == true }
                            ? "material waits for rotation" : nil
                    },
                    key.rotationsUsed.flatMap(Self.rotations),
                ].compactMap(\.self)
        }
    }

    /// So few rotations left stand out: a new key takes time to plan.
    private static let fewRotations = 5

    private static func rotations(used: Int) -> String? {
        let left = max(0, InventoryKey.rotationBudget - used)
        guard left <= fewRotations else { return nil }
        return left == 0 ? "no rotation left" : "\(left) \(left == 1 ? "rotation" : "rotations") left"
    }

    /// What KMS did not tell, without which the card says too little.
    private static func unread(of key: InventoryKey) -> [String] {
        guard key.manager?.text != "AWS" else { return [] }
        return [
            key.aliases == nil ? "aliases not read, or not all" : nil,
            key.hasRotations && key.materials == nil ? "materials and rotations not read" : nil,
        ].compactMap(\.self)
    }
}

extension KeyReference.Standing {
    /// Of a key that is named.
    var words: String {
        switch self {
        case .known: "read"
        case .missing: "this key is not there"
        case .noTarget: "the alias leads to no key"
        case .noAlias: "there is no such alias"
        case .otherAccount: "of an account that was not read"
        case .notRead: "not among what was read"
        }
    }
}
