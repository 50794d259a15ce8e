extension ImpactRule {
    private static let encryption = RuleSource.documented(
        "AmazonRDS/latest/UserGuide/Overview.Encryption.html", checked: "2026-11-27")
    private static let aurora = RuleSource.documented(
        "AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html", checked: "2026-11-27")
    private static let copySnapshot = RuleSource.documented(
        "AmazonRDS/latest/APIReference/API_CopyDBSnapshot.html", checked: "2026-11-27")
    private static let copyClusterSnapshot = RuleSource.documented(
        "AmazonRDS/latest/APIReference/API_CopyDBClusterSnapshot.html", checked: "2026-11-27")
    private static let restoreCluster = RuleSource.documented(
        "AmazonRDS/latest/APIReference/API_RestoreDBClusterToPointInTime.html", checked: "2026-11-27")
    private static let rotated = RuleSource.documented(
        "kms/latest/developerguide/rotate-keys.html", checked: "2026-11-27")

    private static let deletion = RuleSource.documented(
        "AmazonRDS/latest/UserGuide/USER_DeleteSnapshot.html", checked: "2026-11-28")

    private static let sideBySide = "rehearse the restore on a copy, and measure"

    private static func storageRotated(_ what: String) -> ImpactEffect {
        ImpactEffect(
            "Nothing is seen of it: KMS decrypts with the material that was used.",
            stays: "\(what), under the material of its time.", grade: .none, sources: rotated)
    }

    static let rds: [ImpactRule] = databases + copies + besides

    private static let databases: [ImpactRule] = [
        ImpactRule(
            id: "rds.instance", title: "RDS instances", service: "rds", type: "AWS::RDS::DBInstance",
            setting: .named("KmsKeyId"), rotate: storageRotated("The instance's storage"), replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The instance stays on the old key: RDS does not follow an alias, and the key of an instance cannot be "
                    + "changed.", stays: "The instance, its backups and its replicas in the Region.",
                steps: [
                    "stop writing; take a snapshot",
                    "copy the snapshot with the new key (CopyDBSnapshot, KmsKeyId)",
                    "restore an instance from the copy, with parameter and security groups",
                    "make its replicas anew; of an Aurora cluster do this with the cluster, not the instance",
                    "cut over: rename, or move clients; keep the old one until that is proven",
                ], downtime: .cutOver, grade: .high,
                charges: [
                    Charge(.rdsSnapshot, of: .gigabytes, times: 2), Charge(.rdsStorage, of: .gigabytes),
                    Charge(.rdsInstance, of: .hours),
                ], sources: encryption, copySnapshot),
            quantities: [
                .gigabytes: "AllocatedStorage of DescribeDBInstances",
                .hours: sideBySide,
            ]),
        ImpactRule(
            id: "rds.cluster", title: "Aurora and Multi-AZ clusters", service: "rds", type: "AWS::RDS::DBCluster",
            setting: .named("KmsKeyId"), rotate: storageRotated("The cluster's volume"), replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The cluster stays on the old key: RDS does not follow an alias, and the key of a cluster cannot be "
                    + "changed.", stays: "The cluster and its backups.",
                steps: [
                    "stop writing; restore a cluster to this point in time, or from a snapshot, with the new key "
                        + "(KmsKeyId)",
                    "give it instances", "cut over: rename, or move clients; keep the old one until that is proven",
                ], downtime: .cutOver, grade: .high,
                charges: [Charge(.rdsStorage, of: .gigabytes), Charge(.rdsInstance, of: .hours)],
                sources: aurora, restoreCluster),
            quantities: [
                .gigabytes: "AllocatedStorage of DescribeDBClusters; of Aurora VolumeBytesUsed in CloudWatch",
                .hours: "of all its instances together: \(sideBySide)",
            ]),
    ]

    private static let copies: [ImpactRule] = [
        snapshot("rds.snapshot", "RDS snapshots", "DBSnapshot", copySnapshot),
        snapshot("rds.cluster-snapshot", "Cluster snapshots", "DBClusterSnapshot", copyClusterSnapshot),
        automatedBackup("rds.automated-backup", "RDS automated backups", "DBInstanceAutomatedBackup"),
        automatedBackup("rds.cluster-automated-backup", "Clusters' automated backups", "DBClusterAutomatedBackup"),
    ]

    private static func snapshot(_ id: String, _ title: String, _ type: String, _ copying: RuleSource) -> ImpactRule {
        ImpactRule(
            id: id, title: title, service: "rds", type: "AWS::RDS::\(type)", setting: .named("KmsKeyId"),
            rotate: storageRotated("The snapshot"), replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The snapshot stays on the old key, without which it cannot be restored.",
                stays: "The snapshot, for as long as it is kept.",
                steps: [
                    "keep the old key as long as the snapshot",
                    "or copy it with the new key, and delete it if it was made by hand",
                    "an automated one (its name begins with rds:) cannot be deleted by itself: leave it until its retention "
                        + "is over",
                ],
                grade: .medium, charges: [Charge(.rdsSnapshot, of: .gigabytes)], sources: encryption, copying, deletion),
            quantities: [.gigabytes: "AllocatedStorage of the snapshot"])
    }

    private static func automatedBackup(_ id: String, _ title: String, _ type: String) -> ImpactRule {
        ImpactRule(
            id: id, title: title, service: "rds", type: "AWS::RDS::\(type)", setting: .named("KmsKeyId"),
            rotate: storageRotated("The backup"), replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The backups stay on the old key, without which there is no point in time to go back to.",
                stays: "The backups, until their retention is over.",
                steps: ["keep the old key until the last of them is gone; a restored database has backups of its own"],
                grade: .medium, sources: encryption),
            quantities: [:])
    }

    private static let besides: [ImpactRule] = [
        ImpactRule(
            id: "rds.performance-insights", title: "Performance Insights", service: "rds", type: nil,
            setting: .named("PerformanceInsightsKMSKeyId"), rotate: storageRotated("What was collected"),
            replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "Performance Insights stays on the old key. Whether RDS changes it in place, AWS's pages do not tell.",
                stays: "What was collected, until its retention is over.",
                steps: ["try ModifyDBInstance with PerformanceInsightsKMSKeyId on a copy of the database"],
                downtime: .part, grade: .medium,
                sources: .inferred("AmazonRDS/latest/APIReference/API_ModifyDBInstance.html", checked: "2026-11-27")),
            quantities: [:]),
        ImpactRule(
            id: "rds.activity-stream", title: "Database activity streams", service: "rds", type: nil,
            setting: .named("ActivityStreamKmsKeyId"),
            rotate: storageRotated("What was streamed"), replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The stream goes on under the old key: it is named when a stream is started.",
                stays: "What was streamed before, for as long as it is kept.",
                steps: [
                    "StopActivityStream, then StartActivityStream with the new key; what happens between is not on "
                        + "record",
                    "its readers need the new key",
                ], downtime: .part, grade: .medium,
                sources: .inferred("AmazonRDS/latest/APIReference/API_StartActivityStream.html", checked: "2026-11-27")),
            quantities: [:]),
        ImpactRule(
            id: "rds.master-secret", title: "Master passwords that RDS manages", service: "rds", type: nil,
            setting: .named("MasterUserSecret.KmsKeyId"), rotate: storageRotated("The secret's present version"),
            replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The secret stays on the old key: RDS cannot change it while it manages the password.",
                steps: [
                    "ModifyDBInstance, or ModifyDBCluster, with ManageMasterUserPassword=false and a "
                        + "MasterUserPassword of your own: RDS deletes the secret, and who reads it by its ARN loses it "
                        + "then",
                    "the same with ManageMasterUserPassword=true and MasterUserSecretKmsKeyId, the new key: another "
                        + "secret, another password",
                    "give whoever reads it the new ARN, and the new key",
                ], downtime: .part, grade: .medium,
                sources: .documented("AmazonRDS/latest/APIReference/API_ModifyDBInstance.html", checked: "2026-11-27"),
                .documented("AmazonRDS/latest/APIReference/API_ModifyDBCluster.html", checked: "2026-11-27")),
            quantities: [:]),
    ]
}
