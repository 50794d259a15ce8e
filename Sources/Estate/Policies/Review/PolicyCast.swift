/// Everybody whom a policy and what is meant by it can tell apart, and as whom each of them calls.
struct PolicyCast {
    /// In the order in which they are asked about.
    let subjects: [PolicySubject]
    /// Whether examples stand for all others; if not, nothing is known of who calls, but for who is named.
    let isComplete: Bool
    private let identities: [PolicySubject: [[String: [String]]]]

    init(_ policy: PolicyDocument, _ intent: PolicyIntent) {
        let conditions = PolicyCallerConditions(policy)
        let named = Self.named(in: policy, intent)
        if let whole = try? Self.whole(named, conditions, intent, most: Self.most(of: policy)) {
            (subjects, identities, isComplete) = (whole.subjects, whole.identities, true)
            return
        }
        // An Allow is then taken to hold for everybody, and a Deny for nobody, unless it has no conditions.
        subjects = Array(named.prefix(Self.most(of: policy)))
        identities = Dictionary(
            uniqueKeysWithValues: subjects.map { subject in
                switch subject {
                case .anyone: (subject, [[:]])
                case .account(let account): (subject, [Self.identity(nil, of: account)])
                default: (subject, Self.identities(of: subject, nil))
                }
            })
        isComplete = false
    }

    /// How many callers are looked at: each is asked about at each statement.
    private static func most(of policy: PolicyDocument) -> Int {
        min(PrincipalExamples.most, 100_000 / max(1, policy.statements.count))
    }

    /// What is known of them when they call: each of the examples, where they are many.
    func identities(of subject: PolicySubject) -> [[String: [String]]] { identities[subject] ?? [] }

    /// Whom principals name, and an account's others, and the rest of the world.
    private static func named(in policy: PolicyDocument, _ intent: PolicyIntent) -> [PolicySubject] {
        var all: [PolicySubject] = [.account(intent.account)]
        let principals = policy.statements.compactMap(\.principals)
        if principals.contains(where: { $0.isNegated || $0.members.contains(.everyone) }) { all.append(.anyone) }
        all += (intent.people.roles.values + intent.people.administrators).sorted().map { .named($0) }
        for principal in principals.flatMap(\.members) { PolicySubject(principal).map { all.append($0) } }
        return unique(all)
    }

    private static func whole(
        _ named: [PolicySubject], _ conditions: PolicyCallerConditions, _ intent: PolicyIntent, most: Int
    ) throws -> (subjects: [PolicySubject], identities: [PolicySubject: [[String: [String]]]]) {
        let known = Set(named.compactMap(\.account) + conditions.namedAccounts)
        let examples = try PrincipalExamples(
            arns: conditions.arns, accounts: conditions.accounts, named: known, partition: intent.partition,
            most: most)
        let others = examples.accounts.filter { !known.contains($0) }
        var subjects = named + known.sorted().map { .account($0) }
        subjects += conditions.accounts.filter { !$0.isPlain }.flatMap { pattern in
            others.filter { PolicyPattern.matches(pattern.text, $0) }.map {
                .like(pattern: pattern.text, account: $0, arn: nil)
            }
        }
        let plain = Set(conditions.arns.filter { $0.isPlain && PolicySubject.account(of: $0.text) != nil })
        let lone = Set(plain.map(\.text))
        subjects += lone.sorted().map { .named($0) }
        var count = 0
        for account in examples.accounts {
            for example in examples.of(account) where !lone.contains(example.arn) {
                let like = example.patterns.subtracting(plain)
                count += like.count
                guard count <= most else { throw PrincipalExamples.TooMany() }
                subjects += like.map(\.text).sorted().map {
                    .like(pattern: $0, account: account, arn: example.arn)
                }
            }
        }
        subjects = unique(subjects)
        var identities: [PolicySubject: [[String: [String]]]] = [:]
        count = 0
        for subject in subjects {
            let own = Self.identities(of: subject, (examples, others, lone)).map(conditions.knowable)
            count += own.count
            guard count <= most else { throw PrincipalExamples.TooMany() }
            identities[subject] = own
        }
        return (subjects, identities)
    }

    /// As whom somebody calls.
    ///
    /// Whom a condition names by a whole ARN is asked about as themselves, whether they exist by now or not, and is no
    /// example of their account: a Deny that spares them lets in them, and nobody else. Who can be them, by a trust
    /// policy or by making a role of that name, the account's IAM says, as it does of whom an Allow names; the report
    /// says that it does not know. Those whom a pattern spares are not one role, but as many as somebody makes: they
    /// are their account's.
    ///
    /// - Parameter all: With whom conditions name by whole ARNs.
    private static func identities(
        of subject: PolicySubject, _ all: (examples: PrincipalExamples, others: [String], lone: Set<String>)?
    ) -> [[String: [String]]] {
        switch subject {
        case .anyone: all.map { all in all.others.flatMap { identities(of: .account($0), all) } } ?? []
        case .account(let account), .like(_, let account, nil):
            all.map { all in
                all.examples.of(account).filter { !all.lone.contains($0.arn) }.map { identity($0.arn, of: account) }
            } ?? []
        case .like(_, let account, let arn): [identity(arn, of: account)]
        // A session's condition key is its role's ARN, whose path the session's does not have.
        case .named(let arn):
            [identity(arn.contains(":iam::") ? arn : nil, of: PolicySubject.account(of: arn) ?? "")]
        case .service, .outsider, .unknown: [[:]]
        }
    }

    private static func identity(_ arn: String?, of account: String) -> [String: [String]] {
        var identity = ["aws:PrincipalAccount": [account], "kms:CallerAccount": [account]]
        if let arn { identity["aws:PrincipalArn"] = [arn] }
        return identity
    }

    private static func unique(_ subjects: [PolicySubject]) -> [PolicySubject] {
        var seen: Set<PolicySubject> = []
        return subjects.filter { seen.insert($0).inserted }
    }
}

/// What a policy's conditions compare callers with.
struct PolicyCallerConditions {
    let arns: [PrincipalExamples.Pattern]
    let accounts: [PrincipalExamples.Pattern]
    /// Accounts that stand there whole, by themselves or in an ARN.
    let namedAccounts: [String]
    /// Keys that are compared with otherwise than by texts: of these nothing is known.
    private let unknowable: Set<String>

    init(_ policy: PolicyDocument) {
        let conditions = policy.statements.flatMap(\.conditions).filter { !$0.hasVariables }
        arns = conditions.filter(\.isOfCallerARN).flatMap(\.callerPatterns)
        let ofAccounts = conditions.filter(\.isOfCallerAccount)
        accounts = ofAccounts.flatMap(\.callerPatterns)
        let parts = arns.compactMap {
            $0.text.split(separator: ":", omittingEmptySubsequences: false).dropFirst(4).first.map(String.init)
        }
        namedAccounts = Set((accounts.map(\.text) + parts).filter(PolicyPrincipal.isAccount)).sorted()
        unknowable = Set(
            ofAccounts.filter { $0.comparison.comparison?.isOfOrder == true }.map { PolicyPattern.lowercased($0.key) })
    }

    func knowable(_ identity: [String: [String]]) -> [String: [String]] {
        unknowable.isEmpty ? identity : identity.filter { !unknowable.contains(PolicyPattern.lowercased($0.key)) }
    }
}

extension PolicyCondition {
    var isOfCallerARN: Bool { PolicyPattern.lowercased(key) == "aws:principalarn" }

    var isOfCallerAccount: Bool {
        ["aws:principalaccount", "kms:calleraccount"].contains(PolicyPattern.lowercased(key))
    }

    var isOfCaller: Bool { isOfCallerARN || isOfCallerAccount }

    fileprivate var callerPatterns: [PrincipalExamples.Pattern] {
        guard let form = comparison.comparison?.form else { return [] }
        return values.map { PrincipalExamples.Pattern(text: $0, form: form) }
    }

    /// Whether it holds of those alone whom its patterns mean, who are asked about by themselves.
    var namesCallers: Bool {
        guard let known = comparison.comparison, !known.isNegated, let form = known.form, !hasVariables else {
            return false
        }
        // What is no pattern of ARNs is not understood.
        return form != .arn
            || values.allSatisfy { $0.split(separator: ":", omittingEmptySubsequences: false).count >= 6 }
    }
}

extension ConditionOperator.Comparison {
    /// nil where it does not compare texts.
    fileprivate var form: PrincipalExamples.Pattern.Form? {
        switch self {
        case .stringEquals, .stringNotEquals, .binaryEquals: .plain
        case .stringEqualsIgnoreCase, .stringNotEqualsIgnoreCase: .ignoringCase
        case .stringLike, .stringNotLike: .wild
        case .arnEquals, .arnLike, .arnNotEquals, .arnNotLike: .arn
        default: nil
        }
    }

    fileprivate var isOfOrder: Bool { rawValue.hasPrefix("Numeric") || rawValue.hasPrefix("Date") }
}
