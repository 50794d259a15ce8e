extension ImpactRule {
    private static let change = RuleSource.documented(
        "secretsmanager/latest/userguide/manage_update-encryption-key.html", checked: "2026-11-27")

    private static let restore = RuleSource.documented(
        "secretsmanager/latest/apireference/API_RestoreSecret.html", checked: "2026-11-28")
    static let secretsManager = [deletedSecrets, secrets]

    /// They take no change, and can be restored for as long as they are there.
    private static let deletedSecrets = ImpactRule(
        id: "secretsmanager.deleted-secret", title: "Secrets that are scheduled for deletion",
        service: "secretsmanager",
        type: "AWS::SecretsManager::Secret", setting: .named("KmsKeyId"), isOfDeleted: true,
        rotate: ImpactEffect(
            "Nothing happens to it.", stays: "All its versions, under the material of their time.", grade: .none,
            sources: .documented("kms/latest/developerguide/rotate-keys.html", checked: "2026-11-27")),
        replaceFollowing: nil,
        replacePinned: ImpactEffect(
            "It takes no change while it is scheduled for deletion.",
            stays: "All its versions, under the old key: without it, whoever restores the secret cannot read it.",
            steps: [
                "leave it, and keep the old key until it is gone",
                "or RestoreSecret first, UpdateSecret with KmsKeyId, and DeleteSecret again afterwards",
            ], grade: .low, sources: restore, change),
        quantities: [:])

    private static let secrets = ImpactRule(
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
                    + "of a replica in its own Region"
            ], grade: .low,
            sources: change, restore,
            .inferred("secretsmanager/latest/apireference/API_UpdateSecret.html", checked: "2026-11-27")),
        replacePinned: ImpactEffect(
            "New versions come under the old key until the secret's key is changed.",
            stays: "Versions without one of the labels AWSCURRENT, AWSPENDING and AWSPREVIOUS.",
            steps: [
                "UpdateSecret with KmsKeyId, of a replica in its own Region; it and its readers need the new key, and the "
                    + "old one until then"
            ], grade: .low,
            sources: change, restore,
            .documented("secretsmanager/latest/userguide/standalone-secret.html", checked: "2026-11-27")),
        quantities: [:])
}
