package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html>
extension Verify: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        guard (1...6144).contains(input.signature.bytes.count) else {
            throw KMSFault.constraint("Value at 'signature'", "have length between 1 and 6144, inclusive")
        }
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        let signer = try Signer(
            key, message: input.message, messageType: input.messageType, algorithm: input.signingAlgorithm, for: name)
        guard try signer.isValid(input.signature) else { throw KMSFault("KMSInvalidSignatureException") }
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(keyID: key.arn, signatureValid: true, signingAlgorithm: input.signingAlgorithm)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
