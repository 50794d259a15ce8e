package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>
extension CreateAlias: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        try AliasName.validate(input.aliasName)
        let key = try keyring.aliasTarget(input.targetKeyID)
        guard keyring.aliases[input.aliasName] == nil else {
            throw KMSFault(
                "AlreadyExistsException", "An alias with the name \(keyring.arn(input.aliasName)) already exists")
        }
        let now = keyring.now
        keyring.aliases[input.aliasName] = Keyring.Alias(
            name: input.aliasName, keyID: key.id, created: now, updated: now)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.targetKeyID }
}

extension Keyring {
    /// The key that an alias may stand for; an alias of an alias there is not.
    func aliasTarget(_ identifier: String) throws -> ManagedKey {
        if case .alias = try KeyIdentifier(identifier, region: region, account: account) {
            throw KMSFault.validation("Aliases must refer to keys. Not aliases")
        }
        return try key(identifier, aliases: false)
    }
}
