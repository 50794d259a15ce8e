package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>
extension CreateAlias: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try AliasName.validate(input.aliasName)
        let key = try keyring.aliasTarget(input.targetKeyID, in: region)
        try key.requireNotPendingDeletion()
        let arn = keyring.arn(input.aliasName, in: region)
        guard (try? keyring.alias(input.aliasName, in: region)) == nil else {
            throw KMSFault("AlreadyExistsException", "An alias with the name \(arn) already exists")
        }
        let now = keyring.now
        keyring.store(
            Alias(arn: arn, region: region, name: input.aliasName, keyID: key.id, created: now, updated: now))
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.targetKeyID }
}

extension Keyring {
    /// The key that an alias may stand for; an alias of an alias there is not.
    func aliasTarget(_ identifier: String, in region: String) throws -> ManagedKey {
        if case .alias = try KeyIdentifier(identifier, region: region, account: account) {
            throw KMSFault.validation("Aliases must refer to keys. Not aliases")
        }
        return try key(identifier, in: region, aliases: false)
    }
}
