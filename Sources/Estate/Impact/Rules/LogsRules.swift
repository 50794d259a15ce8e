extension ImpactRule {
    static let logs = ImpactRule(
        id: "logs.group", title: "CloudWatch Logs groups", service: "logs", type: "AWS::Logs::LogGroup",
        setting: .named("kmsKeyId"),
        rotate: ImpactEffect(
            "New events come under the new material.", stays: "Events of before, under the material of their time.",
            grade: .none, sources: .documented("kms/latest/developerguide/rotate-keys.html", checked: "2026-11-27")),
        replaceFollowing: nil,
        replacePinned: ImpactEffect(
            "New events come under the old key until another is associated.",
            stays: "Events of before, under the old key until their retention is over.",
            steps: ["AssociateKmsKey with the new key's ARN; up to 5 minutes until it takes effect"], grade: .low,
            sources: .documented(
                "AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html", checked: "2026-11-27")),
        quantities: [:])
}
