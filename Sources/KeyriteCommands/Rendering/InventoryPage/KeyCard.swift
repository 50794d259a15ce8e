import Estate
import Evidence

/// One key of the map, with what leads to it and what uses it; or a name that leads to no key that was read.
struct KeyCard {
    enum Subject {
        case key(InventoryKey)
        /// What resources name, and what is known of that.
        case name(String, KeyReference.Standing, region: String)
    }

    let subject: Subject
    let aliases: [String]
    let uses: [KeyReference]

    /// The account's own keys by alias, then what leads to no key, then AWS's keys so far as something uses them.
    static func all(of snapshot: InventorySnapshot) -> [KeyCard] {
        let uses = Dictionary(grouping: snapshot.references) { $0.standing == .known ? $0.key : nil }
        let keys = snapshot.keys.map { key in
            KeyCard(
                subject: .key(key), aliases: (key.aliases ?? []).map(\.text), uses: uses[key.arn] ?? [])
        }
        let own = keys.filter { !$0.isAWSManaged }.sorted(by: precedes)
        return own + astray(uses[nil] ?? []) + keys.filter { $0.isAWSManaged && !$0.uses.isEmpty }
    }

    private static func astray(_ references: [KeyReference]) -> [KeyCard] {
        struct Name: Hashable {
            let text: String
            let standing: KeyReference.Standing
            let region: String
        }
        let named = Dictionary(grouping: references) { reference in
            Name(
                text: (reference.key ?? reference.names)?.text ?? "the key that AWS manages for \(reference.service)",
                standing: reference.standing, region: reference.region)
        }
        return named.sorted {
            "\($0.key.standing) \($0.key.text) \($0.key.region)" < "\($1.key.standing) \($1.key.text) \($1.key.region)"
        }
        .map { name, uses in
            KeyCard(subject: .name(name.text, name.standing, region: name.region), aliases: [], uses: uses)
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
        case .name(let name, _, _): name
        }
    }

    /// Why a person should look at it; empty where nothing stands out.
    var remarks: [String] {
        switch subject {
        case .name(_, let standing, _): [standing.words]
        case .key(let key):
            [
                key.state.text == "Enabled" ? nil : key.state.text,
                key.expires.map { "expires \($0)" },
                key.materials.flatMap { materials in
                    let missing = materials.count { $0.importState?.text == "PENDING_IMPORT" }
                    return missing == 0 ? nil : "\(missing) of \(materials.count) materials missing"
                },
                key.materials.flatMap { materials in
                    materials.contains { $0.state?.text == "PENDING_ROTATION" } ? "material waits for rotation" : nil
                },
                key.rotationsUsed.flatMap { $0 >= InventoryKey.rotationBudget ? "no rotation left" : nil },
            ].compactMap(\.self)
        }
    }
}

extension KeyReference.Standing {
    /// Of a key that is named.
    var words: String {
        switch self {
        case .known: "read"
        case .missing: "there is no such key"
        case .noTarget: "the alias leads to no key"
        case .noAlias: "there is no such alias"
        case .otherAccount: "of an account that was not read"
        case .notRead: "not among what was read"
        }
    }
}
