import Evidence

/// Holds a key's policy and its grants to what is meant.
///
/// Each action that matters is asked for as each of those would whom the policy can tell apart, under each value of a
/// condition that makes a difference: what AWS would answer, by its own rules, and not what a statement looks like. Of
/// what is not known, such as a caller's organization, an Allow is taken to hold and a Deny not to.
package struct PolicyReview {
    let policy: PolicyDocument
    /// nil for grants that nobody listed.
    let grants: [KeyGrant]?
    let intent: PolicyIntent

    package init(_ policy: PolicyDocument, grants: [KeyGrant]?, against intent: PolicyIntent) {
        self.policy = policy
        self.grants = grants
        self.intent = intent
    }

    package func report() -> PolicyReport {
        let access = subjects.flatMap { subject in
            KeyPower.allCases.flatMap { power in power.actions.flatMap { allowed(subject, power, $0) } }
        }
        let granted = grantHolders
        var findings = statementFindings + intentFindings(access) + conditionFindings(access) + grantFindings
        if !isMendable(by: access) {
            findings.append(
                PolicyFinding(
                    .lockedOut, .policy, "nobody can change the policy of the key any more",
                    remedy: "Let the account's root use kms:PutKeyPolicy, while somebody still can"))
        }
        // Of those that one pattern means there are several here.
        var seen: Set<String> = []
        var told: Set<PolicyFinding> = []
        let holders = access.map {
            PowerHolder(
                power: $0.power, subject: $0.subject, throughIAM: $0.throughIAM, cause: cause($0.statement))
        }
        return PolicyReport(
            holders: (holders + granted).filter { seen.insert("\($0.power) \($0.subject.name) \($0.cause)").inserted },
            findings: findings.filter { told.insert($0).inserted },
            untold: untold(holders))
    }

    /// Whether somebody of the key's own account can change its policy, by it or by their IAM policies.
    package var canBeMended: Bool {
        isMendable(
            by: subjects.flatMap { subject in KeyPower.policy.actions.flatMap { allowed(subject, .policy, $0) } })
    }

    /// PutKeyPolicy is for the key's own account, and neither for services nor for who was deleted.
    private func isMendable(by access: [Access]) -> Bool {
        access.contains { $0.power == .policy && $0.subject.account == intent.account }
    }

    // MARK: Who can

    /// That somebody may do something by a statement.
    struct Access {
        let subject: PolicySubject
        let power: KeyPower
        let action: String
        let statement: Int
        let throughIAM: Bool
    }

    func cause(_ index: Int) -> PolicyFinding.Cause {
        .statement(number: index + 1, sid: policy.statements[index].sid)
    }

    /// Whom the policy tells apart: who is named in it, an account's others, and the rest of the world.
    private var subjects: [PolicySubject] {
        var all: [PolicySubject] = [.account(intent.account)]
        let principals = policy.statements.compactMap(\.principals)
        if principals.contains(where: { $0.isNegated || $0.members.contains(.everyone) }) { all.append(.anyone) }
        for principal in principals.flatMap(\.members) { PolicySubject(principal).map { all.append($0) } }
        let accounts = Set(all.compactMap(\.account) + conditionValues(["kms:calleraccount", "aws:principalaccount"]))
        all += accounts.sorted().flatMap(PolicySubject.accounts(like:))
        let arns = conditionValues(["aws:principalarn"])
        let named = arns.compactMap { $0.split(separator: ":", omittingEmptySubsequences: false).dropFirst(4).first }
        let known = Set(all.compactMap(\.account) + named.map(String.init).filter(PolicyPrincipal.isAccount))
        all += arns.flatMap { PolicySubject.meant(by: $0, of: known.sorted() + [PolicySubject.strangers]) }
        all += (intent.people.roles.values + intent.people.administrators).sorted().map { .named($0) }
        var seen: Set<PolicySubject> = []
        return all.filter { seen.insert($0).inserted }
    }

    /// What conditions on some keys compare with.
    private func conditionValues(_ keys: [String]) -> [String] {
        policy.statements.flatMap(\.conditions).filter { keys.contains(PolicyPattern.lowercased($0.key)) }.flatMap(
            \.values)
    }

    /// The statements by which somebody may do something, under whatever conditions.
    private func allowed(_ subject: PolicySubject, _ power: KeyPower, _ action: String) -> [Access] {
        let allowing = allowing(subject, action, [:])
        guard !allowing.isEmpty, !isDenied(subject, action, [:]) else { return [] }
        return allowing.filter { index, reach in
            reach != .throughIAM || !isSaidOfAll(subject, action, index)
        }.map { index, reach in
            Access(
                subject: subject, power: power, action: action, statement: index, throughIAM: reach == .throughIAM)
        }
    }

    /// Whether a statement lets everybody do it whom their account lets: then nobody of it is named.
    private func isSaidOfAll(_ subject: PolicySubject, _ action: String, _ index: Int) -> Bool {
        guard let account = subject.account, subject != .account(account) else { return false }
        return !isDenied(.account(account), action, [:])
            && allowing(.account(account), action, [:]).contains { $0.index == index }
    }

    func allowing(
        _ subject: PolicySubject, _ action: String, _ values: [String: [String]]
    ) -> [(index: Int, reach: PolicyPrincipals.Reach)] {
        let reached = policy.statements.enumerated().compactMap { index, statement in
            let reach =
                statement.effect == .allow && statement.actions.meansAction(action)
                ? statement.principals?.allowedReach(subject) : nil
            return reach.flatMap { $0 == .no ? nil : (index: index, reach: $0) }
        }
        lazy var request = self.request(subject, action, values)
        return reached.filter { index, _ in
            let statement = policy.statements[index]
            if statement.isUnconditional { return true }
            if statement.concerns(request) != .no { return true }
            // That it is not about one of many does not say that it is about none.
            return statement.tellsApart(subject)
                && statement.concerns(self.request(subject, action, values, isAnyOfThem: true)) != .no
        }
    }

    /// - Parameter isAsked: The statements that count.
    func isDenied(
        _ subject: PolicySubject, _ action: String, _ values: [String: [String]],
        by isAsked: (PolicyStatement) -> Bool = { _ in true }
    ) -> Bool {
        lazy var request = self.request(subject, action, values)
        return policy.statements.contains { statement in
            statement.effect == .deny && statement.actions.meansAction(action)
                && statement.principals?.isDenied(subject) == true && !statement.sparesSome(of: subject)
                && isAsked(statement) && statement.concerns(request) == .yes
        }
    }

    private func request(
        _ subject: PolicySubject, _ action: String, _ values: [String: [String]], isAnyOfThem: Bool = false
    ) -> PolicyRequest {
        var context = subject.context(intent.partition, isAnyOfThem: isAnyOfThem).merging(
            ConditionKeys.absent(in: action)
        ) { $1 }
        if let key = intent.key, key.part != .old { context["kms:KeyOrigin"] = ["EXTERNAL"] }
        if let kind = intent.key?.kind {
            context["kms:KeySpec"] = [kind.spec.rawValue]
            context["kms:KeyUsage"] = [kind.usage.rawValue]
        }
        return PolicyRequest(
            action, intent.keyARN, PolicyContext(context.merging(values) { $1 }, isWhole: false))
    }

    private var grantHolders: [PowerHolder] {
        (grants ?? []).flatMap { grant in
            grant.powers.map {
                PowerHolder(power: $0, subject: grant.grantee, throughIAM: false, cause: .grant(id: grant.id))
            }
        }
    }

    private func untold(_ holders: [PowerHolder]) -> [String] {
        var untold: [String] = []
        let accounts = Set(holders.filter(\.throughIAM).compactMap(\.subject.account)).sorted()
        if !accounts.isEmpty {
            untold.append(
                "what the IAM policies of \(accounts.joined(separator: ", ")) let whom do, where the key's leaves it to them"
            )
        }
        if grants == nil { untold.append("the key's grants, which were not given") }
        untold.append(
            "service and resource control policies, permissions boundaries, session policies and endpoints' policies: they "
                + "can only take away")
        return untold
    }
}

extension PolicyPrincipals {
    /// How an Allow is about somebody. AWS does not support it with NotPrincipal: whom that leaves out, nobody says.
    fileprivate func allowedReach(_ subject: PolicySubject) -> Reach { isNegated ? .direct : reach(subject) }

    /// Whether a Deny is about somebody for certain.
    fileprivate func isDenied(_ subject: PolicySubject) -> Bool {
        guard reach(subject) != .no else { return false }
        // A session is refused what its role is refused; which role that is, its ARN does not say whole.
        if case .unknown = subject { return members.contains(.everyone) && !isNegated }
        return true
    }
}

extension PolicyStatement {
    fileprivate var isUnconditional: Bool { conditions.isEmpty && resources == PolicyNames(["*"]) }

    /// Conditions that mean many callers by a pattern.
    private var patterns: [PolicyCondition] {
        conditions.filter { condition in
            ["aws:principalarn", "aws:principalaccount", "kms:calleraccount"].contains(
                PolicyPattern.lowercased(condition.key)) && condition.values.contains(where: PolicyPattern.hasWildcard)
        }
    }

    /// Whether of those who are one here some may meet its conditions, and the example of them not.
    fileprivate func tellsApart(_ subject: PolicySubject) -> Bool {
        switch subject {
        case .anyone, .account: patterns.contains { $0.comparison.comparison?.isNegated == true }
        case .like(let pattern, _, _): patterns.count > 1 && patterns.contains { $0.values.contains(pattern) }
        case .named, .service, .outsider, .unknown: false
        }
    }

    /// Whether a Deny that is about an example of many may be about some of them alone.
    fileprivate func sparesSome(of subject: PolicySubject) -> Bool {
        switch subject {
        case .anyone, .account: patterns.contains { $0.comparison.comparison?.isNegated == false }
        case .like: patterns.contains { $0.comparison.comparison?.isNegated == true }
        case .named, .service, .outsider, .unknown: false
        }
    }
}
