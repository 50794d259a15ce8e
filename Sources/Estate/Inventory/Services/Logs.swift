import AWS

extension ReferenceSource {
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
    static let logs: Self = Self(
        service: Service(
            "logs", .json(version: .v11, targetPrefix: "Logs_20140328"),
            quotas: [
                "DescribeLogGroups": .stated(
                    10, "AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html", checked: "2026-11-28")
            ]),
        operations: ["DescribeLogGroups"], followsAliases: false
    ) { look in
        let groups = Listing(
            ServiceCall<Groups>(logs.service, "DescribeLogGroups", ["limit": .number(50)]), marker: "nextToken",
            next: \.nextToken, entries: \.logGroups)
        try await look.take(from: groups) { group, look in
            // The older member stands for the group's streams, too.
            let arn = group.logGroupArn ?? group.arn.map { $0.hasSuffix(":*") ? String($0.dropLast(2)) : $0 }
            look.add(
                "AWS::Logs::LogGroup", arn ?? look.place.arn("logs", "log-group:\(group.logGroupName)"), "kmsKeyId",
                group.kmsKeyId)
        }
    }
}

private struct Groups: Decodable, Sendable {
    struct Group: Decodable, Sendable {
        let logGroupName: String
        let arn: String?
        let logGroupArn: String?
        let kmsKeyId: String?
    }
    let logGroups: [Group]
    let nextToken: String?
}
