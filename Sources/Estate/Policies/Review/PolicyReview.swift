import Evidence

/// Holds a key's policy and its grants to what is meant.
///
/// Each action that matters is asked for as each of those would whom the policy can tell apart, under each value of a
/// condition that makes a difference: what AWS would answer, by its own rules, and not what a statement looks like. Of
/// many who are one here, some are enough. Of what is not known, such as a caller's organization, an Allow is taken to
/// hold and a Deny not to.
package struct PolicyReview {
    let policy: PolicyDocument
    /// nil for grants that nobody listed.
    let grants: [KeyGrant]?
    let intent: PolicyIntent
    private let cast: PolicyCast
    /// Of each statement.
    private let reaches: [PolicyReach?]

    package init(_ policy: PolicyDocument, grants: [KeyGrant]?, against intent: PolicyIntent) {
        self.policy = policy
        self.grants = grants
        self.intent = intent
        cast = PolicyCast(policy, intent)
        reaches = policy.statements.map { $0.principals.map(PolicyReach.init) }
    }

    package func report() -> PolicyReport {
        let access = cast.subjects.flatMap { subject in
            KeyPower.allCases.flatMap { power in power.actions.flatMap { allowed(subject, power, $0) } }
        }
        let granted = grantHolders
        var findings = statementFindings + intentFindings(access) + conditionFindings(access) + grantFindings
        if !cast.isComplete {
            findings.append(
                PolicyFinding(
                    .notUnderstood, .policy,
                    "it tells more callers apart than are looked at one by one: whoever they are, its conditions are taken to "
                        + "allow them, and to deny them nothing",
                    remedy: "Name fewer callers, or read it yourself"))
        }
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
            by: cast.subjects.flatMap { subject in KeyPower.policy.actions.flatMap { allowed(subject, .policy, $0) } })
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

    /// The statements by which somebody may do something, under whatever conditions.
    private func allowed(_ subject: PolicySubject, _ power: KeyPower, _ action: String) -> [Access] {
        guard KeyPower.isTaken(action, from: subject, account: intent.account) else { return [] }
        return allowing(subject, action, [:]).filter { index, way in
            way != .throughIAM || !isSaidOfAll(subject, action, index)
        }.map { index, way in
            Access(
                subject: subject, power: power, action: action, statement: index, throughIAM: way == .throughIAM)
        }
    }

    /// Whether a statement lets everybody do it whom their account lets: then nobody of it is named.
    private func isSaidOfAll(_ subject: PolicySubject, _ action: String, _ index: Int) -> Bool {
        guard let account = subject.account, subject != .account(account) else { return false }
        return allowing(.account(account), action, [:]).contains { $0.index == index }
    }

    /// The statements by which somebody, or some of those who are one here, may do something, and no Deny keeps them
    /// from it.
    func allowing(
        _ subject: PolicySubject, _ action: String, _ values: [String: [String]]
    ) -> [(index: Int, way: PolicyReach.Way)] {
        var open = policy.statements.indices.compactMap { index in
            let statement = policy.statements[index]
            guard statement.effect == .allow, statement.actions.meansAction(action),
                let way = reaches[index]?.allowedWay(subject), way != .no,
                !cast.isComplete || !statement.leavesOut(subject)
            else { return (index: Int, way: PolicyReach.Way)?.none }
            return (index, way)
        }
        var found: [(index: Int, way: PolicyReach.Way)] = []
        for identity in cast.identities(of: subject) where !open.isEmpty {
            lazy var request = self.request(identity, action, values)
            let own = open.filter { index, _ in
                policy.statements[index].isUnconditional || policy.statements[index].concerns(request) != .no
            }
            guard !own.isEmpty, !isDenied(subject, identity, action, values) else { continue }
            found += own
            open.removeAll { one in own.contains { $0.index == one.index } }
        }
        return found.sorted { $0.index < $1.index }
    }

    /// Whether all of those who are one here are denied something.
    ///
    /// - Parameter isAsked: The statements that count.
    func isDenied(
        _ subject: PolicySubject, _ action: String, _ values: [String: [String]],
        by isAsked: (PolicyStatement) -> Bool
    ) -> Bool {
        cast.identities(of: subject).allSatisfy { isDenied(subject, $0, action, values, by: isAsked) }
    }

    private func isDenied(
        _ subject: PolicySubject, _ identity: [String: [String]], _ action: String, _ values: [String: [String]],
        by isAsked: (PolicyStatement) -> Bool = { _ in true }
    ) -> Bool {
        lazy var request = self.request(identity, action, values)
        return policy.statements.indices.contains { index in
            let statement = policy.statements[index]
            return statement.effect == .deny && statement.actions.meansAction(action)
                && reaches[index]?.isDenied(subject) == true && isAsked(statement)
                && statement.concerns(request) == .yes
        }
    }

    /// The Denies that may keep somebody from one of these actions, as what is not known of a call has it.
    func openDenials(_ subject: PolicySubject, _ actions: [String]) -> [Int] {
        policy.statements.indices.filter { index in
            let statement = policy.statements[index]
            guard statement.effect == .deny, let reach = reaches[index], reach.way(subject) != .no,
                statement.conditions.contains(where: { !$0.isOfCaller })
            else { return false }
            return actions.contains { action in
                statement.actions.meansAction(action)
                    && cast.identities(of: subject).contains { statement.concerns(request($0, action, [:])) == .maybe }
            }
        }
    }

    private func request(
        _ identity: [String: [String]], _ action: String, _ values: [String: [String]]
    ) -> PolicyRequest {
        var context = identity.merging(ConditionKeys.absent(in: action)) { $1 }
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
        if holders.contains(where: { if case .named = $0.subject { true } else { false } }) {
            untold.append("who can call as the roles that it names, or make one that is not there yet")
        }
        if grants == nil { untold.append("the key's grants, which were not given") }
        untold.append(
            "service and resource control policies, permissions boundaries, session policies and endpoints' policies: they "
                + "can only take away")
        return untold
    }
}

extension PolicyStatement {
    fileprivate var isUnconditional: Bool { conditions.isEmpty && resources == PolicyNames(["*"]) }

    /// Whether by its conditions it is about others than these many, who are asked about by themselves.
    fileprivate func leavesOut(_ subject: PolicySubject) -> Bool {
        switch subject {
        case .anyone: conditions.contains { ($0.isOfCallerARN || $0.isOfCallerAccount) && $0.namesCallers }
        case .account, .like(_, _, nil): conditions.contains { $0.isOfCallerARN && $0.namesCallers }
        case .named, .like, .service, .outsider, .unknown: false
        }
    }
}
