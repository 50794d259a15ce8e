package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
extension DescribeKey: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        return Output(keyMetadata: keyring.metadata(of: key))
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
