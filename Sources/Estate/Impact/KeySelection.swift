import AWS

/// Which keys are looked at.
struct KeySelection {
    private let snapshot: InventorySnapshot

    /// What references name that the snapshot is without.
    private let alsoNamed: Set<OutsideText>

    /// - Parameter alsoNamed: ARNs that references name which the snapshot is without.
    init(_ snapshot: InventorySnapshot, alsoNamed: Set<OutsideText> = []) {
        (self.snapshot, self.alsoNamed) = (snapshot, alsoNamed)
    }

    /// ARNs, sorted: all keys that are not AWS's, and those that something or somebody names and that were not
    /// read.
    var all: [OutsideText] {
        let aws = Set(snapshot.keys.filter { $0.manager?.text == "AWS" }.map(\.arn))
        let named = snapshot.references.filter { $0.form != .serviceDefault }.compactMap(\.key)
        return Set(snapshot.keys.map(\.arn) + named + called).union(alsoNamed).subtracting(aws).sorted()
    }

    /// ARNs of those whose callers CloudTrail is asked for, sorted: all of these, and those that are listed or that an alias
    /// leads to, and of which KMS did not tell.
    var lookedUp: [OutsideText] {
        let aws = snapshot.keys.filter { $0.manager?.text == "AWS" }.map(\.arn)
        let undescribed = snapshot.unread.filter {
            $0.service == KeyReader.service.name && $0.operation == DescribeKey.name
        }.compactMap(\.resource)
        let aliases = snapshot.aliases.filter { $0.standing != .missing }
        let (services, own) = (aliases.filter(\.isOfService), aliases.filter { !$0.isOfService })
        return Set(all + undescribed + own.compactMap(\.key)).subtracting(aws + services.compactMap(\.key)).sorted()
    }

    /// - Parameter name: A key's ARN or id, an alias's name or ARN.
    /// - Throws: `EstateError` for what the snapshot has not, or has more than once.
    func key(named name: String) throws(EstateError) -> OutsideText {
        func refusal(_ reason: String) -> EstateError { EstateError("--key \(name)", reason) }
        let found: Set<OutsideText>
        switch KeyName(name) {
        case .keyARN: found = known.filter { $0.text.utf8.elementsEqual(name.utf8) }
        case .keyID: found = known.filter { $0.text.utf8.reversed().starts(with: "/\(name)".utf8.reversed()) }
        case .alias, .aliasARN:
            let aliases = snapshot.aliases.filter { [$0.name, $0.arn].contains(OutsideText(name)) }
            guard !aliases.isEmpty else {
                throw refusal(
                    "the snapshot has no such alias; look at its account and Regions, and at what was not "
                        + "read")
            }
            found = Set(aliases.compactMap(\.key))
            if found.isEmpty { throw refusal("the alias leads to no key") }
            if found.count < aliases.count, aliases.count > 1 {
                throw refusal(
                    "\(aliases.count) aliases have that name, and not all lead to a key; give an ARN: "
                        + "\(Self.list(aliases.map(\.arn)))")
            }
        }
        guard let only = found.first else {
            if let gaps = gaps(of: name) { throw EstateError("--key \(name)", gaps, isUntold: true) }
            throw refusal(notFound(name))
        }
        guard found.count == 1 else {
            throw refusal("that is more than one key; give one's ARN: \(Self.list(found.sorted()))")
        }
        return only
    }

    /// Why KMS did not tell of a key; nil where it did.
    private func gaps(of name: String) -> String? {
        let gaps = snapshot.unread.filter { $0.resource == OutsideText(name) }.map { gap in
            "\(gap.operation) \(gap.reason.rawValue)\(gap.code.map { " (\($0.text))" } ?? "")"
        }
        if gaps.isEmpty { return nil }
        return "KMS did not tell of it (\(Set(gaps).sorted().joined(separator: ", "))), and nothing that was read "
            + "names it; let whoever reads call that, and read again"
    }

    private func notFound(_ name: String) -> String {
        if case .keyARN(_, _, let account) = KeyName(name), !snapshot.header.accounts.contains(account) {
            return "it is of account \(account), which was not read, and nothing that was read names it; read that "
                + "account, too, by a role of it (--role)"
        }
        return "the snapshot has no such key, and nothing in it names one; an alias's name begins with alias/"
    }

    private var known: Set<OutsideText> {
        Set(snapshot.keys.map(\.arn) + snapshot.references.compactMap(\.key) + called)
    }

    private var called: [OutsideText] { snapshot.callers.compactMap(\.key) }

    /// Up to ten of them.
    private static func list(_ arns: [OutsideText]) -> String {
        arns.prefix(10).map(\.text).joined(separator: ", ") + (arns.count > 10 ? ", and \(arns.count - 10) more" : "")
    }
}

extension KeyAlias {
    /// Whether its key is one that AWS manages.
    fileprivate var isOfService: Bool { name.text.hasPrefix("alias/aws/") }
}
