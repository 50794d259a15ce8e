package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html>
extension VerifyMac: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        let made = try MessageCode(key, message: input.message, algorithm: input.macAlgorithm, for: name)
        guard try made.isEqual(to: input.mac) else { throw KMSFault("KMSInvalidMacException") }
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(keyID: key.arn, macValid: true, macAlgorithm: input.macAlgorithm)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
