package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html>
extension UpdateKeyDescription: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try KeyDescription.validate(input.description)
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireNotPendingDeletion()
        key.description = input.description
        keyring.store(key)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
