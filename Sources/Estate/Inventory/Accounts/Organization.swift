package import AWS

/// The accounts of an organization.
///
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>
package enum Organization {
    package static let service = Service(
        "organizations", .json(version: .v11, targetPrefix: "AWSOrganizationsV20161128"), otherwise: .assumed(8))
    package static let operation = "ListAccounts"

    /// One of them, as Organizations has it.
    package struct Account: Decodable, Hashable, Sendable {
        /// 12 digits, if Organizations answers what it documents.
        package let id: String
        package let arn: String?
        /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`.
        package let status: String?

        private enum CodingKeys: String, CodingKey {
            case id = "Id"
            case arn = "Arn"
            case status = "Status"
        }

        package var isActive: Bool { status == "ACTIVE" }
    }

    /// All of them, by id.
    ///
    /// - Throws: `AWSError`.
    package static func accounts(by caller: any ServiceCaller) async throws -> [Account] {
        let listing = Listing(
            ServiceCall<Page>(service, operation, ["MaxResults": .number(20)]), marker: "NextToken", next: \.next,
            entries: { $0.accounts ?? [] })
        var all: Set<Account> = []
        try await caller.eachPage(of: listing) { all.formUnion($0) }
        return all.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    }

    private struct Page: Decodable, Sendable {
        let accounts: [Account]?
        let next: String?

        private enum CodingKeys: String, CodingKey {
            case accounts = "Accounts"
            case next = "NextToken"
        }
    }
}
