package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
extension GenerateDataKey: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try KMSFault.refuse(recipient: input.recipient)
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        let made = try DataKey(
            under: key, context: input.encryptionContext, spec: input.keySpec, byteCount: input.numberOfBytes,
            for: name)
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(
            ciphertextBlob: made.encrypted.blob,
            keyID: key.arn,
            plaintext: Blob(made.plaintext),
            keyMaterialID: made.encrypted.materialID)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
