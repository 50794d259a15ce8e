import AWS

/// Keys that somebody names, looked for in accounts and Regions before what uses them is read.
package struct KeySearch: Sendable {
    /// What KMS said in each place, and the ARN of each name that leads to a key there.
    typealias Answer = (place: InventoryPlace, (found: KeyReader.Found, arns: [KeyName: String?]))

    private let names: [String]
    private let accounts: [InventoryAccount]
    private let answers: [(place: InventoryPlace, arns: [KeyName: String?])]
    let found: [InventoryPlace: KeyReader.Found]

    /// The most keys or aliases that are named where the one that is looked for is none or several.
    private static let most = 10
    /// The most Regions.
    private static let mostShown = 5

    init(_ names: [String], among accounts: [InventoryAccount], _ answers: [Answer]) {
        self.names = names
        self.accounts = accounts
        self.answers = answers.map { ($0.place, $0.1.arns) }
        found = Dictionary(answers.map { ($0.place, $0.1.found) }) { first, _ in first }
    }

    /// Regions in which these keys serve.
    package var regions: Set<String> {
        Set(
            answers.filter { $0.arns.values.contains { $0 != nil } }.map(\.place.region)
                + names.compactMap { name in
                    if case .keyARN(_, let region, _) = KeyName(name) { region } else { nil }
                })
    }

    /// Of places outside these Regions: where KMS did not say whether a name leads to a key.
    var untold: [InventoryGap] {
        let regions = regions
        return found.filter { !regions.contains($0.key.region) }.values.flatMap(\.gaps).filter { $0.soughtName != nil }
    }

    /// The keys' ARNs, in the order of the names. One of an account that was not looked at is taken as it stands: what
    /// names it may be found all the same.
    ///
    /// - Throws: `EstateError` for a name that leads to no key, or to more than one, for a Region that was not looked at, and
    ///   where KMS did not say.
    package func arns() throws(EstateError) -> [String] {
        var arns: [String] = []
        for name in names { arns.append(try arn(of: name)) }
        return arns
    }

    private func arn(of name: String) throws(EstateError) -> String {
        try demandPartition(name)
        let key = KeyName(name)
        let leads = answers.compactMap { $0.arns[key] }
        let found = Set(leads.compactMap { $0 }).sorted()
        if let only = found.first {
            guard found.count == 1 else {
                throw Self.refusal(name, "that is more than one key; give one's ARN: \(Self.list(found))")
            }
            return only
        }
        guard leads.isEmpty else {
            throw Self.refusal(name, Self.leadsNowhere(key))
        }
        switch key {
        case .keyARN(let arn, let region, let account):
            try demandRead(name, account, region)
            if !isRead(account) { return arn }
        case .aliasARN(_, let region, let account):
            guard isRead(account) else {
                throw Self.refusal(
                    name,
                    "the alias is of account \(account), which is not read; read it by a role of it (--role), or give "
                        + "the key's ARN")
            }
            try demandRead(name, account, region)
        case .keyID, .alias: break
        }
        // KMS refuses what is no name of a key.
        let gaps = Self.slip(key) == nil ? gaps(of: key) : []
        guard gaps.isEmpty else { throw EstateError("--key \(name)", notTold(key, gaps), isUntold: true) }
        throw Self.refusal(name, notFound(key, text: name))
    }

    private func demandPartition(_ name: String) throws(EstateError) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard let read = answers.first?.place.partition, parts.count > 1, parts[0] == "arn", parts[1] != read else {
            return
        }
        throw Self.refusal(
            name, "it is of partition \(parts[1]), and the site is of \(read); give a site of that partition")
    }

    /// Where nobody knows whether a name leads to a key.
    private func gaps(of key: KeyName) -> [InventoryGap] {
        let name: KeyName =
            switch key {
            case .aliasARN(let alias, _, _): .alias(alias)
            case .keyID, .keyARN, .alias: key
            }
        return sortedGaps.filter { $0.soughtName == name }
    }

    private func isRead(_ account: String) -> Bool { accounts.contains { $0.id == account } }

    /// Of an account that is not read, what uses its key is looked for in the others.
    private func demandRead(_ name: String, _ account: String, _ region: String) throws(EstateError) {
        let own = accounts.filter { $0.id == account || !isRead(account) }
        guard !own.contains(where: { $0.regions.contains(region) }) else { return }
        // One Region that is named is looked at in place of the site's own.
        let regions = Set(accounts.flatMap(\.regions) + [region]).sorted()
        let all = regions.count > Self.mostShown ? [region] : regions
        throw Self.refusal(
            name,
            "it is of Region \(region), which is not read; give \(all.map { "--region \($0)" }.joined(separator: " "))"
                + (all.count < regions.count ? ", beside the others" : ""))
    }

    // MARK: In words

    private static func refusal(_ name: String, _ reason: String) -> EstateError {
        EstateError("--key \(name)", reason)
    }

    private static func leadsNowhere(_ key: KeyName) -> String {
        switch key {
        case .alias(let alias), .aliasARN(let alias, _, _):
            if alias.hasPrefix("alias/aws/") {
                return "the alias leads to no key: AWS makes the key of a service when it is first used"
            }
        case .keyID, .keyARN: break
        }
        return "the alias leads to no key that is there: let it lead to another, or name a key"
    }

    private func notTold(_ key: KeyName, _ gaps: [InventoryGap]) -> String {
        let kind =
            switch key {
            case .alias, .aliasARN: "an alias"
            case .keyID, .keyARN: "a key"
            }
        return "whether there is such \(kind) is not known: "
            + "\(gaps.map(Self.words).joined(separator: ", ")); let whoever reads call that, or try again"
    }

    /// Up to ten of them.
    private static func list(_ arns: [String]) -> String {
        arns.prefix(most).joined(separator: ", ") + (arns.count > most ? ", and \(arns.count - most) more" : "")
    }

    private func notFound(_ key: KeyName, text: String) -> String {
        var words: [String]
        switch key {
        case .keyID:
            words = ["there is no such key in \(places)", hint(text)]
        case .keyARN:
            words = ["there is no such key: it was deleted, or its id is another"]
            words.append("what still names it stands in keyrite inventory")
        case .alias, .aliasARN:
            words = ["there is no such alias in \(places)"]
            let own = Self.likest(text, aliases.filter { !$0.hasPrefix("alias/aws/") })
            if !own.isEmpty { words.append("there are \(Self.list(own))") }
        }
        if !unread.isEmpty {
            words.append("it may be where nobody could look: \(unread.joined(separator: ", "))")
        } else if case .keyARN = key {
        } else {
            let these = Set(accounts.flatMap(\.regions)).count == 1 ? "this one" : "these"
            words.append(
                "another Region is looked at with --region (name \(these), too, if other keys are there), another account "
                    + "with --role")
        }
        return words.joined(separator: "; ")
    }

    /// What is wrong with what cannot be a key's id.
    private static func slip(_ key: KeyName) -> String? {
        guard case .keyID(let text) = key else { return nil }
        if text.contains(where: \.isWhitespace) { return "it has a blank in it: give it without" }
        return text.hasPrefix("key/") ? "a key's id is what follows key/: give \(text.dropFirst(4))" : nil
    }

    /// What may be meant by what is no key's id.
    private func hint(_ text: String) -> String {
        if let slip = Self.slip(.keyID(text)) { return slip }
        return aliases.contains("alias/" + text)
            ? "if alias/\(text) is meant, give it as that"
            : "a key is named by its id or ARN, or by an alias, whose name begins with alias/"
    }

    /// Those first that begin most like the text.
    private static func likest(_ text: String, _ names: some Collection<String>) -> [String] {
        names.map { (shared: zip($0.utf8, text.utf8).prefix { $0 == $1 }.count, name: $0) }
            .sorted { ($1.shared, $0.name) < ($0.shared, $1.name) }.map(\.name)
    }

    private var places: String {
        let regions = Set(accounts.flatMap(\.regions)).sorted()
        let shown = regions.count > Self.mostShown ? "\(regions.count) Regions" : regions.joined(separator: ", ")
        return (accounts.count == 1 ? "account \(accounts[0].id), " : "\(accounts.count) accounts, ") + shown
    }

    private var aliases: Set<String> { Set(found.values.flatMap(\.aliases).map(\.aliasName)) }

    /// Why a name may be there that was not found.
    private var unread: [String] { sortedGaps.map(Self.words) }

    private var sortedGaps: [InventoryGap] {
        found.sorted { ($0.key.account, $0.key.region) < ($1.key.account, $1.key.region) }.flatMap(\.value.gaps)
    }

    private static func words(_ gap: InventoryGap) -> String {
        "\(gap.operation) in \(gap.account), \(gap.region): \(gap.reason.rawValue)"
            + (gap.code.map { " (\($0.text))" } ?? "")
    }
}
