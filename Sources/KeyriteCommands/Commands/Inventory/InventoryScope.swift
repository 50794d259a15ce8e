import AWS
import ArgumentParser
import Ceremony
import Estate
import Room

/// Which accounts and Regions an inventory is of, as somebody asks for them.
struct InventoryScope: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read the account of this IAM role, which the site's credentials assume. May be repeated; by default, the site's own.",
            valueName: "arn"))
    var role: [String] = []
    @Option(
        help: ArgumentHelp(
            "The same of a list of roles, with external ids where they have them (YAML or JSON).", valueName: "file"))
    var roles: String?
    @Option(
        help: ArgumentHelp(
            """
            Read each active account of the organization by a role of this name, the site's own by the site's credentials. \
            A role of --role or --roles is taken in its account.
            """, valueName: "role-name"))
    var organization: String?
    @Option(
        name: [.customLong("region"), .customLong("regions")],
        help: ArgumentHelp(
            """
            Where to look, in the site's partition; by default the site's own Region. May be repeated. all: every Region that \
            is enabled in the account.
            """, valueName: "region"))
    var region: [String] = []
    @Option(
        help: ArgumentHelp(
            """
            How much of each of AWS's quotas of calls is taken, 1 to 100; by default \(ServiceClient.share), and all of that of \
            CloudTrail's lookups. The account's own work has the rest.
            """, valueName: "percent"))
    var share: Int?

    static let everywhere = "all"

    func validate() throws {
        guard !region.contains(Self.everywhere) || Set(region).count == 1 else {
            throw ValidationError("--region all is every Region: give it alone, or name Regions.")
        }
        try Self.requireRoleName(organization)
        guard share.map({ (1...100).contains($0) }) ?? true else { throw ValidationError("--share takes 1 to 100.") }
    }

    /// - Throws: `ValidationError` for what is no role's name.
    static func requireRoleName(_ organization: String?) throws {
        if let organization, organization.wholeMatch(of: /[\x21-\x7e]{1,576}/) == nil || organization.contains(":") {
            throw ValidationError("--organization takes a role's name, as it is in each account, and no ARN.")
        }
    }

    /// Whether nothing else is asked for than the site's own account and Region.
    var isOwn: Bool { role.isEmpty && roles == nil && organization == nil && region.isEmpty && share == nil }

    /// Unless Regions are named, looks in those that the ARNs of keys name, if all are ARNs.
    mutating func lookWhere(_ keys: [String]) {
        guard region.isEmpty else { return }
        let regions = keys.compactMap { key in
            switch KeyName(key) {
            case .keyARN(_, let region, _), .aliasARN(_, let region, _): region
            case .keyID, .alias: nil
            }
        }
        if regions.count == keys.count { region = Set(regions).sorted() }
    }

    /// The roles that were named, one of an account.
    ///
    /// - Parameter partition: The site's.
    /// - Throws: `CeremonyError` for what is none, for another partition's, and for two of one account.
    func namedRoles(in partition: String) throws -> [AssumableRole] {
        try Self.namedRoles(role, listed: roles, in: partition)
    }

    /// - Parameters:
    ///   - role: ARNs.
    ///   - roles: The file of a list.
    static func namedRoles(
        _ role: [String], listed roles: String?, in partition: String
    ) throws -> [AssumableRole] {
        let listed = try roles.map { try AssumableRole.list(yaml: try InputFile.text($0), file: $0) } ?? []
        let all = try role.map { try AssumableRole(arn: $0) } + listed
        var seen: [String: AssumableRole] = [:]
        for role in all {
            let name = Printable.text(role.arn, limit: 700)
            guard role.partition == partition else {
                throw CeremonyError(
                    .invalidInput, "\(name) is no role of the site's partition, \(partition)",
                    remedy: "Read each partition with a site of its own")
            }
            if let other = seen.updateValue(role, forKey: role.account) {
                throw CeremonyError(
                    .invalidInput,
                    "Account \(role.account) would be read twice, by \(Printable.text(other.arn, limit: 700)) and by \(name)",
                    remedy: "Give one role of each account")
            }
        }
        return all
    }

    /// The Regions that were named; nil for every one that is enabled.
    ///
    /// - Throws: `AWSError.configuration` for what is none.
    func namedRegions(of access: ResolvedAccess) throws -> [Region]? {
        if region.contains(Self.everywhere) { return nil }
        return region.isEmpty ? [access.region] : try region.map(Region.init)
    }
}
