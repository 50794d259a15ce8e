/// Where a service is that a partition has once, for all its Regions; requests are signed for the one that it is in.
package struct PartitionAddress: Hashable, Sendable {
    package let endpoint: Endpoint
    /// For which requests are signed.
    package let region: Region

    package init(endpoint: Endpoint, region: Region) {
        self.endpoint = endpoint
        self.region = region
    }

    /// nil where these name no host and no Region.
    init?(host: String, in region: String) {
        guard let endpoint = try? Endpoint("https://" + host), let region = try? Region(region) else { return nil }
        self.init(endpoint: endpoint, region: region)
    }
}
