/// One of the related multi-Region keys.
package struct MultiRegionKey: Codable, Hashable, Sendable {
    package let arn: String?
    package let region: String?

    package init(arn: String? = nil, region: String? = nil) {
        self.arn = arn
        self.region = region
    }

    private enum CodingKeys: String, CodingKey {
        case arn = "Arn"
        case region = "Region"
    }
}
