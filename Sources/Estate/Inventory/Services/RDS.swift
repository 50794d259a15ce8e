import AWS

extension ReferenceSource {
    /// Instances, clusters, their snapshots and automated backups, also of the engines that share RDS's calls.
    ///
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html>
    static let rds: Self = Self(
        service: Service("rds", .query(version: "2014-10-31"), otherwise: .assumed(10)),
        operations: Set(kinds.map(operation(listing:))), followsAliases: false
    ) { look in
        for kind in kinds { try await read(kind, &look) }
    }

    private static let kinds: [any DatabaseKind.Type] = [
        Instances.self, Clusters.self, Snapshots.self, ClusterSnapshots.self, InstanceBackups.self,
        ClusterBackups.self,
    ]

    private static func operation(listing kind: any DatabaseKind.Type) -> String { "Describe\(kind.list)" }

    private static func read<Kind: DatabaseKind>(_ kind: Kind.Type, _ look: inout ServiceLook) async throws {
        let listing = Listing(
            ServiceCall<Page<Kind>>(rds.service, operation(listing: kind), ["MaxRecords": .number(100)]),
            marker: "Marker", next: \.marker, entries: \.databases)
        let type = "AWS::RDS::\(kind.element)"
        try await look.take(from: listing) { database, look in
            // One without a key names none, and needs no ARN.
            guard database.namesKey else { return }
            if let key = database.key, !key.isEmpty {
                let cluster = database.cluster.map { OutsideText(look.place.arn("rds", "cluster:\($0)")) }
                look.add(
                    FoundReference(
                        type: type, resource: database.arn, setting: "KmsKeyId", names: key,
                        details: UseDetails(cluster: cluster)))
            }
            look.add(type, database.arn, "PerformanceInsightsKMSKeyId", database.insightsKey)
            look.add(type, database.arn, "ActivityStreamKmsKeyId", database.streamKey)
            look.add(type, database.arn, "MasterUserSecret.KmsKeyId", database.secret?.key)
        }
    }
}

/// What RDS's answers call one kind of thing.
private protocol DatabaseKind: Sendable {
    /// The list, after which the operation is named, too.
    static var list: String { get }
    static var element: String { get }
    /// The element with the ARN, and of backups the one that stands for it where there is none.
    static var arn: String { get }
    static var sourceARN: String? { get }
    /// The element with the name of the cluster that it is a part of; nil of what is none.
    static var cluster: String? { get }
}

extension DatabaseKind {
    static var sourceARN: String? { nil }
    static var cluster: String? { nil }
}

private enum Instances: DatabaseKind {
    static let (list, element, arn) = ("DBInstances", "DBInstance", "DBInstanceArn")
    static let cluster: String? = "DBClusterIdentifier"
}

private enum Clusters: DatabaseKind {
    static let (list, element, arn) = ("DBClusters", "DBCluster", "DBClusterArn")
}

private enum Snapshots: DatabaseKind {
    static let (list, element, arn) = ("DBSnapshots", "DBSnapshot", "DBSnapshotArn")
}

private enum ClusterSnapshots: DatabaseKind {
    static let (list, element, arn) = ("DBClusterSnapshots", "DBClusterSnapshot", "DBClusterSnapshotArn")
}

private enum InstanceBackups: DatabaseKind {
    static let (list, element, arn) = (
        "DBInstanceAutomatedBackups", "DBInstanceAutomatedBackup", "DBInstanceAutomatedBackupsArn"
    )
    static let sourceARN: String? = "DBInstanceArn"
}

private enum ClusterBackups: DatabaseKind {
    static let (list, element, arn) = (
        "DBClusterAutomatedBackups", "DBClusterAutomatedBackup", "DBClusterAutomatedBackupsArn"
    )
    static let sourceARN: String? = "DBClusterArn"
}

private struct Page<Kind: DatabaseKind>: Decodable, Sendable {
    struct List: Decodable {
        let databases: [Database<Kind>]

        init(from decoder: any Decoder) throws {
            databases = try decoder.container(keyedBy: ElementName.self)
                .decode([Database<Kind>].self, forKey: ElementName(Kind.element))
        }
    }

    let databases: [Database<Kind>]
    let marker: String?

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: ElementName.self)
        databases = try members.decode(List.self, forKey: ElementName(Kind.list)).databases
        marker = try members.decodeIfPresent(String.self, forKey: ElementName("Marker"))
    }
}

/// What of a database, a snapshot or a backup names a key.
private struct Database<Kind: DatabaseKind>: Decodable, Sendable {
    struct Secret: Decodable, Sendable {
        let key: String?

        private enum CodingKeys: String, CodingKey { case key = "KmsKeyId" }
    }

    /// Empty where there is none, and no key either.
    let arn: String
    let cluster: String?
    let key: String?
    let insightsKey: String?
    let streamKey: String?
    let secret: Secret?
    let namesKey: Bool

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: ElementName.self)
        func text(_ name: String) throws -> String? {
            try members.decodeIfPresent(String.self, forKey: ElementName(name))
        }
        cluster = try Kind.cluster.flatMap(text).flatMap { $0.isEmpty ? nil : $0 }
        key = try text("KmsKeyId")
        insightsKey = try text("PerformanceInsightsKMSKeyId")
        streamKey = try text("ActivityStreamKmsKeyId")
        secret = try members.decodeIfPresent(Secret.self, forKey: ElementName("MasterUserSecret"))
        let keys = [key, insightsKey, streamKey, secret?.key]
        namesKey = keys.contains { $0?.isEmpty == false }
        let source = try Kind.sourceARN.flatMap(text)
        let named = try text(Kind.arn) ?? source
        // What names no key needs no name of its own.
        arn = try namesKey ? named ?? members.decode(String.self, forKey: ElementName(Kind.arn)) : named ?? ""
    }
}
