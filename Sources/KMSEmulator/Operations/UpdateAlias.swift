package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html>
extension UpdateAlias: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try AliasName.validate(input.aliasName)
        let key = try keyring.aliasTarget(input.targetKeyID, in: region)
        var alias = try keyring.alias(input.aliasName, in: region)
        let old = try keyring.key(alias.keyID, in: region)
        // "The current and new KMS key must be the same type …, and they must have the same key usage." AWS does not
        // document the name of this refusal.
        guard old.type.family == key.type.family, old.usage == key.usage else {
            throw KMSFault.validation(
                "Alias \(alias.arn) can only move to a key of the same type and usage as \(old.arn).")
        }
        try key.requireNotPendingDeletion()
        alias.keyID = key.id
        alias.updated = keyring.now
        keyring.store(alias)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.targetKeyID }
}
