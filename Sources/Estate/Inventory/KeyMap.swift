import AWS

/// The keys and aliases that were read, to tell what a name leads to.
struct KeyMap {
    private let account: String
    private let partition: String
    private let found: [String: KeyReader.Found]
    private let keys: Set<String>
    /// By Region and name.
    private let aliases: [String: [String: AliasListEntry]]

    /// - Parameter found: By Region.
    init(partition: String, account: String, _ found: [String: KeyReader.Found]) {
        self.partition = partition
        self.account = account
        self.found = found
        keys = Set(found.values.flatMap(\.keys).map(\.arn.text))
        aliases = found.mapValues { Dictionary($0.aliases.map { ($0.aliasName, $0) }) { first, _ in first } }
    }

    /// What is known of a key: its ARN, and where it stands.
    typealias Target = (key: String?, standing: KeyReference.Standing)

    /// - Parameter region: Where the name is used.
    func target(of name: KeyName, usedIn region: String) -> Target {
        switch name {
        case .keyID(let id): target(of: keyARN(id, in: region), in: region)
        case .keyARN(let arn, let region, let owner):
            owner == account ? target(of: arn, in: region) : (arn, .otherAccount)
        case .alias(let name): target(ofAlias: name, in: region)
        case .aliasARN(let name, let region, let owner):
            owner == account ? target(ofAlias: name, in: region) : (nil, .otherAccount)
        }
    }

    /// Where an alias of the account leads.
    func target(of alias: AliasListEntry, in region: String) -> Target {
        guard let id = alias.targetKeyID, !id.isEmpty else { return (nil, .noTarget) }
        return target(of: keyARN(id, in: region), in: region)
    }

    private func target(ofAlias name: String, in region: String) -> Target {
        guard let there = found[region] else { return (nil, .notRead) }
        guard let alias = aliases[region]?[name] else { return (nil, there.aliasesAreWhole ? .noAlias : .notRead) }
        return target(of: alias, in: region)
    }

    private func target(of arn: String, in region: String) -> Target {
        if keys.contains(arn) { return (arn, .known) }
        return (arn, found[region]?.keysAreWhole == true ? .missing : .notRead)
    }

    private func keyARN(_ id: String, in region: String) -> String {
        "arn:\(partition):kms:\(region):\(account):key/\(id)"
    }
}
