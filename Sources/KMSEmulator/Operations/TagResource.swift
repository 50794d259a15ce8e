package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html>
extension TagResource: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try TagRules.validate(input.tags)
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireNotPendingDeletion()
        key.tags = try TagRules.merge(input.tags, into: key.tags)
        keyring.store(key)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
