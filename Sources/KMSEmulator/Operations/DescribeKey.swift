package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
extension DescribeKey: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        Output(keyMetadata: try keyring.key(input.keyID).metadata)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
