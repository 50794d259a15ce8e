package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html>
extension DeleteAlias: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try AliasName.validate(input.aliasName)
        keyring.remove(try keyring.alias(input.aliasName, in: region))
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { nil }
}
