package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html>
extension DisableKey: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireNotPendingDeletion()
        try key.requireImported()
        key.isDisabled = true
        keyring.store(key)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
