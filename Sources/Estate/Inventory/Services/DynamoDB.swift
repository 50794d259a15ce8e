import AWS

extension ReferenceSource {
    /// Tables, their replicas, and backups. An alias was resolved to a key when it was given.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSEDescription.html>
    static let dynamoDB: Self = Self(
        service: Service(
            "dynamodb", .json(version: .v10, targetPrefix: "DynamoDB_20120810"),
            quotas: [
                "ListBackups": .stated(
                    5, "amazondynamodb/latest/APIReference/API_ListBackups.html", checked: "2026-11-28"),
                "DescribeBackup": .stated(
                    10, "amazondynamodb/latest/APIReference/API_DescribeBackup.html", checked: "2026-11-28"),
            ], otherwise: .assumed(100)),
        operations: ["ListTables", "DescribeTable", "ListBackups", "DescribeBackup"], followsAliases: false
    ) { look in
        let tables = Listing(
            ServiceCall<Tables>(dynamoDB.service, "ListTables", ["Limit": .number(100)]),
            marker: "ExclusiveStartTableName", next: \.last, entries: \.names)
        try await look.each(of: tables) { name, look in
            let arn = look.place.arn("dynamodb", "table/\(name)")
            let call = ServiceCall<TableAnswer>(dynamoDB.service, "DescribeTable", ["TableName": .text(name)])
            guard let table = try await look.ask(call, of: arn)?.table else { return }
            look.add("AWS::DynamoDB::Table", arn, "SSEDescription.KMSMasterKeyArn", table.encryption?.key)
            for replica in table.replicas ?? [] where replica.region != look.place.region {
                guard let key = replica.key, !key.isEmpty else { continue }
                guard (try? Region(replica.region)) != nil else {
                    look.refuse(call.operation, of: arn, "it has a replica in what is no Region")
                    continue
                }
                // Every table of a global one tells of the others: it is theirs, whoever tells of it.
                look.add(
                    FoundReference(
                        type: "AWS::DynamoDB::Table",
                        resource: look.place.inRegion(replica.region).arn("dynamodb", "table/\(name)"),
                        setting: "Replicas.\(replica.region).KMSMasterKeyId", names: key, region: replica.region))
            }
        }
        try await readBackups(&look)
    }

    private static func readBackups(_ look: inout ServiceLook) async throws {
        let backups = Listing(
            ServiceCall<Backups>(dynamoDB.service, "ListBackups", ["Limit": .number(100)]),
            marker: "ExclusiveStartBackupArn", next: \.last, entries: \.summaries)
        try await look.each(of: backups) { backup, look in
            let call = ServiceCall<BackupAnswer>(
                dynamoDB.service, "DescribeBackup", ["BackupArn": .text(backup.arn)])
            guard let answer = try await look.ask(call, of: backup.arn) else { return }
            look.add(
                "AWS::DynamoDB::Backup", backup.arn, "SourceTableFeatureDetails.SSEDescription.KMSMasterKeyArn",
                answer.description.features?.encryption?.key)
        }
    }
}

private struct Tables: Decodable, Sendable {
    let names: [String]
    let last: String?

    private enum CodingKeys: String, CodingKey {
        case names = "TableNames"
        case last = "LastEvaluatedTableName"
    }
}

private struct Encryption: Decodable, Sendable {
    let key: String?

    private enum CodingKeys: String, CodingKey { case key = "KMSMasterKeyArn" }
}

private struct TableAnswer: Decodable, Sendable {
    struct Table: Decodable, Sendable {
        /// Absent where AWS owns the key.
        let encryption: Encryption?
        let replicas: [Replica]?

        private enum CodingKeys: String, CodingKey {
            case encryption = "SSEDescription"
            case replicas = "Replicas"
        }
    }
    struct Replica: Decodable, Sendable {
        let region: String
        let key: String?

        private enum CodingKeys: String, CodingKey {
            case region = "RegionName"
            case key = "KMSMasterKeyId"
        }
    }
    let table: Table

    private enum CodingKeys: String, CodingKey { case table = "Table" }
}

private struct Backups: Decodable, Sendable {
    struct Summary: Decodable, Sendable {
        let arn: String

        private enum CodingKeys: String, CodingKey { case arn = "BackupArn" }
    }
    let summaries: [Summary]
    let last: String?

    private enum CodingKeys: String, CodingKey {
        case summaries = "BackupSummaries"
        case last = "LastEvaluatedBackupArn"
    }
}

private struct BackupAnswer: Decodable, Sendable {
    struct Description: Decodable, Sendable {
        let features: Features?

        private enum CodingKeys: String, CodingKey { case features = "SourceTableFeatureDetails" }
    }
    struct Features: Decodable, Sendable {
        let encryption: Encryption?

        private enum CodingKeys: String, CodingKey { case encryption = "SSEDescription" }
    }
    let description: Description

    private enum CodingKeys: String, CodingKey { case description = "BackupDescription" }
}
