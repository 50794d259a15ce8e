extension ImpactRule {
    private static let rotation = RuleSource.documented(
        "ebs/latest/userguide/kms-key-rotation.html", checked: "2026-11-27")
    private static let encryption = RuleSource.documented(
        "ebs/latest/userguide/encryption-examples.html", checked: "2026-11-27")
    private static let copy = RuleSource.documented(
        "AWSEC2/latest/APIReference/API_CopySnapshot.html", checked: "2026-11-27")

    private static let deletion = RuleSource.documented(
        "ebs/latest/userguide/ebs-deleting-snapshot.html", checked: "2026-11-28")
    private static let byDefault = RuleSource.documented(
        "AWSEC2/latest/APIReference/API_ModifyEbsDefaultKmsKeyId.html", checked: "2026-11-28")

    static let ebs: [ImpactRule] = [
        ImpactRule(
            id: "ebs.volume", title: "EBS volumes", service: "ec2", type: "AWS::EC2::Volume",
            setting: .named("KmsKeyId"),
            rotate: ImpactEffect(
                "Nothing happens to the volume; new volumes use the new material.",
                stays: "The volume, under the material of its time.", grade: .none, sources: rotation),
            replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The volume stays on the old key: EBS took its key once.", stays: "The volume and its snapshots.",
                steps: [
                    "stop the instance; take a snapshot, and copy it with the new key (CopySnapshot, KmsKeyId)",
                    "make a volume of the copy, attach it in the old one's place, start",
                    "change launch templates, and the account's default key for EBS, where they name the old key",
                ], downtime: .cutOver, grade: .high,
                charges: [Charge(.ebsSnapshot, of: .gigabytes, times: 2), Charge(.ebsVolume, of: .gigabytes)],
                sources: encryption, copy),
            quantities: [.gigabytes: "Size of DescribeVolumes"]),
        ImpactRule(
            id: "ebs.snapshot", title: "EBS snapshots", service: "ec2", type: "AWS::EC2::Snapshot",
            setting: .named("KmsKeyId"),
            rotate: ImpactEffect(
                "Nothing happens to the snapshot.", stays: "The snapshot, under the material of its time.",
                grade: .none, sources: rotation),
            replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "The snapshot stays on the old key, without which it makes no volume.",
                stays: "The snapshot, for as long as it is kept.",
                steps: [
                    "keep the old key as long as the snapshot", "or copy it with the new key, and delete it",
                    "of one that a registered AMI has as its root: register an AMI of the copy, change what launches from the "
                        + "old AMI, and deregister that first, or the snapshot cannot be deleted, be the AMI disabled or not",
                    "one of AWS Backup is deleted there, as a recovery point",
                ],
                grade: .medium, charges: [Charge(.ebsSnapshot, of: .gigabytes)], sources: encryption, copy, deletion),
            quantities: [.gigabytes: "VolumeSize of DescribeSnapshots, at most"]),
        ImpactRule(
            id: "ebs.default", title: "EBS default keys of an account and Region", service: "ec2",
            type: "AWS::EC2::EbsDefaultKmsKey", setting: .named("KmsKeyId"),
            rotate: ImpactEffect(
                "New volumes use the new material.",
                stays: "Volumes of before, under the material of their time.", grade: .none, sources: rotation),
            replaceFollowing: nil,
            replacePinned: ImpactEffect(
                "New volumes and snapshots that name no key go on under the old one until the default is changed.",
                stays: "Volumes and snapshots that were made under it: each stands for itself.",
                steps: ["ModifyEbsDefaultKmsKeyId with the new key, in each Region"], grade: .low, sources: byDefault),
            quantities: [:]),
    ]
}
