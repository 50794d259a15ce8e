/// What a reading is of: parts of another one are not taken over.
package struct PartsQuestion: Codable, Hashable, Sendable {
    /// Where KMS is, and the site's Region.
    let endpoint: String
    let site: String
    /// Whose the site's credentials are: an ARN, of sessions of a role without their name. Another may see what was denied.
    let caller: String
    let account: String
    /// ARNs, sorted; without what their trust policies ask for.
    let roles: [String]
    let organization: String?
    /// Sorted; `all` for every one that is enabled.
    let regions: [String]

    package init(
        endpoint: String, site: String, caller: String, account: String, roles: [String], organization: String?,
        regions: [String]
    ) {
        self.endpoint = endpoint
        self.site = site
        self.caller = CallerTally.person(caller)
        self.account = account
        self.roles = roles.sorted()
        self.organization = organization
        self.regions = Set(regions).sorted()
    }
}
