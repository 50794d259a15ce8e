/// The IAM policies of whoever takes an inventory: each allows the calls that it makes, and no more. None of them changes
/// anything, nor tells what is encrypted.
package enum ReaderPolicies {
    /// Of who reads an account: the site's own credentials, or the role in an account that is entered.
    ///
    /// Listings have no resources, and what they list is not known beforehand.
    package static let account = PolicyDocument([read])

    /// Of the site's own credentials, where they enter accounts.
    ///
    /// - Parameters:
    ///   - roles: ARNs of roles that they assume.
    ///   - organization: The name of the role that they assume in each account of the organization, of which they list the
    ///     accounts, and read their own; nil for no organization.
    /// - Returns: One, or several where one would be too long.
    /// - Throws: `PolicyError` for a name that would mean other roles as well.
    package static func entrance(
        roles: [String], organization: String?, partition: String
    ) throws -> [PolicyDocument] {
        let everywhere = organization.map { "arn:\(partition):iam::*:role/\($0)" }
        for name in roles + [organization].compactMap({ $0 }) {
            guard name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !wildcards.contains($0) }) else {
                throw PolicyError("role", "\(name) has *, ? or $ in it, which mean other roles in a policy")
            }
        }
        let assumed = Set(roles).sorted() + [everywhere].compactMap { $0 }
        var statements = [
            PolicyStatement("Assume", .allow, actions: [InventoryCall.assumesRole.action], resources: assumed)
        ]
        if organization != nil {
            statements =
                [
                    read,
                    PolicyStatement(
                        "ListAccounts", .allow, actions: [InventoryCall.listsAccounts.action], resources: ["*"]),
                ] + statements
        }
        return try PolicySplit(limit: PolicyDocument.Kind.identity.longest).split(statements)
    }

    private static let read = PolicyStatement(
        "Read", .allow, actions: InventoryCall.inAccount.map(\.action).sorted(), resources: ["*"])
    private static let wildcards = Set("*?$".utf8)
}
