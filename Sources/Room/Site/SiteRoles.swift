import AWS
import Ceremony
package import Evidence

/// Whose credentials each part of a ceremony has, where they are kept apart. A part has its own and no others.
package struct SiteRoles: Hashable, Sendable {
    /// Where a role's credentials come from.
    package enum Source: Hashable, Sendable {
        /// From elsewhere than the site's own.
        case credentials(SiteAccess.CredentialsSource)
        /// An IAM role that is assumed with the site's own.
        ///
        /// - Parameters:
        ///   - arn: `arn:aws:iam::ACCOUNT:role/NAME`.
        ///   - externalID: What its trust policy asks for where a stranger assumes it.
        case assumed(arn: String, externalID: String?)
    }

    /// Of all but `create`, which is there where keys may be made.
    package let sources: [CallerRole: Source]

    package init(_ sources: [CallerRole: Source]) { self.sources = sources }

    /// Whether any of them is assumed with the site's own credentials.
    var needsOwnCredentials: Bool {
        sources.values.contains { if case .assumed = $0 { true } else { false } }
    }

    /// Where credentials come from that the site names for one role alone.
    var otherCredentials: [SiteAccess.CredentialsSource] {
        sources.values.compactMap { if case .credentials(let source) = $0 { source } else { nil } }
    }
}

extension SiteRoles {
    /// The keys of the site's `aws.roles`.
    static let keys = CallerRole.allCases.map(\.rawValue)
    private static let credentialKeys = ["profile", "configFile", "credentialsFile"]

    /// Reads the site's `aws.roles`.
    ///
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    init(_ yaml: StrictYAML) throws {
        var sources: [CallerRole: Source] = [:]
        for role in CallerRole.allCases {
            let name = role.rawValue
            guard yaml.has(name) else {
                guard role == .create else {
                    throw yaml.error(name, "is missing", "Roles are apart, or there are none: add it")
                }
                continue
            }
            sources[role] = try Self.source(yaml, name)
        }
        try Self.refuseTwice(sources, in: yaml)
        self.init(sources)
    }

    private static func source(_ yaml: StrictYAML, _ name: String) throws -> Source {
        guard try !yaml.isFromEnvironment(name) else { return .credentials(.fromEnvironment) }
        let table = try yaml.table(name, keys: AssumableRole.keys + credentialKeys)
        guard table.has("role") else {
            if table.has("externalId") {
                throw table.error(
                    "externalId", "is for a role, and none is named", "Name role, or have the profile say it")
            }
            return .credentials(try SiteAccess.profile(table))
        }
        if let other = credentialKeys.first(where: table.has) {
            throw table.error(
                other, "stands beside role, which the site's own credentials assume", "Remove one of them")
        }
        let role = try AssumableRole(table)
        return .assumed(arn: role.arn, externalID: role.externalID)
    }

    /// What is one source would be one caller: which two are, else, is seen when the plan is frozen.
    private static func refuseTwice(_ sources: [CallerRole: Source], in yaml: StrictYAML) throws {
        var seen: [Source: CallerRole] = [:]
        for role in CallerRole.allCases {
            guard let source = sources[role] else { continue }
            let key: Source =
                if case .assumed(let arn, _) = source { .assumed(arn: arn, externalID: nil) } else { source }
            if let other = seen.updateValue(role, forKey: key) {
                throw yaml.error(
                    role.rawValue, "is the caller of \(other.rawValue)", "Give each a user or an IAM role of its own")
            }
        }
    }

    /// The lines of the YAML that `init(_:)` reads.
    var yaml: [String] {
        ["roles:"]
            + CallerRole.allCases.flatMap { role -> [String] in
                switch sources[role] {
                case nil: []
                case .assumed(let arn, let externalID):
                    ["  \(role.rawValue):", "    role: \"\(arn)\""]
                        + (externalID.map { ["    externalId: \"\($0)\""] } ?? [])
                case .credentials(let source):
                    SiteAccess.yaml(of: source, under: role.rawValue).map { "  \($0)" }
                }
            }
    }
}
