/// What names a key, with the instances of a cluster put to their cluster: both name the key, and are moved in one.
struct ClusterFold {
    /// What stands alone: an instance, too, whose cluster was not read.
    let alone: [KeyReference]
    private let byCluster: [OutsideText: [KeyReference]]

    private static let setting = "KmsKeyId"

    /// - Parameter references: All of one key.
    init(_ references: [KeyReference]) {
        let clusters = Set(
            references.filter { $0.type == "AWS::RDS::DBCluster" && $0.setting == Self.setting }.map(\.resource))
        func cluster(of reference: KeyReference) -> OutsideText? {
            guard reference.setting == Self.setting, let cluster = reference.cluster else { return nil }
            return clusters.contains(cluster) ? cluster : nil
        }
        alone = references.filter { cluster(of: $0) == nil }
        byCluster = Dictionary(
            references.compactMap { reference in cluster(of: reference).map { ($0, [reference]) } },
            uniquingKeysWith: +)
    }

    func members(of reference: KeyReference) -> [KeyReference] {
        reference.setting == Self.setting ? byCluster[reference.resource] ?? [] : []
    }
}
