package import Evidence

/// A grant, as far as it matters who may do what by it.
package struct KeyGrant: Hashable, Sendable {
    package let id: String
    package let grantee: PolicySubject
    /// By KMS's names.
    package let operations: [String]

    package init(id: String, grantee: PolicySubject, operations: [String]) {
        self.id = id
        self.grantee = grantee
        self.operations = operations
    }

    /// As a plan, or ListGrants through the ceremony's port, has it.
    package init(_ grant: PlanGrant) throws {
        self.init(
            id: try PercentEncoding.decode(grant.id),
            grantee: Self.grantee(try PercentEncoding.decode(grant.grantee)),
            operations: try grant.operations.map(PercentEncoding.decode))
    }

    /// The most bytes of a list that are looked at: a key has at most 50,000 grants.
    private static let limit = 64 << 20

    /// Reads what `aws kms list-grants` printed.
    ///
    /// - Parameter key: Whose grants they are to be, by its ARN; nil for any one key's.
    /// - Throws: `PolicyError`; also for a list that says that it goes on, and for another key's, or several keys' grants.
    package static func list(_ bytes: [UInt8], of key: String?) throws(PolicyError) -> [KeyGrant] {
        let json = try StrictJSON(policy: bytes, limit: limit)
        guard json["Truncated"] != .bool(true), json["NextToken"] == nil, json["NextMarker"] == nil else {
            throw PolicyError("$", "the list goes on: have all of it printed")
        }
        guard case .array(let list) = json["Grants"] else {
            throw PolicyError("$.Grants", "there is no list of grants")
        }
        var grants: [KeyGrant] = []
        var key = key
        for (index, grant) in list.enumerated() {
            let path = "$.Grants[\(index)]"
            let grantee = grant["GranteePrincipal"]?.string ?? grant["GranteeServicePrincipal"]?.string
            guard let id = grant["GrantId"]?.string, let grantee, case .array(let operations) = grant["Operations"]
            else {
                throw PolicyError(path, "it has not GrantId, Operations and a grantee")
            }
            guard let keyID = grant["KeyId"]?.string else { throw PolicyError(path + ".KeyId", "it is no text") }
            guard keyID.utf8.elementsEqual((key ?? keyID).utf8) else {
                throw PolicyError(path + ".KeyId", "it is a grant of \(keyID), and not of \(key ?? "-")")
            }
            key = keyID
            let names = operations.compactMap(\.string)
            guard names.count == operations.count else { throw PolicyError(path, "an operation is no text") }
            grants.append(KeyGrant(id: id, grantee: Self.grantee(grantee), operations: names))
        }
        return grants
    }

    private static func grantee(_ name: String) -> PolicySubject {
        let isService = !name.contains(":") && name.contains(".")
        return isService ? .service(name) : PolicySubject(name == "*" ? .everyone : .aws(name)) ?? .anyone
    }

    /// Operations that only look, or check what others made.
    private static let harmless: Set = ["DescribeKey", "GetPublicKey", "Verify", "VerifyMac"]

    var powers: [KeyPower] {
        KeyPower.allCases.filter { power in operations.contains { power.actions.contains("kms:" + $0) } }
    }

    /// Operations of which nobody here knows what they come to.
    var unknownOperations: [String] {
        operations.filter { name in
            !Self.harmless.contains(name) && !KeyPower.allCases.contains { $0.actions.contains("kms:" + name) }
        }
    }
}
