import Evidence

/// The IAM policies of a ceremony's roles: each allows what its role calls, and no more.
///
/// Keys are named by their ARNs. One that is yet to be made is known by the tag that CreateKey gives it, which only the
/// role that creates can give; and where patterns of aliases are wanted, keys are known by the aliases that they have.
/// Changes of tags and aliases count for KMS after up to five minutes
/// (docs.aws.amazon.com/kms/latest/developerguide/abac.html).
package struct RolePolicies {
    /// How many managed policies IAM lets a role have, unless the account asked for more
    /// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
    package static let most = 10

    private let access: CeremonyAccess
    private let aliasPatterns: [String]

    /// - Parameter aliasPatterns: With `alias/` and wildcards; in place of the ARNs of all keys that have such an alias
    ///   throughout.
    /// - Throws: `PolicyError` for patterns that mean everything, or none of the ceremony's aliases.
    package init(_ access: CeremonyAccess, aliasPatterns: [String] = []) throws(PolicyError) {
        self.access = access
        self.aliasPatterns = aliasPatterns
        for pattern in aliasPatterns {
            guard pattern.hasPrefix("alias/"), pattern.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                pattern.dropFirst(6).contains(where: { $0 != "*" && $0 != "?" && $0 != "/" })
            else { throw PolicyError("alias pattern", "\(pattern) is no alias with wildcards, or means every alias") }
            guard access.keys.contains(where: { $0.alias.map { PolicyPattern.matches(pattern, $0) } ?? false }) else {
                throw PolicyError("alias pattern", "no alias of the ceremony is like \(pattern)")
            }
        }
    }

    /// The roles that this ceremony has calls for.
    package var roles: [CeremonyRole] { CeremonyRole.allCases.filter { !statements(of: $0).isEmpty } }

    /// The policies of one role: one, or several where one would be too long.
    ///
    /// - Throws: `PolicyError` where they are more than a role can have.
    package func policies(of role: CeremonyRole) throws -> [PolicyDocument] {
        let policies = try PolicySplit(limit: PolicyDocument.Kind.identity.longest).split(statements(of: role))
        guard policies.count <= Self.most else {
            throw PolicyError(
                role.rawValue,
                "it would need \(policies.count) policies of 6144 characters, and a role has \(Self.most): "
                    + advice(role))
        }
        return policies
    }

    /// What to do where a role would need too many policies: each cause of it.
    private func advice(_ role: CeremonyRole) -> String {
        let isApart = role == .import && expiries.count > 1
        var advice: [String] = []
        if aliasPatterns.isEmpty {
            advice.append("name the keys by their aliases, with alias patterns")
        } else if !isApart || !wouldFitTogether {
            let count = access.keys.count { $0.arn != nil && !isNamedByAlias($0) }
            advice.append(
                "no alias pattern is like an alias that \(count) keys keep: give patterns that are like theirs")
        }
        if isApart {
            advice.append(
                "keys of different expiries are named by ARN, whatever the patterns: give each expiry a ceremony of its own"
            )
        }
        return advice.joined(separator: "; ")
    }

    /// Whether importing fits where all keys get the same expiry.
    private var wouldFitTogether: Bool {
        let keys = expiries.flatMap(\.self)
        let together = statements(
            "Import", ["kms:ImportKeyMaterial"], at: keys, (keys.first?.expiryConditions ?? []) + window)
        let split = try? PolicySplit(limit: PolicyDocument.Kind.identity.longest).split(together)
        return split.map { $0.count <= Self.most } ?? false
    }

    func statements(of role: CeremonyRole) -> [PolicyStatement] {
        switch role {
        case .look: look
        case .create: create
        case .fetch: access.isPlanned ? fetch : []
        case .import: access.isPlanned ? importing : []
        case .activate: access.isPlanned ? activate : []
        }
    }

    // MARK: Looking

    private var look: [PolicyStatement] {
        grouped("Read") { $0.readActions } + tries
            + grouped("Commit") { isUsed($0) ? $0.commitmentActions : [] } + search + simulate + lookUp
    }

    /// A key that waits for its first material is not used before there is a plan for it.
    private func isUsed(_ key: AccessedKey) -> Bool { access.isPlanned || key.part != .first }

    /// What is encrypted without an encryption context, as AWS's services never do: their data it cannot decrypt.
    private var tries: [PolicyStatement] {
        let noContext = PolicyCondition(.null, "kms:EncryptionContextKeys", "true")
        let tried = access.keys.filter { $0.isTried && isUsed($0) }
        let chunks = chunks(of: tried.filter { $0.alias != nil })
        let byAlias = chunks.enumerated().flatMap { index, keys in
            statements(
                chunks.count == 1 ? "EncryptByAlias" : "EncryptByAlias\(index + 1)", ["kms:Encrypt"], at: keys,
                [noContext, requestAlias(unique(keys.compactMap(\.alias)))])
        }
        return byAlias
            + statements("Encrypt", ["kms:Encrypt"], at: tried.filter { $0.alias == nil }, [noContext])
            + statements("Decrypt", ["kms:Decrypt"], at: tried, [noContext])
    }

    /// So few keys at a time that their aliases can stand beside them.
    private func chunks(of keys: [AccessedKey]) -> [[AccessedKey]] {
        guard aliasPatterns.isEmpty else { return keys.isEmpty ? [] : [keys] }
        return stride(from: 0, to: keys.count, by: 20).map { Array(keys[$0..<min($0 + 20, keys.count)]) }
    }

    /// A key whose CreateKey brought no answer is found again by its tag, among all.
    private var search: [PolicyStatement] {
        guard hasNew, access.isPlanned else { return [] }
        return [
            PolicyStatement("ListKeys", .allow, actions: ["kms:ListKeys"], resources: ["*"]),
            PolicyStatement(
                "FindByTag", .allow, actions: ["kms:ListResourceTags"], resources: [access.arn("key/*")]),
        ]
    }

    /// keyrite doctor has IAM compute what the callers may who have an effect, since nobody can try that: of these, and
    /// of nobody else. Only their own policies are in it, which whoever asks can learn by that.
    private var simulate: [PolicyStatement] {
        let asked = [CeremonyRole.create, .import, .activate].filter { $0 != .create || hasNew }
        let arns = unique(asked.compactMap { access.people.roles[$0] ?? access.callers[$0] })
        guard !arns.isEmpty else { return [] }
        return [
            PolicyStatement("Simulate", .allow, actions: ["iam:SimulatePrincipalPolicy"], resources: arns)
        ]
    }

    /// keyrite reconcile --site reads AWS's own record. There are no resources to it, and no condition on which events: it
    /// is all of the account's in the Region (docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html).
    private var lookUp: [PolicyStatement] {
        guard access.isPlanned else { return [] }
        return [
            PolicyStatement(
                "LookUpEvents", .allow, actions: ["cloudtrail:LookupEvents"], resources: ["*"],
                conditions: [PolicyCondition(.stringEquals, "aws:RequestedRegion", access.region)])
        ]
    }

    private func requestAlias(_ aliases: [String]) -> PolicyCondition {
        let outside = aliases.filter { !isLike($0) }
        return aliasPatterns.isEmpty
            ? PolicyCondition(.init(.stringEquals), "kms:RequestAlias", aliases)
            : PolicyCondition(.init(.stringLike), "kms:RequestAlias", aliasPatterns + outside)
    }

    // MARK: Changing

    private var hasNew: Bool { access.keys.contains { $0.part == .new } }

    private var create: [PolicyStatement] {
        let new = access.keys.filter { $0.part == .new }
        guard !new.isEmpty, access.isPlanned else { return [] }
        let kinds = new.compactMap(\.kind)
        let marker = PolicyCondition(.stringLike, "aws:RequestTag/\(KeyTag.marker)", access.marker + "*")
        var conditions = [
            marker, PolicyCondition(.stringEquals, "kms:KeyOrigin", "EXTERNAL"),
            PolicyCondition(.init(.stringEquals), "kms:KeySpec", unique(kinds.map(\.spec.rawValue))),
            PolicyCondition(.init(.stringEquals), "kms:KeyUsage", unique(kinds.map(\.usage.rawValue))),
            // Keyrite always says so; without it KMS would want this role to be able to change the key's policy, too.
            PolicyCondition(.bool, "kms:BypassPolicyLockoutSafetyCheck", "true"),
            onlyTags(of: new),
        ]
        if Set(kinds.map(\.multiRegion)).count == 1, let multiRegion = kinds.first?.multiRegion {
            conditions.append(PolicyCondition(.bool, "kms:MultiRegion", multiRegion ? "true" : "false"))
        }
        return [
            PolicyStatement("Create", .allow, actions: ["kms:CreateKey"], resources: ["*"], conditions: conditions),
            // CreateKey with tags.
            PolicyStatement(
                "Tag", .allow, actions: ["kms:TagResource"], resources: [access.arn("key/*")],
                conditions: [marker, onlyTags(of: new)]),
        ]
    }

    /// No tag but the plan's: by another one a key could become somebody's.
    private func onlyTags(of keys: [AccessedKey]) -> PolicyCondition {
        let names = Set(keys.flatMap(\.tagKeys) + [KeyTag.marker]).sorted()
        // A printed policy is ASCII; what a tag has beside that, a wildcard stands for.
        let isPlain = names.allSatisfy { $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } }
        let patterns = isPlain ? names : names.map { String($0.map { $0.isASCII ? $0 : "*" }) }
        return PolicyCondition(.init(isPlain ? .stringEquals : .stringLike, .each), "aws:TagKeys", unique(patterns))
    }

    private var fetch: [PolicyStatement] {
        WrappingAlgorithm.all.flatMap { algorithm in
            statements(
                algorithm == .oaep ? "FetchSecret" : "FetchPair", ["kms:GetParametersForImport"],
                at: access.keys.filter { $0.isImportedInto && $0.algorithms.contains(algorithm) },
                [
                    PolicyCondition(.stringEquals, "kms:WrappingAlgorithm", algorithm.rawValue),
                    PolicyCondition(.stringEquals, "kms:WrappingKeySpec", access.wrappingKeySpec),
                ])
        }
    }

    private var importing: [PolicyStatement] {
        let groups = expiries
        return groups.enumerated().flatMap { index, keys in
            statements(
                groups.count == 1 ? "Import" : "Import\(index + 1)", ["kms:ImportKeyMaterial"], at: keys,
                (keys.first?.expiryConditions ?? []) + window,
                // An alias tells no key that has several: by another one it would take what others get.
                byAlias: groups.count == 1)
        }
    }

    /// The keys that material is imported into, by when that is to expire.
    private var expiries: [[AccessedKey]] {
        var groups: [[AccessedKey]] = []
        for key in access.keys where key.isImportedInto {
            if let index = groups.firstIndex(where: { $0.first?.expiry == key.expiry }) {
                groups[index].append(key)
            } else {
                groups.append([key])
            }
        }
        return groups
    }

    private var window: [PolicyCondition] {
        guard let window = access.people.window else { return [] }
        return [
            PolicyCondition(.dateGreaterThanEquals, "aws:CurrentTime", window.from.description),
            PolicyCondition(.dateLessThanEquals, "aws:CurrentTime", window.until.description),
        ]
    }

    private var activate: [PolicyStatement] {
        grouped("Activate") { $0.part == .revoked ? [] : $0.activationActions }
            + statements(
                "Delete", ["kms:DeleteImportedKeyMaterial"], at: access.keys.filter { $0.part == .revoked }, window)
            + aliasStatement("CreateAlias", of: access.keys.filter(\.createsAlias))
            + aliasStatement("UpdateAlias", of: access.keys.filter { $0.part == .new })
    }

    /// An alias is a resource of its own, beside the keys: nothing but its ARN tells it.
    private func aliasStatement(_ action: String, of keys: [AccessedKey]) -> [PolicyStatement] {
        let aliases = keys.compactMap(\.alias)
        let patterns = aliasPatterns.filter { pattern in aliases.contains { PolicyPattern.matches(pattern, $0) } }
        let names = unique(patterns + aliases.filter { !isLike($0) })
        guard !names.isEmpty else { return [] }
        return [
            PolicyStatement(action, .allow, actions: ["kms:" + action], resources: names.map { access.arn($0) })
        ]
    }

    // MARK: Naming keys

    private func isLike(_ alias: String) -> Bool {
        aliasPatterns.contains { PolicyPattern.matches($0, alias) }
    }

    /// A statement for all keys at which the same actions are wanted.
    private func grouped(_ sid: String, _ actions: (AccessedKey) -> [String]) -> [PolicyStatement] {
        var groups: [(actions: [String], keys: [AccessedKey])] = []
        for key in access.keys {
            let wanted = actions(key)
            guard !wanted.isEmpty else { continue }
            if let index = groups.firstIndex(where: { $0.actions == wanted }) {
                groups[index].keys.append(key)
            } else {
                groups.append((wanted, [key]))
            }
        }
        return groups.enumerated().flatMap { index, group in
            statements(groups.count == 1 ? sid : "\(sid)\(index + 1)", group.actions, at: group.keys, [])
        }
    }

    /// Whether an alias pattern stands for a key. An alias that moves, or is yet to be made, does not tell its key throughout.
    private func isNamedByAlias(_ key: AccessedKey) -> Bool {
        guard let alias = key.alias, isLike(alias) else { return false }
        return key.part == .rotated || key.part == .again || key.part == .first && !key.createsAlias
    }

    /// - Parameter byAlias: Whether alias patterns may stand for keys that have an ARN.
    private func statements(
        _ sid: String, _ actions: [String], at keys: [AccessedKey], _ conditions: [PolicyCondition],
        byAlias: Bool = true
    ) -> [PolicyStatement] {
        var arns: [String] = []
        var aliases: [String] = []
        var isNew = false
        for key in keys {
            switch key.name {
            case .arn(let arn):
                if byAlias, let alias = key.alias, isNamedByAlias(key) {
                    aliases.append(alias)
                } else {
                    arns.append(arn)
                }
            case .alias: key.alias.map { aliases.append($0) }
            case .marker: isNew = true
            }
        }
        func statement(_ suffix: String, _ resources: [String], _ more: [PolicyCondition]) -> PolicyStatement {
            PolicyStatement(
                sid + suffix, .allow, actions: actions, resources: resources, conditions: conditions + more)
        }
        var all = arns.isEmpty ? [] : [statement("", unique(arns), [])]
        if !aliases.isEmpty {
            all.append(statement("Aliased", [access.arn("key/*")], [resourceAliases(unique(aliases))]))
        }
        if isNew {
            // Whoever gives the tag to another key makes nobody decrypt with one that KMS made.
            let made = [
                PolicyCondition(.stringLike, "aws:ResourceTag/\(KeyTag.marker)", access.marker + "*"),
                PolicyCondition(.stringEquals, "kms:KeyOrigin", "EXTERNAL"),
            ]
            all.append(statement("New", [access.arn("key/*")], made))
        }
        return all
    }

    private func resourceAliases(_ aliases: [String]) -> PolicyCondition {
        let patterns = aliasPatterns.filter { pattern in aliases.contains { PolicyPattern.matches(pattern, $0) } }
        return patterns.isEmpty
            ? PolicyCondition(.init(.stringEquals, .any), "kms:ResourceAliases", aliases)
            : PolicyCondition(
                .init(.stringLike, .any), "kms:ResourceAliases", patterns + aliases.filter { !isLike($0) })
    }

    private func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
