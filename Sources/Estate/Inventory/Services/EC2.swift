import AWS

extension ReferenceSource {
    /// EBS volumes and snapshots.
    ///
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>
    static let ec2: Self = Self(
        // What a bucket of calls that change nothing is refilled by.
        service: Service(
            "ec2", .ec2(version: "2016-11-15"),
            otherwise: .stated(20, "ec2/latest/devguide/ec2-api-throttling.html", checked: "2026-11-28")),
        operations: ["DescribeVolumes", "DescribeSnapshots"], followsAliases: false
    ) { look in
        let volumes = Listing(
            ServiceCall<Volumes>(ec2.service, "DescribeVolumes", ["MaxResults": .number(500)]), marker: "NextToken",
            next: \.nextToken, entries: { $0.volumeSet.item })
        try await look.take(from: volumes) { volume, look in
            look.add(
                "AWS::EC2::Volume", look.place.arn("ec2", "volume/\(volume.volumeId)"), "KmsKeyId", volume.kmsKeyId)
        }
        let snapshots = Listing(
            ServiceCall<Snapshots>(
                ec2.service, "DescribeSnapshots", ["MaxResults": .number(1000), "Owner": .list(["self"])]),
            marker: "NextToken", next: \.nextToken, entries: { $0.snapshotSet.item })
        try await look.take(from: snapshots) { snapshot, look in
            let arn = look.place.arn("ec2", "snapshot/\(snapshot.snapshotId)", hasAccount: false)
            look.add("AWS::EC2::Snapshot", arn, "KmsKeyId", snapshot.kmsKeyId)
        }
    }
}

private struct Volumes: Decodable, Sendable {
    struct Volume: Decodable, Sendable {
        let volumeId: String
        let kmsKeyId: String?
    }
    let volumeSet: Items<Volume>
    let nextToken: String?
}

private struct Snapshots: Decodable, Sendable {
    struct Snapshot: Decodable, Sendable {
        let snapshotId: String
        let kmsKeyId: String?
    }
    let snapshotSet: Items<Snapshot>
    let nextToken: String?
}
