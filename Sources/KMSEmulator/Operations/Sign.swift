package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
extension Sign: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        let signer = try Signer(
            key, message: input.message, messageType: input.messageType, algorithm: input.signingAlgorithm, for: name)
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(
            keyID: key.arn, signature: Blob(try signer.sign()), signingAlgorithm: input.signingAlgorithm)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
