package import Evidence

extension PolicyDocument {
    /// What a policy is attached to.
    package enum Kind: Sendable {
        /// A role or a user: it names no principals, and what it is about by ARNs.
        case identity
        /// A key: it names principals.
        case key

        /// The most characters, white space not counted, of a managed policy; the most bytes of a key policy.
        ///
        /// docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
        /// docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
        package var longest: Int { self == .identity ? 6_144 : 32_768 }
    }

    /// The most bytes that are looked at: what KMS takes at all of a policy, which can have white space.
    private static let limit = 131_072

    /// Reads a policy strictly, by AWS's grammar: no other elements, none twice, none of another type.
    ///
    /// - Throws: `PolicyError` with the place.
    package init(_ bytes: [UInt8], _ kind: Kind) throws(PolicyError) {
        try self.init(StrictJSON(policy: bytes, limit: Self.limit), kind)
    }

    package init(_ json: StrictJSON, _ kind: Kind) throws(PolicyError) {
        let members = try PolicyReader.members(json, "$", of: ["Version", "Id", "Statement"])
        let version = try members["Version"].map { json throws(PolicyError) in
            try PolicyReader.text(json, "$.Version")
        }
        if let version, !Self.versions.contains(version) {
            throw PolicyError("$.Version", "the language has the versions \(Self.versions.joined(separator: ", "))")
        }
        let id = try members["Id"].map { json throws(PolicyError) in try PolicyReader.text(json, "$.Id") }
        var statements: [PolicyStatement] = []
        switch members["Statement"] {
        case .array(let list):
            for (index, json) in list.enumerated() {
                statements.append(try PolicyReader.statement(json, "$.Statement[\(index)]", kind))
            }
        case .object: statements = [try PolicyReader.statement(members["Statement"], "$.Statement", kind)]
        default: throw PolicyError("$.Statement", "a statement, or a list of them, is missing")
        }
        guard !statements.isEmpty else { throw PolicyError("$.Statement", "it has no statement") }
        let sids = statements.compactMap(\.sid).filter { !$0.isEmpty }
        // Nobody says that KMS refuses a key policy for it.
        guard kind == .key || Set(sids).count == sids.count else {
            throw PolicyError("$.Statement", "two statements have one Sid")
        }
        self.init(version: version, id: id, statements)
    }
}

/// The parts of AWS's grammar.
private enum PolicyReader {
    private static let elements = [
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
    ]

    static func members(
        _ json: StrictJSON?, _ path: String, of known: [String]?
    ) throws(PolicyError) -> [String: StrictJSON] {
        guard case .object(let members) = json else { throw PolicyError(path, "it is no object") }
        var found: [String: StrictJSON] = [:]
        for member in members {
            guard known?.contains(member.name) != false else {
                throw PolicyError(path, "the language has no element \(member.name.prefix(64)) here")
            }
            found[member.name] = member.value
        }
        return found
    }

    static func text(_ json: StrictJSON?, _ path: String) throws(PolicyError) -> String {
        guard let text = json?.string else { throw PolicyError(path, "it is no text") }
        return text
    }

    /// A text, or a list of at least one.
    private static func texts(_ json: StrictJSON, _ path: String) throws(PolicyError) -> [String] {
        guard case .array(let list) = json else { return [try text(json, path)] }
        guard !list.isEmpty else { throw PolicyError(path, "the list is empty") }
        var texts: [String] = []
        for (index, item) in list.enumerated() { texts.append(try text(item, "\(path)[\(index)]")) }
        return texts
    }

    static func statement(
        _ json: StrictJSON?, _ path: String, _ kind: PolicyDocument.Kind
    ) throws(PolicyError) -> PolicyStatement {
        let members = try members(json, path, of: elements)
        guard let effect = PolicyStatement.Effect(rawValue: try text(members["Effect"], path + ".Effect")) else {
            throw PolicyError(path + ".Effect", "it is neither Allow nor Deny")
        }
        guard let actions = try names(members, "Action", path), let resources = try names(members, "Resource", path)
        else { throw PolicyError(path, "a statement has Action or NotAction, and Resource or NotResource") }
        for action in actions.patterns { try require(action: action, path) }
        let principals = try principals(members, path)
        guard (principals == nil) == (kind == .identity) else {
            throw PolicyError(
                path,
                kind == .identity ? "a role's policy names no principals" : "a key policy's statement names principals")
        }
        return PolicyStatement(
            try sid(members["Sid"], path + ".Sid", kind), effect, principals: principals, actions: actions,
            resources: resources, conditions: try conditions(members["Condition"], path + ".Condition"))
    }

    private static func sid(
        _ json: StrictJSON?, _ path: String, _ kind: PolicyDocument.Kind
    ) throws(PolicyError) -> String? {
        guard let json else { return nil }
        let sid = try text(json, path)
        // IAM's rule; AWS's own key policies have Sids with spaces.
        guard kind == .key || sid.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isASCIIAlphanumeric }) else {
            throw PolicyError(path, "a Sid has letters and digits alone")
        }
        return sid
    }

    /// `*`, or the name of a service, a colon and the name of an action, either with wildcards.
    private static func require(action: String, _ path: String) throws(PolicyError) {
        let parts = action.split(separator: ":", omittingEmptySubsequences: false)
        guard action == "*" || parts.count == 2 && parts.allSatisfy({ !$0.isEmpty }) else {
            throw PolicyError(path, "\(action.prefix(64)) names no action")
        }
    }

    /// Action or NotAction, Resource or NotResource; one of the two.
    private static func names(
        _ members: [String: StrictJSON], _ name: String, _ path: String
    ) throws(PolicyError) -> PolicyNames? {
        switch (members[name], members["Not" + name]) {
        case (let json?, nil): PolicyNames(try texts(json, "\(path).\(name)"))
        case (nil, let json?): PolicyNames(try texts(json, "\(path).Not\(name)"), isNegated: true)
        case (nil, nil): nil
        case (.some, .some): throw PolicyError(path, "it has \(name) and Not\(name)")
        }
    }

    private static func principals(
        _ members: [String: StrictJSON], _ path: String
    ) throws(PolicyError) -> PolicyPrincipals? {
        switch (members["Principal"], members["NotPrincipal"]) {
        case (let json?, nil): PolicyPrincipals(try principals(json, path + ".Principal"))
        case (nil, let json?): PolicyPrincipals(try principals(json, path + ".NotPrincipal"), isNegated: true)
        case (nil, nil): nil
        case (.some, .some): throw PolicyError(path, "it has Principal and NotPrincipal")
        }
    }

    private static func principals(_ json: StrictJSON, _ path: String) throws(PolicyError) -> [PolicyPrincipal] {
        if let text = json.string {
            guard text == "*" else { throw PolicyError(path, "a text here is * alone") }
            return [.everyone]
        }
        let members = try members(json, path, of: ["AWS", "Service", "Federated", "CanonicalUser"])
        var all: [PolicyPrincipal] = []
        for (name, json) in members.sorted(by: { $0.key < $1.key }) {
            for text in try texts(json, "\(path).\(name)") {
                let principal: PolicyPrincipal =
                    switch name {
                    case "AWS": text == "*" ? .everyone : .aws(text)
                    case "Service": .service(text)
                    case "Federated": .federated(text)
                    default: .canonicalUser(text)
                    }
                all.append(principal)
            }
        }
        guard !all.isEmpty else { throw PolicyError(path, "it names nobody") }
        return all
    }

    private static func conditions(_ json: StrictJSON?, _ path: String) throws(PolicyError) -> [PolicyCondition] {
        guard let json else { return [] }
        var all: [PolicyCondition] = []
        for (name, json) in try members(json, path, of: nil).sorted(by: { $0.key < $1.key }) {
            let keys = try members(json, "\(path).\(name)", of: nil)
            guard Set(keys.keys.map(PolicyPattern.lowercased)).count == keys.count else {
                throw PolicyError("\(path).\(name)", "a condition key stands twice, in other letters")
            }
            for (key, json) in keys.sorted(by: { $0.key < $1.key }) {
                let values = try values(json, "\(path).\(name).\(key)")
                all.append(PolicyCondition(ConditionOperator(name), key, values))
            }
        }
        return all
    }

    /// Texts; numbers and flags may stand without their quotes.
    private static func values(_ json: StrictJSON, _ path: String) throws(PolicyError) -> [String] {
        let list = if case .array(let list) = json { list } else { [json] }
        guard !list.isEmpty else { throw PolicyError(path, "the list is empty") }
        var values: [String] = []
        for value in list {
            switch value {
            case .string(let text), .number(let text): values.append(text)
            case .bool(let flag): values.append(flag ? "true" : "false")
            case .object, .array, .null: throw PolicyError(path, "a value is a text, a number, true or false")
            }
        }
        return values
    }
}

extension Character {
    fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
