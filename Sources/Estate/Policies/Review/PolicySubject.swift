/// Somebody, as a key policy can tell them apart.
package enum PolicySubject: Hashable, Sendable {
    /// Whoever has an AWS account, of one that the policy does not name.
    case anyone
    /// Whoever of an account is not named otherwise.
    case account(String)
    /// A role, a user, or a session, by its ARN.
    case named(String)
    /// One of those whom a condition means by a pattern.
    ///
    /// - Parameter arn: Such a one's; nil where the pattern is of accounts.
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
}

/// Whom a statement is about.
struct PolicyReach {
    /// How it is about somebody.
    enum Way {
        case no
        /// Also if their own account's IAM says nothing.
        case direct
        /// As far as their account's IAM lets them.
        case throughIAM
    }

    /// Whether it means all but those who are listed.
    let isNegated: Bool
    let isOfEveryone: Bool
    private let listed: Set<PolicySubject>
    private let accounts: Set<String>

    init(_ principals: PolicyPrincipals) {
        isNegated = principals.isNegated
        isOfEveryone = principals.members.contains(.everyone)
        listed = Set(principals.members.compactMap { PolicySubject($0) })
        accounts = Set(principals.members.compactMap(\.wholeAccount))
    }

    func way(_ subject: PolicySubject) -> Way {
        let isListed = isOfEveryone || listed.contains(subject)
        let isOfListed = subject.account.map(accounts.contains) ?? false
        guard !isNegated else { return isListed || isOfListed ? .no : .direct }
        if isOfEveryone { return .direct }
        if case .account = subject { return isListed ? .throughIAM : .no }
        return isListed ? .direct : isOfListed ? .throughIAM : .no
    }

    /// The same of an Allow. AWS does not support it with NotPrincipal: whom that leaves out, nobody says.
    func allowedWay(_ subject: PolicySubject) -> Way { isNegated ? .direct : way(subject) }

    /// Whether a Deny is about somebody for certain.
    func isDenied(_ subject: PolicySubject) -> Bool {
        guard way(subject) != .no else { return false }
        // A session is refused what its role is refused; which role that is, its ARN does not say whole.
        if case .unknown = subject { return isOfEveryone && !isNegated }
        return true
    }
}
