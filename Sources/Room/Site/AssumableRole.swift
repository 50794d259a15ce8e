import Ceremony

/// An IAM role that is assumed with the site's own credentials.
package struct AssumableRole: Hashable, Sendable {
    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    package let arn: String
    /// What its trust policy asks for where a stranger assumes it.
    package let externalID: String?

    /// The keys that it has in YAML.
    static let keys = ["role", "externalId"]

    /// - Throws: `CeremonyError` for what is no ARN of a role.
    package init(arn: String, externalID: String? = nil) throws {
        guard Self.isRole(arn) else {
            throw CeremonyError(
                .invalidInput, "A role that was given is no IAM role's ARN",
                remedy: "Write arn:aws:iam::ACCOUNT:role/NAME")
        }
        self.arn = arn
        self.externalID = externalID
    }

    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    init(_ table: StrictYAML) throws {
        arn = try table.string("role")
        guard Self.isRole(arn) else {
            throw table.error("role", "is no IAM role's ARN", "Write arn:aws:iam::ACCOUNT:role/NAME")
        }
        externalID = try table.optionalString("externalId")
    }

    private static func isRole(_ arn: String) -> Bool {
        arn.wholeMatch(of: /arn:[a-z\-]{1,20}:iam::[0-9]{12}:role\/[\x21-\x7e]{1,576}/) != nil
    }

    /// `aws`.
    package var partition: String { part(1) }
    /// Whose it is: 12 digits.
    package var account: String { part(4) }

    private func part(_ number: Int) -> String {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > number ? String(parts[number]) : ""
    }
}

extension AssumableRole {
    /// Reads a list of roles.
    ///
    /// - Parameter text: YAML, or JSON, with `schema` and `roles`, each with `role` and perhaps `externalId`.
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    package static func list(yaml text: String, file: String) throws -> [AssumableRole] {
        let yaml = try StrictYAML(parsing: text, file: file, keys: ["schema", "roles"])
        guard try yaml.string("schema") == schema else {
            throw yaml.error("schema", "is none of a list of roles", "Write \(schema)")
        }
        return try yaml.tables("roles", keys: keys).map(AssumableRole.init)
    }

    private static let schema = "keyrite.roles/1"
}
