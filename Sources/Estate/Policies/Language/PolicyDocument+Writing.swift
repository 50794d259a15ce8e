package import Evidence

extension PolicyDocument {
    /// As JSON. A list of one is a text, as AWS writes it.
    package var json: JSONValue {
        var members: [String: JSONValue] = ["Statement": .array(statements.map(\.json))]
        members["Version"] = version.map(JSONValue.string)
        members["Id"] = id.map(JSONValue.string)
        return .object(members)
    }

    /// Its one canonical form, without white space.
    ///
    /// - Throws: `CanonicalJSONError` for text that is no printable ASCII.
    package func text() throws -> String { String(decoding: try CanonicalJSON.encode(json), as: UTF8.self) }
}

extension PolicyStatement {
    var json: JSONValue {
        var members: [String: JSONValue] = ["Effect": .string(effect.rawValue)]
        members["Sid"] = sid.map(JSONValue.string)
        members[actions.isNegated ? "NotAction" : "Action"] = Self.list(actions.patterns)
        members[resources.isNegated ? "NotResource" : "Resource"] = Self.list(resources.patterns)
        if let principals { members[principals.isNegated ? "NotPrincipal" : "Principal"] = principals.json }
        var conditions: [String: [String: JSONValue]] = [:]
        for condition in self.conditions {
            conditions[condition.comparison.name, default: [:]][condition.key] = Self.list(condition.values)
        }
        if !conditions.isEmpty { members["Condition"] = .object(conditions.mapValues(JSONValue.object)) }
        return .object(members)
    }

    fileprivate static func list(_ texts: [String]) -> JSONValue {
        texts.count == 1 ? .string(texts[0]) : .array(texts.map(JSONValue.string))
    }
}

extension PolicyPrincipals {
    fileprivate var json: JSONValue {
        if members == [.everyone] { return .string("*") }
        var kinds: [String: [String]] = [:]
        for member in members {
            switch member {
            case .everyone: kinds["AWS", default: []].append("*")
            case .aws(let name): kinds["AWS", default: []].append(name)
            case .service(let name): kinds["Service", default: []].append(name)
            case .federated(let name): kinds["Federated", default: []].append(name)
            case .canonicalUser(let name): kinds["CanonicalUser", default: []].append(name)
            }
        }
        return .object(kinds.mapValues(PolicyStatement.list))
    }
}
