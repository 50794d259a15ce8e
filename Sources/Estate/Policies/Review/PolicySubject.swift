/// Somebody, as a key policy can tell them apart.
package enum PolicySubject: Hashable, Sendable {
    /// Whoever has an AWS account, of one that the policy does not name.
    case anyone
    /// Whoever of an account is not named otherwise.
    case account(String)
    /// A role, a user, or a session, by its ARN.
    case named(String)
    /// One of those whose ARNs a condition means.
    ///
    /// - Parameter arn: Such a one's; nil where the pattern does not tell it.
    case like(pattern: String, account: String, arn: String?)
    case service(String)
    /// By an identity provider, or a CloudFront identity: as the policy has it.
    case outsider(String)
    /// What is no name of anybody that is known here.
    case unknown(String)

    /// Whom a principal means, but for everybody.
    init?(_ principal: PolicyPrincipal) {
        switch principal {
        case .everyone: return nil
        case .service(let name): self = .service(name)
        case .federated(let name), .canonicalUser(let name): self = .outsider(name)
        case .aws(let name):
            if let account = principal.wholeAccount {
                self = .account(account)
            } else {
                self = Self.account(of: name) == nil ? .unknown(name) : .named(name)
            }
        }
    }

    /// The account in the ARN of a role, a user or a session; nil for anything else, and for a wildcard, which AWS refuses.
    static func account(of arn: String) -> String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[3].isEmpty, PolicyPrincipal.isAccount(parts[4]),
            !PolicyPattern.hasWildcard(arn), arn.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        let kinds = ["iam": ["role/", "user/"], "sts": ["assumed-role/", "federated-user/"]][parts[2]] ?? []
        return kinds.contains(where: parts[5].hasPrefix) ? parts[4] : nil
    }

    /// Those whom a condition on `aws:PrincipalArn` means, of each of some accounts.
    ///
    /// A pattern stands for many: one with as little in the place of a `*` as can be, and one with a name that nobody has.
    static func meant(by pattern: String, of accounts: [String]) -> [PolicySubject] {
        guard account(of: pattern) == nil else { return [.named(pattern)] }
        let parts = pattern.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6 else { return accounts.map { .like(pattern: pattern, account: $0, arn: nil) } }
        let own = accounts.filter { PolicyPattern.matches(parts[4], $0) }
        return Set(own + examples(ofAccountsLike: parts[4])).sorted().flatMap { account in
            ["", somebody].map { filling in
                var example = parts.map { filled($0, filling) }
                example[4] = account
                let arn = example.joined(separator: ":")
                return .like(pattern: pattern, account: account, arn: Self.account(of: arn) == nil ? nil : arn)
            }
        }
    }

    private static func filled(_ pattern: String, _ filling: String) -> String {
        pattern.map { $0 == "*" ? filling : $0 == "?" ? "x" : String($0) }.joined()
    }

    /// Those of the accounts that a condition on an account means.
    static func accounts(like pattern: String) -> [PolicySubject] {
        guard !PolicyPrincipal.isAccount(pattern) else { return [.account(pattern)] }
        return examples(ofAccountsLike: pattern).map { .like(pattern: pattern, account: $0, arn: nil) }
    }

    /// The lowest and the highest number; none of what is like no account.
    private static func examples(ofAccountsLike pattern: String) -> [String] {
        ["0", "9"].map { digit in
            let digits = pattern.count { $0 != "*" }
            let missing = String(repeating: digit, count: max(0, 12 - digits))
            let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.map { $0.filter { $0 != "*" }.map { $0 == "?" ? digit : String($0) }.joined() }
                .joined(separator: missing)
        }.filter { PolicyPrincipal.isAccount($0) }
    }

    package var account: String? {
        switch self {
        case .account(let account), .like(_, let account, _): account
        case .named(let arn): Self.account(of: arn)
        case .anyone, .service, .outsider, .unknown: nil
        }
    }

    /// As a policy or an AWS tool would write it; `*` for anyone.
    package var name: String {
        switch self {
        case .anyone: "*"
        case .account(let name), .named(let name), .service(let name), .outsider(let name), .unknown(let name),
            .like(let name, _, _):
            name
        }
    }

    /// What conditions are compared with when they call, as far as it is known.
    ///
    /// - Parameters:
    ///   - partition: Of ARNs.
    ///   - isAnyOfThem: Whether nothing is to be known of one of many, but of what they have in common.
    func context(_ partition: String, isAnyOfThem: Bool) -> [String: [String]] {
        switch self {
        case .anyone where isAnyOfThem, .like where isAnyOfThem: [:]
        case .account(let account) where isAnyOfThem: Self.identity(nil, of: account)
        case .anyone:
            Self.identity("arn:\(partition):iam::\(Self.strangers):role/\(Self.somebody)", of: Self.strangers)
        case .account(let account):
            Self.identity("arn:\(partition):iam::\(account):role/\(Self.somebody)", of: account)
        case .named(let arn):
            // A session's condition key is its role's ARN, whose path the session's does not have.
            Self.identity(arn.contains(":iam::") ? arn : nil, of: Self.account(of: arn) ?? "")
        case .like(_, let account, let arn): Self.identity(arn, of: account)
        case .service, .outsider, .unknown: [:]
        }
    }

    private static func identity(_ arn: String?, of account: String) -> [String: [String]] {
        var context = ["aws:PrincipalAccount": [account], "kms:CallerAccount": [account]]
        if let arn { context["aws:PrincipalArn"] = [arn] }
        return context
    }

    /// Whoever bears this name is none that a policy names.
    private static let somebody = "keyrite-somebody-else"
    static let strangers = "000000000000"
}

extension PolicyPrincipals {
    /// How a statement is about somebody.
    enum Reach {
        case no
        /// Also if their own account's IAM says nothing.
        case direct
        /// As far as their account's IAM lets them.
        case throughIAM
    }

    func reach(_ subject: PolicySubject) -> Reach {
        let isListed = members.contains { $0 == .everyone || PolicySubject($0) == subject }
        let account = subject.account
        let isOfListed = account != nil && members.contains { $0.wholeAccount == account }
        guard !isNegated else { return isListed || isOfListed ? .no : .direct }
        if members.contains(.everyone) { return .direct }
        if case .account = subject { return isListed ? .throughIAM : .no }
        return isListed ? .direct : isOfListed ? .throughIAM : .no
    }
}
