extension ImpactRule {
    private static let change = RuleSource.documented(
        "secretsmanager/latest/userguide/manage_update-encryption-key.html", checked: "2026-11-27")

    private static let restore = RuleSource.documented(
        "secretsmanager/latest/apireference/API_RestoreSecret.html", checked: "2026-11-28")
    /// A snapshot does not tell which those are.
    private static let deleted =
        "one that is scheduled for deletion takes no change: leave it, and keep the old key until it is gone, or RestoreSecret "
        + "first and delete it again afterwards"

    static let secretsManager = ImpactRule(
        id: "secretsmanager.secret", title: "Secrets and their replicas", service: "secretsmanager",
        type: "AWS::SecretsManager::Secret", setting: .named("KmsKeyId"),
        rotate: ImpactEffect(
            "New versions of the secret use the new material.",
            stays: "Versions of before, under the material of their time.", grade: .none,
            sources: .documented("kms/latest/developerguide/rotate-keys.html", checked: "2026-11-27")),
        replaceFollowing: ImpactEffect(
            "New versions use the new key once the alias is moved; its readers need that key, too.",
            stays: "Versions of before, under the old key.",
            steps: [
                "UpdateSecret with KmsKeyId encrypts AWSCURRENT, AWSPENDING and AWSPREVIOUS again; other versions stay; "
                    + "of a replica in its own Region",
                deleted,
            ], grade: .low,
            sources: change, restore,
            .inferred("secretsmanager/latest/apireference/API_UpdateSecret.html", checked: "2026-11-27")),
        replacePinned: ImpactEffect(
            "New versions come under the old key until the secret's key is changed.",
            stays: "Versions without one of the labels AWSCURRENT, AWSPENDING and AWSPREVIOUS.",
            steps: [
                "UpdateSecret with KmsKeyId, of a replica in its own Region; it and its readers need the new key, and the "
                    + "old one until then",
                deleted,
            ], grade: .low,
            sources: change, restore,
            .documented("secretsmanager/latest/userguide/standalone-secret.html", checked: "2026-11-27")),
        quantities: [:])
}
