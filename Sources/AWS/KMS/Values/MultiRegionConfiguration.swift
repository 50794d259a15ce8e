/// The primary and the replicas of a multi-Region key.
package struct MultiRegionConfiguration: Codable, Hashable, Sendable {
    package let multiRegionKeyType: MultiRegionKeyType?
    package let primaryKey: MultiRegionKey?
    package let replicaKeys: [MultiRegionKey]?

    package init(
        multiRegionKeyType: MultiRegionKeyType? = nil,
        primaryKey: MultiRegionKey? = nil,
        replicaKeys: [MultiRegionKey]? = nil
    ) {
        self.multiRegionKeyType = multiRegionKeyType
        self.primaryKey = primaryKey
        self.replicaKeys = replicaKeys
    }

    private enum CodingKeys: String, CodingKey {
        case multiRegionKeyType = "MultiRegionKeyType"
        case primaryKey = "PrimaryKey"
        case replicaKeys = "ReplicaKeys"
    }
}
