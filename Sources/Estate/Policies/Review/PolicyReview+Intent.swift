/// What the policy lets people do, held to what they are to do.
extension PolicyReview {
    func intentFindings(_ access: [Access]) -> [PolicyFinding] {
        let stray = access.filter {
            !intent.isMeant($0.subject, $0.power, $0.action, throughIAM: $0.throughIAM)
        }
        struct Key: Hashable {
            let statement: Int
            let subject: PolicySubject
            let throughIAM: Bool
        }
        var groups: [[Access]] = []
        var places: [Key: Int] = [:]
        for one in stray {
            let key = Key(statement: one.statement, subject: one.subject, throughIAM: one.throughIAM)
            if let index = places[key] {
                groups[index].append(one)
            } else {
                places[key] = groups.count
                groups.append([one])
            }
        }
        return groups.map { finding($0[0], $0) } + bothFindings(access)
    }

    /// - Parameter all: What else they can by the same statement.
    private func finding(_ access: Access, _ all: [Access]) -> PolicyFinding {
        let powers = KeyPower.allCases.filter { power in all.contains { $0.power == power } }
        let can = "can " + powers.map(\.words).joined(separator: ", ") + narrowing(access, all.map(\.action))
        func made(_ kind: PolicyFinding.Kind, _ who: String, _ remedy: String) -> PolicyFinding {
            PolicyFinding(kind, cause(access.statement), "\(who) \(can)", remedy: remedy)
        }
        switch access.subject {
        case .anyone:
            return made(.anyone, "anybody who has an AWS account", "Name the principals that are meant")
        case .account(let account) where !access.throughIAM:
            return made(
                .anyone, "anybody of the account \(account), without a policy of their own,",
                "Name the principals that are meant")
        case .account(let account) where account == intent.account:
            return made(
                .throughIAM, "whoever an IAM policy of \(account) lets",
                "Leave these actions out of what the root gets, or "
                    + "deny them to all but the role that is meant, as keyrite policy print does")
        case .like(let pattern, _, _) where Self.isOfAnyAccount(pattern):
            return made(.anyone, "anybody like \(pattern)", "Name the principals that are meant")
        case .account(let name), .named(let name), .like(let name, _, _):
            guard access.subject.account == intent.account else {
                return made(
                    .otherAccount, "\(name), of another account,",
                    "Take it out, or name it with --user if it is to use the key for data")
            }
            return made(
                .notIntended, name + (access.throughIAM ? ", if an IAM policy lets it," : ""),
                "Take these actions away from it, or name it for what it is: --role-arn, --user, --administrator")
        case .service(let name), .outsider(let name):
            return made(.notIntended, name, "Take it out; AWS's services use keys for whoever may use them")
        case .unknown(let name):
            return made(
                .notUnderstood,
                "\(name), which is no ARN of a role or a user (an id is what is left of one that was deleted),",
                "Take it out, or name who is meant by their ARN")
        }
    }

    private static let mostNamed = 3

    /// By what an Allow is narrower than by whom it is for, in words: whether it holds is not known here.
    private func narrowing(_ access: Access, _ actions: [String]) -> String {
        func list(_ texts: [String]) -> String {
            let more = texts.count - Self.mostNamed
            return texts.prefix(Self.mostNamed).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        }
        let conditions = policy.statements[access.statement].conditions.filter { !($0.isOfCaller && $0.namesCallers) }
            .map { "\($0.comparison.name) \($0.key) \(list($0.values))" }
        let denials = openDenials(access.subject, actions).map { "statement \($0 + 1)" }
        return (conditions.isEmpty ? "" : ", on the condition " + list(conditions))
            + (denials.isEmpty ? "" : ", but for what \(list(denials)) denies on conditions")
    }

    private static func isOfAnyAccount(_ pattern: String) -> Bool {
        let account = pattern.split(separator: ":", omittingEmptySubsequences: false).dropFirst(4).first
        return !PolicyPrincipal.isAccount(account.map(String.init) ?? "")
    }

    /// Who changes the policy, and imports, needs nobody else.
    private func bothFindings(_ access: [Access]) -> [PolicyFinding] {
        let direct = access.filter { !$0.throughIAM }
        let importers = Set(direct.filter { [.fetch, .import].contains($0.power) }.map(\.subject))
        var seen: Set<PolicySubject> = []
        return direct.filter { one in
            guard case .named = one.subject, [.policy, .delete].contains(one.power) else { return false }
            return importers.contains(one.subject) && seen.insert(one.subject).inserted
        }.map { one in
            PolicyFinding(
                .both, cause(one.statement),
                "\(one.subject.name) administers the key, and can import into it or fetch for it",
                remedy: "Let somebody else administer it")
        }
    }

    // MARK: Statements that say more than they seem to

    var statementFindings: [PolicyFinding] {
        policy.statements.enumerated().flatMap { index, statement in
            findings(index, statement) + notUnderstood(index, statement)
        }
    }

    private func findings(_ index: Int, _ statement: PolicyStatement) -> [PolicyFinding] {
        var found: [PolicyFinding] = []
        if statement.effect == .allow, !statement.actions.isNegated,
            let all = statement.actions.patterns.first(where: { ["*", "kms:*"].contains(PolicyPattern.lowercased($0)) })
        {
            found.append(
                PolicyFinding(
                    .allActions, cause(index), "it allows \(all): also what KMS will be able to do later",
                    remedy: "Name the actions that are meant"))
        }
        let negated = [
            statement.principals?.isNegated == true ? "NotPrincipal" : nil,
            statement.actions.isNegated ? "NotAction" : nil, statement.resources.isNegated ? "NotResource" : nil,
        ].compactMap(\.self)
        if !negated.isEmpty {
            found.append(
                PolicyFinding(
                    .negated, cause(index),
                    "by \(negated.joined(separator: " and ")) it \(statement.effect == .allow ? "allows" : "denies") all but "
                        + "what it names",
                    remedy: "Name what is meant; for a Deny, with a condition on aws:PrincipalArn"))
        }
        return found
    }

    private func notUnderstood(_ index: Int, _ statement: PolicyStatement) -> [PolicyFinding] {
        let isKnownResource = intent.keyARN != nil || statement.resources == PolicyNames(["*"])
        let resources = isKnownResource ? [] : ["its Resource is not *, and the key's ARN is not known"]
        let found = resources + statement.conditions.compactMap { $0.problem(intent) }
        return found.map { problem in
            PolicyFinding(
                .notUnderstood, cause(index),
                "\(problem): it is taken to \(statement.effect == .allow ? "allow" : "deny nothing")",
                remedy: "Read it yourself, and write it in a way that can be checked")
        }
    }
}

extension PolicyCondition {
    /// What of it is not understood here.
    fileprivate func problem(_ intent: PolicyIntent) -> String? {
        guard let known = comparison.comparison else { return "the operator \(comparison.name) is not understood" }
        guard ConditionKeys.isKnown(key) else { return "the condition key \(key) is not understood" }
        guard !hasVariables else { return "the variable in \(key) is not understood" }
        switch known {
        case .ipAddress, .notIPAddress: return nil
        default: break
        }
        // A value that cannot be compared with anything.
        let probe: String
        if known.rawValue.hasPrefix("Date") {
            probe = "2026-01-01T00:00:00Z"
        } else if known.rawValue.hasPrefix("Numeric") {
            probe = "1"
        } else if known.rawValue.hasPrefix("Arn") {
            probe = "arn:aws:iam::111122223333:role/x"
        } else {
            probe = "true"
        }
        let context = PolicyContext([key: [probe]], isWhole: true)
        return context.satisfies([self]) == .maybe ? "the value in \(key) is not understood" : nil
    }
}
