extension ImpactRule {
    private static let notes = RuleSource.documented(
        "amazondynamodb/latest/developerguide/encryption.usagenotes.html", checked: "2026-11-27")

    private static let tableRotated = ImpactEffect(
        "Nothing happens to the table: its own key stays wrapped by the old material.",
        stays: "The table's key, for the lifetime of the table or until it gets another KMS key.", grade: .none,
        sources: .inferred("amazondynamodb/latest/developerguide/encryption.usagenotes.html", checked: "2026-11-27"))

    static let dynamoDB: [ImpactRule] = [
        ImpactRule(
            id: "dynamodb.table", title: "DynamoDB tables", service: "dynamodb", type: "AWS::DynamoDB::Table",
            setting: .named("SSEDescription.KMSMasterKeyArn"), rotate: tableRotated, replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The table stays on the old key: DynamoDB does not follow an alias, it took its key once.",
                stays: "The table until UpdateTable; backups made before, for good.",
                steps: [
                    "UpdateTable with SSESpecification and the new key; its users need that key, too",
                    "wait until SSEDescription names the new key and its status is ENABLED",
                ], grade: .low, sources: notes,
                .documented("amazondynamodb/latest/APIReference/API_SSESpecification.html", checked: "2026-11-27")),
            quantities: [:]),
        ImpactRule(
            id: "dynamodb.replica", title: "Replicas of DynamoDB tables", service: "dynamodb",
            type: "AWS::DynamoDB::Table", setting: .between("Replicas.", ".KMSMasterKeyId"), rotate: tableRotated,
            replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The replica stays on the old key of its Region: DynamoDB does not follow an alias.",
                stays: "The replica until UpdateTable; backups made before, for good.",
                steps: ["UpdateTable with ReplicaUpdates and the new key of the replica's Region"], grade: .low,
                sources: notes,
                .documented(
                    "amazondynamodb/latest/APIReference/API_UpdateReplicationGroupMemberAction.html",
                    checked: "2026-11-27")),
            quantities: [:]),
        ImpactRule(
            id: "dynamodb.backup", title: "Backups of DynamoDB tables", service: "dynamodb",
            type: "AWS::DynamoDB::Backup", setting: .named("SourceTableFeatureDetails.SSEDescription.KMSMasterKeyArn"),
            rotate: ImpactEffect(
                "Nothing happens to the backup.", stays: "The backup, under the material of its time.", grade: .none,
                sources: .inferred(
                    "amazondynamodb/latest/developerguide/encryption.usagenotes.html", checked: "2026-11-27")),
            replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The backup stays on the old key, which alone restores it.",
                stays: "The backup, for as long as it is kept.",
                steps: [
                    "keep the old key as long as the backup",
                    "or restore it to a table with the new key (SSESpecificationOverride) and back that up",
                ], grade: .medium,
                charges: [Charge(.dynamoDBRestore, of: .gigabytes), Charge(.dynamoDBBackup, of: .gigabytes)],
                sources: notes,
                .documented("amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html", checked: "2026-11-27")
            ),
            quantities: [.gigabytes: "BackupSizeBytes of DescribeBackup"]),
    ]
}
