package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html>
extension CancelKeyDeletion: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        guard key.deletion != nil else { throw KMSFault.invalidState("\(key.arn) is not pending deletion.") }
        key.deletion = nil
        key.isDisabled = true
        keyring.store(key)
        return Output(keyID: key.arn)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
