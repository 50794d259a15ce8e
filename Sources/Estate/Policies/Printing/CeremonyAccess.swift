import AWS
package import Evidence

/// What a ceremony does in AWS, as far as policies can tell it: where, with which keys, and who is to.
package struct CeremonyAccess: Sendable {
    package let partition: String
    /// Twelve digits.
    package let account: String
    package let region: String
    /// KMS's name of the wrapping key's size.
    package let wrappingKeySpec: String
    /// What the tag `keyrite` of the keys that it makes begins with.
    package let marker: String
    package let keys: [AccessedKey]
    /// Whether there is a plan: without one, only looking is known.
    package let isPlanned: Bool
    /// What holds only for those who are named.
    package var people = PolicyPeople()
    /// Who calls by the plan, as IAM knows them: users and roles, by their ARNs.
    private(set) var callers: [CeremonyRole: String] = [:]

    package init(
        partition: String, account: String, region: String, wrappingKeySpec: String, marker: String,
        keys: [AccessedKey], isPlanned: Bool
    ) {
        self.partition = partition
        self.account = account
        self.region = region
        self.wrappingKeySpec = wrappingKeySpec
        self.marker = marker
        self.keys = keys
        self.isPlanned = isPlanned
    }

    /// What a plan does, its new keys by their ARNs as far as its ceremony has made them.
    package init(of record: Record) { self.init(of: record.plan) { record.key(of: $0) } }

    /// What a frozen plan does.
    ///
    /// - Parameter made: The ARN of a slot's new key; nil while it is still to be created.
    package init(of plan: Plan, made: (PlanSlot) -> String? = { _ in nil }) {
        let aws = plan.environment.aws
        self.init(
            partition: aws.partition, account: aws.account, region: aws.region,
            wrappingKeySpec: plan.wrapping.keySpec, marker: "keyrite/\(plan.ceremony)/",
            keys: plan.slots.flatMap { AccessedKey.keys(of: $0, made: made($0)) }, isPlanned: true)
        for role in CallerRole.allCases {
            callers[CeremonyRole(rawValue: role.rawValue) ?? .look] = aws.caller(of: role).flatMap(Self.identity)
        }
    }

    /// The user, or the role behind a session, whose ARN leaves out its role's path.
    ///
    /// - Parameter caller: As a plan has it.
    private static func identity(behind caller: String) -> String? {
        let parts = (try? PercentEncoding.decode(caller)).map {
            $0.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        }
        guard let parts, parts.count == 6 else { return nil }
        if parts[2] == "iam", parts[5].hasPrefix("user/") { return parts.joined(separator: ":") }
        let names = parts[5].split(separator: "/", omittingEmptySubsequences: false)
        guard parts[2] == "sts", names.count == 3, names[0] == "assumed-role" else { return nil }
        return "arn:\(parts[1]):iam::\(parts[4]):role/\(names[1])"
    }

    package func arn(_ resource: String) -> String { "arn:\(partition):kms:\(region):\(account):\(resource)" }

    /// Everybody in the account whom an IAM policy there allows something.
    package var root: PolicyPrincipal { .aws("arn:\(partition):iam::\(account):root") }
}

/// A key as the ceremony finds or makes it.
package struct AccessedKey: Hashable, Sendable {
    /// How policies can name it.
    package enum Name: Hashable, Sendable {
        case arn(String)
        /// By an alias that it has, while it has it.
        case alias
        /// By the tag `keyrite`: it has no ARN yet.
        case marker
    }

    /// What becomes of it.
    package enum Part: String, Hashable, Sendable {
        /// It gets its first material.
        case first
        /// It gets new material, and is rotated.
        case rotated
        /// It takes another one's place.
        case new
        /// It is replaced, and kept.
        case old
        /// Material that it had is imported again.
        case again
        /// Material of it is deleted.
        case revoked
    }

    package let name: Name
    package let part: Part
    /// With `alias/`; nil for none.
    package let alias: String?
    /// Whether the ceremony makes the alias.
    package let createsAlias: Bool
    /// nil where only KMS knows.
    package let kind: Kind?
    /// Of the tags that a new key is made with.
    package let tagKeys: [String]
    /// Until when KMS is to keep what is imported; nil where that is not known yet.
    package let expiry: Expiry?

    /// What a new key is made as, by which the right to make it is narrowed.
    package struct Kind: Hashable, Sendable {
        package let spec: Evidence.KeySpec
        package let usage: Evidence.KeyUsage
        package let multiRegion: Bool

        package init(_ spec: Evidence.KeySpec, _ usage: Evidence.KeyUsage, multiRegion: Bool = false) {
            self.spec = spec
            self.usage = usage
            self.multiRegion = multiRegion
        }
    }

    package init(
        _ name: Name, _ part: Part, alias: String?, createsAlias: Bool = false, kind: Kind?, tagKeys: [String] = [],
        expiry: Expiry? = .never
    ) {
        self.expiry = expiry
        self.name = name
        self.part = part
        self.alias = alias
        self.createsAlias = createsAlias
        self.kind = kind
        self.tagKeys = tagKeys
    }

    /// The keys of one slot of a plan.
    ///
    /// - Parameter made: The ARN of its new key; nil while it is still to be created.
    static func keys(of slot: PlanSlot, made: String?) -> [AccessedKey] {
        let kind = Kind(slot.keySpec, slot.keyUsage)
        return switch slot.strategy {
        case .import:
            [
                AccessedKey(
                    .arn(slot.key), .first, alias: slot.alias, createsAlias: slot.createsAlias ?? false, kind: kind)
            ]
        case .rotate: [AccessedKey(.arn(slot.key), .rotated, alias: slot.alias, kind: kind)]
        case .reimport:
            [AccessedKey(.arn(slot.key), .again, alias: slot.alias, kind: kind, expiry: slot.reimported?.expiry)]
        case .revoke: [AccessedKey(.arn(slot.key), .revoked, alias: slot.alias, kind: kind)]
        case .replace:
            [
                AccessedKey(
                    made.map { .arn($0) } ?? .marker, .new, alias: slot.alias,
                    kind: Kind(slot.keySpec, slot.keyUsage, multiRegion: slot.new?.multiRegion ?? false),
                    tagKeys: (slot.new?.tags ?? []).map { (try? PercentEncoding.decode($0.key)) ?? $0.key }),
                AccessedKey(.arn(slot.key), .old, alias: slot.alias, kind: kind),
            ]
        }
    }

    /// nil of one that is not named by it.
    package var arn: String? {
        guard case .arn(let arn) = name else { return nil }
        return arn
    }

    /// What it is called when people are spoken to.
    package var shownName: String {
        switch name {
        case .arn(let arn): part == .old ? "\(arn), replaced" : arn
        case .alias: alias ?? "a key"
        case .marker: "the new key of \(alias ?? "a slot")"
        }
    }
}

/// Who is who, where policies name people and programs.
package struct PolicyPeople: Sendable {
    /// The ARN of each role that there is.
    package var roles: [CeremonyRole: String] = [:]
    /// Who may use the key: accounts, roles, users. Where nobody is named: who is allowed to by the account's IAM.
    package var users: [PolicyPrincipal] = []
    /// Whether they may have AWS's services use the key for them, by grants.
    package var usersGrant = false
    /// Who may disable, delete and tag the key, and change its policy.
    package var administrators: [String] = []
    /// Material may be imported only then; nil for always.
    package var window: Validity?

    package init() {}
}

extension CeremonyAccess {
    /// Refuses people who could do nothing, and names that are none.
    ///
    /// - Parameter isPrinted: Whether they are to stand in a new policy. There no service stands for itself: whom it calls
    ///   for is a condition that only who wants it knows.
    /// - Throws: `PolicyError`.
    package func requirePeople(isPrinted: Bool) throws(PolicyError) {
        try people.require(partition: partition, account: account, isPrinted: isPrinted)
    }
}

extension PolicyPeople {
    /// The same, of an account's keys that no ceremony names.
    ///
    /// - Throws: `PolicyError`.
    package func require(partition: String, account: String, isPrinted: Bool) throws(PolicyError) {
        for (role, arn) in roles.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try Self.require(arn, role.rawValue, partition, account)
        }
        for arn in administrators { try Self.require(arn, "administrator", partition, account) }
        for user in users {
            if case .service(let name) = user {
                guard isPrinted else { continue }
                throw PolicyError("user", "\(name) is a service: write its statement yourself, with its conditions")
            }
            guard user.wholeAccount != nil || PolicySubject(user)?.account != nil else {
                throw PolicyError("user", "neither an account nor the ARN of a role or a user")
            }
        }
        if let window, window.until <= window.from {
            throw PolicyError("window", "it ends before it begins")
        }
    }

    /// KMS lets nobody of another account import, rotate, or change keys.
    ///
    /// docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
    private static func require(
        _ arn: String, _ who: String, _ partition: String, _ account: String
    ) throws(PolicyError) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[1] == partition, parts[2] == "iam", parts[3].isEmpty,
            PolicyPrincipal.isAccount(parts[4]), ["role/", "user/"].contains(where: parts[5].hasPrefix),
            !PolicyPattern.hasWildcard(arn), arn.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw PolicyError(who, "\(arn) is no ARN of a role or a user of the partition \(partition)")
        }
        guard parts[4] == account else {
            throw PolicyError(
                who, "\(arn) is of another account than the keys, \(account): KMS takes these calls from that one alone"
            )
        }
    }
}
