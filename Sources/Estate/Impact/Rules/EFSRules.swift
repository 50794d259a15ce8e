extension ImpactRule {
    static let efs = ImpactRule(
        id: "efs.file-system", title: "EFS file systems", service: "elasticfilesystem", type: "AWS::EFS::FileSystem",
        setting: .named("KmsKeyId"),
        rotate: ImpactEffect(
            "Nothing is seen of it: KMS decrypts with the material that was used.",
            stays: "The file system's data, under the material of its time.", grade: .none,
            sources: .documented("kms/latest/developerguide/rotate-keys.html", checked: "2026-11-27")),
        replaceFollowing: nil,
        replacePinned: ImpactEffect(
            "The file system stays on the old key: its encryption cannot be changed after it was made.",
            stays: "The file system.",
            steps: [
                "replicate it to a new file system with the new key (CreateReplicationConfiguration, KmsKeyId), or "
                    + "copy",
                "cut over: end the replication, and mount the new one",
            ], downtime: .cutOver, grade: .high, charges: [Charge(.efsStorage, of: .gigabytes)],
            sources: .documented("efs/latest/ug/encryption-at-rest.html", checked: "2026-11-27"),
            .documented("efs/latest/ug/API_DestinationToCreate.html", checked: "2026-11-27"),
            .documented("aws-backup/latest/devguide/encryption.html", checked: "2026-11-27")),
        quantities: [.gigabytes: "SizeInBytes of DescribeFileSystems"])
}
