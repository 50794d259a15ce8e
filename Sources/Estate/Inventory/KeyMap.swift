import AWS

/// The keys and aliases that were read, to tell what a name leads to.
struct KeyMap {
    private let partition: String
    private let found: [InventoryPlace: KeyReader.Found]
    /// Those that were read, if only in part.
    private let accounts: Set<String>
    private let keys: Set<String>
    /// By name.
    private let aliases: [InventoryPlace: [String: AliasListEntry]]

    init(partition: String, _ found: [InventoryPlace: KeyReader.Found]) {
        self.partition = partition
        self.found = found
        accounts = Set(found.keys.map(\.account))
        keys = Set(found.values.flatMap(\.keys).map(\.arn.text))
        aliases = found.mapValues { Dictionary($0.aliases.map { ($0.aliasName, $0) }) { first, _ in first } }
    }

    /// What is known of a key: its ARN, and where it stands.
    typealias Target = (key: String?, standing: KeyReference.Standing)

    /// - Parameter place: Where the name is used.
    func target(of name: KeyName, usedIn place: InventoryPlace) -> Target {
        switch name {
        case .keyID(let id): target(of: keyARN(id, in: place), in: place)
        case .keyARN(let arn, let region, let owner):
            accounts.contains(owner) ? target(of: arn, in: self.place(owner, region)) : (arn, .otherAccount)
        case .alias(let name): target(ofAlias: name, in: place)
        case .aliasARN(let name, let region, let owner):
            accounts.contains(owner) ? target(ofAlias: name, in: self.place(owner, region)) : (nil, .otherAccount)
        }
    }

    /// Where an alias that is in a place leads.
    func target(of alias: AliasListEntry, in place: InventoryPlace) -> Target {
        guard let id = alias.targetKeyID, !id.isEmpty else { return (nil, .noTarget) }
        return target(of: keyARN(id, in: place), in: place)
    }

    private func target(ofAlias name: String, in place: InventoryPlace) -> Target {
        guard let there = found[place] else { return (nil, .notRead) }
        guard let alias = aliases[place]?[name] else { return (nil, there.aliasesAreWhole ? .noAlias : .notRead) }
        return target(of: alias, in: place)
    }

    private func target(of arn: String, in place: InventoryPlace) -> Target {
        if keys.contains(arn) { return (arn, .known) }
        return (arn, found[place]?.keysAreWhole == true ? .missing : .notRead)
    }

    func place(_ account: String, _ region: String) -> InventoryPlace {
        InventoryPlace(partition: partition, account: account, region: region)
    }

    private func keyARN(_ id: String, in place: InventoryPlace) -> String {
        "arn:\(partition):kms:\(place.region):\(place.account):key/\(id)"
    }
}
