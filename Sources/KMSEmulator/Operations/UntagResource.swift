package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html>
extension UntagResource: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        for tagKey in input.tagKeys { try TagRules.validate(key: tagKey) }
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireNotPendingDeletion()
        key.tags.removeAll { input.tagKeys.contains($0.tagKey) }
        keyring.store(key)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
