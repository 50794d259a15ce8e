package import Evidence

/// The roles of a rehearsal that keeps them apart, and all that each of them needs.
package enum RehearsalRoles {
    private static let operations: [CallerRole: [String]] = [
        .look: [
            "Decrypt", "DescribeKey", "Encrypt", "GenerateMac", "GetKeyPolicy", "GetPublicKey", "ListGrants",
            "ListKeyRotations", "ListKeys", "ListResourceTags",
        ],
        .create: ["CreateKey", "TagResource"],
        .fetch: ["GetParametersForImport"],
        .import: ["ImportKeyMaterial"],
        .activate: ["CreateAlias", "DeleteImportedKeyMaterial", "RotateKeyOnDemand", "UpdateAlias"],
    ]

    /// The ARN of a role in an account.
    package static func arn(of role: CallerRole, in account: String) -> String {
        "arn:aws:iam::\(account):role/keyrite-\(role.rawValue)"
    }

    /// As a site names them.
    static func sources(in account: String) -> SiteRoles {
        SiteRoles(
            Dictionary(
                uniqueKeysWithValues: CallerRole.allCases.map {
                    ($0, .assumed(arn: arn(of: $0, in: account), externalID: nil))
                }))
    }

    /// What of KMS each may call, by its ARN.
    package static func permissions(in account: String) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: operations.map { (arn(of: $0.key, in: account), $0.value) })
    }
}
