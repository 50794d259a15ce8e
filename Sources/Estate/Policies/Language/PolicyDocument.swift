/// A policy in AWS's language.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
package struct PolicyDocument: Hashable, Sendable {
    /// The language's version in which there are policy variables, and the only one that new policies are written in.
    package static let currentVersion = "2012-10-17"
    package static let versions = ["2008-10-17", currentVersion]

    /// nil for the older of the two.
    package let version: String?
    package let id: String?
    package let statements: [PolicyStatement]

    package init(version: String? = currentVersion, id: String? = nil, _ statements: [PolicyStatement]) {
        self.version = version
        self.id = id
        self.statements = statements
    }
}

/// A statement as it was read: what its `Not…` elements negate is kept, and nothing is evaluated yet.
package struct PolicyStatement: Hashable, Sendable {
    /// A Deny counts above every Allow.
    package enum Effect: String, Sendable {
        case allow = "Allow"
        case deny = "Deny"
    }

    package let sid: String?
    package let effect: Effect
    /// Whom it is about; nil in a policy that is attached to them.
    package let principals: PolicyPrincipals?
    package let actions: PolicyNames
    package let resources: PolicyNames
    /// All of them must hold.
    package let conditions: [PolicyCondition]

    package init(
        _ sid: String?, _ effect: Effect, principals: [PolicyPrincipal]? = nil, actions: [String],
        resources: [String], conditions: [PolicyCondition] = []
    ) {
        self.init(
            sid, effect, principals: principals.map { PolicyPrincipals($0) }, actions: PolicyNames(actions),
            resources: PolicyNames(resources), conditions: conditions)
    }

    package init(
        _ sid: String?, _ effect: Effect, principals: PolicyPrincipals?, actions: PolicyNames,
        resources: PolicyNames, conditions: [PolicyCondition]
    ) {
        self.sid = sid
        self.effect = effect
        self.principals = principals
        self.actions = actions
        self.resources = resources
        // As JSON has them, where their order means nothing.
        self.conditions = conditions.sorted { ($0.comparison.name, $0.key) < ($1.comparison.name, $1.key) }
    }
}

/// The patterns of Action and Resource, or of NotAction and NotResource.
package struct PolicyNames: Hashable, Sendable {
    /// Whether it means all that the patterns do not.
    package let isNegated: Bool
    package let patterns: [String]

    package init(_ patterns: [String], isNegated: Bool = false) {
        self.patterns = patterns
        self.isNegated = isNegated
    }

    /// Whether it means an action, such as `kms:Decrypt`.
    package func meansAction(_ action: String) -> Bool {
        patterns.contains { PolicyPattern.matchesAction($0, action) } != isNegated
    }

    /// Whether it means a resource by its ARN, or `*` where the action has none.
    package func meansResource(_ arn: String) -> Bool {
        patterns.contains { PolicyPattern.matches($0, arn) } != isNegated
    }
}

/// Principal, or NotPrincipal.
package struct PolicyPrincipals: Hashable, Sendable {
    package let isNegated: Bool
    package let members: [PolicyPrincipal]

    package init(_ members: [PolicyPrincipal], isNegated: Bool = false) {
        self.members = members
        self.isNegated = isNegated
    }
}

/// Somebody whom a statement names.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
package enum PolicyPrincipal: Hashable, Sendable {
    /// `*`, and `{"AWS": "*"}`, which is the same in a policy of a resource.
    case everyone
    /// An account's twelve digits, its root's ARN, the ARN of a role, user or session, or an id.
    case aws(String)
    case service(String)
    case federated(String)
    case canonicalUser(String)

    /// The account that is meant as a whole: its id, or its root.
    package var wholeAccount: String? {
        guard case .aws(let name) = self else { return nil }
        if Self.isAccount(name) { return name }
        let parts = name.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "iam", parts[3].isEmpty, Self.isAccount(parts[4]),
            parts[5] == "root"
        else { return nil }
        return parts[4]
    }

    package static func isAccount(_ text: String) -> Bool {
        text.utf8.count == 12 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

/// One comparison of a Condition.
package struct PolicyCondition: Hashable, Sendable {
    package let comparison: ConditionOperator
    /// Such as `kms:WrappingAlgorithm`; it has no case.
    package let key: String
    package let values: [String]

    package init(_ comparison: ConditionOperator, _ key: String, _ values: [String]) {
        self.comparison = comparison
        self.key = key
        self.values = values
    }

    package init(_ comparison: ConditionOperator.Comparison, _ key: String, _ values: String...) {
        self.init(ConditionOperator(comparison), key, values)
    }
}
