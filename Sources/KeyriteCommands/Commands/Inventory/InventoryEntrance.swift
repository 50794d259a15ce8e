import AWS
import Ceremony
import Estate
import Foundation
import Room

/// Enters accounts: has credentials for each, and knows where to look in it.
struct InventoryEntrance {
    /// An account that was entered.
    struct Entered: Sendable {
        let id: String
        let credentials: any CredentialsProvider
        let regions: [String]
    }

    /// By whom an account is entered.
    private enum Way: Sendable {
        case own(account: String)
        case role(AssumableRole)
    }

    /// What came of one.
    private struct Outcome: Sendable {
        var entered: Entered?
        var gaps: [InventoryGap] = []
    }

    /// Accounts that are entered at a time.
    private static let width = 8

    private let access: ResolvedAccess
    private let partition: String
    /// nil for every one that is enabled.
    private let regions: [Region]?
    /// How much of each quota is taken, in percent; nil for what is usual.
    private let share: Int?

    /// Whose the site's credentials are: the account, and the ARN.
    let own: String
    let caller: String
    /// The ARNs of the roles that were named.
    let roles: [String]
    private(set) var accounts: [Entered] = []
    /// Accounts that could not be entered, or not everywhere, and why.
    private(set) var unread: [InventoryGap] = []

    /// - Throws: `CeremonyError`; `AWSError` where the site's own credentials are of no use, or the organization's accounts
    ///   cannot be listed.
    init(_ scope: InventoryScope, by access: ResolvedAccess) async throws {
        self.access = access
        share = scope.share
        partition = access.region.partition?.rawValue ?? "aws"
        regions = try scope.namedRegions(of: access)
        let roles = try scope.namedRoles(in: partition)
        self.roles = roles.map(\.arn)
        let identity = try await ReadingAccess.asking(by: access) {
            try await access.credentials.identified(at: Date()).output
        }
        try await RegionCheck(by: access, share: share).require(regions ?? [], besides: access.region)
        (own, caller) = (identity.account, identity.arn)
        guard Self.isAccount(own) else {
            throw CeremonyError(.state, "STS names no account of 12 digits", remedy: "Check the site's endpoints")
        }
        let ways = try await ways(roles, organization: scope.organization, own: own)
        let outcomes = try await SideBySide.map(ways, width: Self.width) { [self] way in try await enter(way) }
        accounts = outcomes.compactMap(\.entered)
        unread += outcomes.flatMap(\.gaps)
        guard !accounts.isEmpty else { throw nobodyEntered() }
    }

    /// Who asks a service in an account and Region.
    ///
    /// - Throws: `AWSError.configuration`.
    func caller(of service: Service, in place: InventoryPlace) throws -> any ServiceCaller {
        try client(service, in: try Region(place.region), try credentials(for: place))
    }

    /// Who tells of what happened in an account and Region.
    ///
    /// - Throws: `AWSError.configuration`.
    func trail(of place: InventoryPlace) throws -> CloudTrailClient {
        let service = CallerLookup.service
        return try CloudTrailClient(
            access.configuration(for: service, in: try Region(place.region), with: try credentials(for: place)),
            share: share ?? 100)
    }

    private func credentials(for place: InventoryPlace) throws -> any CredentialsProvider {
        guard let account = accounts.first(where: { $0.id == place.account }) else {
            throw AWSError.configuration("nobody asks in account \(place.account); report this: it is Keyrite's fault")
        }
        return account.credentials
    }

    // MARK: Ways in

    private mutating func ways(
        _ roles: [AssumableRole], organization: String?, own: String
    ) async throws -> [Way] {
        guard let organization else { return roles.isEmpty ? [.own(account: own)] : roles.map(Way.role) }
        guard let configuration = access.organizations else {
            throw AWSError.configuration("where Organizations is in this partition is not known; name roles")
        }
        let listed = try await Organization.accounts(
            by: try ServiceClient(Organization.service, configuration, share: share ?? ServiceClient.share))
        let named = Dictionary(roles.map { ($0.account, $0) }) { first, _ in first }
        var ways: [Way] = roles.map(Way.role)
        for account in listed where named[account.id] == nil {
            guard Self.isAccount(account.id) else {
                throw CeremonyError(
                    .state, "Organizations names an account without 12 digits", remedy: "Check the site's endpoints")
            }
            if !account.isActive {
                unread.append(.inactive(account, in: place(account.id)))
            } else if account.id == own {
                ways.append(.own(account: own))
            } else {
                ways.append(.role(try AssumableRole(arn: "arn:\(partition):iam::\(account.id):role/\(organization)")))
            }
        }
        return ways
    }

    private func enter(_ way: Way) async throws -> Outcome {
        switch way {
        case .own(let account): return try await look(in: account, access.credentials)
        case .role(let role):
            do {
                return try await look(in: role.account, try await access.session(of: role, at: Date()))
            } catch let error as AWSError {
                return Outcome(gaps: [.closed(error, to: role.arn, in: place(role.account))])
            }
        }
    }

    private func look(in account: String, _ credentials: any CredentialsProvider) async throws -> Outcome {
        if let regions {
            return Outcome(entered: .init(id: account, credentials: credentials, regions: regions.map(\.name)))
        }
        do {
            let client = try client(EnabledRegions.service, in: access.region, credentials)
            let names = try await EnabledRegions.names(by: client)
            return outcome(account, credentials, try names.map(Region.init))
        } catch let error as AWSError {
            // The site's own Region is better than none.
            return Outcome(
                entered: .init(id: account, credentials: credentials, regions: [access.region.name]),
                gaps: [.regionsUnknown(error, in: place(account))])
        }
    }

    /// - Parameter enabled: Those of a partition that is not known cannot be looked at; what is another partition's
    ///   is none of the account's.
    private func outcome(
        _ account: String, _ credentials: any CredentialsProvider, _ enabled: [Region]
    ) -> Outcome {
        let own = enabled.filter { $0.partition == access.region.partition }
        let gaps = enabled.filter { $0.partition == nil }.map { region in
            InventoryGap.regionsUnknown(
                .configuration("the partition is not known"),
                in: InventoryPlace(partition: partition, account: account, region: region.name))
        }
        return Outcome(entered: .init(id: account, credentials: credentials, regions: own.map(\.name)), gaps: gaps)
    }

    // MARK: Parts

    private func client(
        _ service: Service, in region: Region, _ credentials: any CredentialsProvider
    ) throws -> ServiceClient {
        try ServiceClient(
            service, access.configuration(for: service.name, in: region, with: credentials),
            share: share ?? ServiceClient.share)
    }

    /// An account, in the site's Region.
    func place(_ account: String) -> InventoryPlace {
        InventoryPlace(partition: partition, account: account, region: access.region.name)
    }

    private static func isAccount(_ text: String) -> Bool {
        text.utf8.count == 12 && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    private func nobodyEntered() -> CeremonyError {
        let why = unread.prefix(3).map { gap in
            let words = [gap.reason.rawValue, gap.code?.text, gap.message?.text].compactMap { $0 }
            return "\(gap.account): \(Printable.text(words.joined(separator: ", "), limit: 400))"
        }
        return CeremonyError(
            .state, "None of the \(unread.count) accounts could be entered (\(why.joined(separator: "; ")))",
            remedy: "Look at the roles' trust policies, and at what the site's credentials may assume")
    }
}
