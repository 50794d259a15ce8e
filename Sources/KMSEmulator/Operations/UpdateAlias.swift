package import AWS

/// Every key here is of one type and usage, so that AWS's rule about those cannot be broken.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html>
extension UpdateAlias: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        try AliasName.validate(input.aliasName)
        let key = try keyring.aliasTarget(input.targetKeyID)
        var alias = try keyring.alias(input.aliasName)
        alias.keyID = key.id
        alias.updated = keyring.now
        keyring.aliases[alias.name] = alias
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.targetKeyID }
}
