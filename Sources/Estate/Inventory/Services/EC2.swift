import AWS

extension ReferenceSource {
    /// EBS volumes and snapshots, and the key that new ones get which name none.
    ///
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsDefaultKmsKeyId.html>
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>
    static let ec2: Self = Self(
        // What a bucket of calls that change nothing is refilled by.
        service: Service(
            "ec2", .ec2(version: "2016-11-15"),
            otherwise: .stated(20, "ec2/latest/devguide/ec2-api-throttling.html", checked: "2026-11-28")),
        operations: ["DescribeVolumes", "DescribeSnapshots", "GetEbsDefaultKmsKeyId"], followsAliases: false
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
        try await readDefault(&look)
    }
}

extension ReferenceSource {
    /// An alias of AWS's own, or the ARN of a key that the account chose. That alone stands for itself: it is a setting.
    private static func readDefault(_ look: inout ServiceLook) async throws {
        let arn = look.place.arn("ec2", "ebs-default-kms-key")
        let call = ServiceCall<DefaultKey>(ec2.service, "GetEbsDefaultKmsKeyId")
        guard let name = try await look.ask(call, of: arn)?.kmsKeyId, !name.isEmpty, !name.hasSuffix("alias/aws/ebs")
        else { return }
        look.add("AWS::EC2::EbsDefaultKmsKey", arn, "KmsKeyId", name)
    }
}

private struct DefaultKey: Decodable, Sendable {
    let kmsKeyId: String?
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
