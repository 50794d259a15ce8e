package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
extension Encrypt: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        guard (1...4096).contains(input.plaintext.bytes.count) else {
            throw KMSFault.constraint("Value at 'plaintext'", "have length between 1 and 4096, inclusive")
        }
        let key = try keyring.key(input.keyID, in: region)
        try key.require(grantTokens: input.grantTokens)
        let cipher = try Cipher(
            key, algorithm: input.encryptionAlgorithm, context: input.encryptionContext, for: name)
        let encrypted = try cipher.encrypt(input.plaintext.bytes, context: input.encryptionContext)
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(ciphertextBlob: encrypted.blob, keyID: key.arn, encryptionAlgorithm: encrypted.algorithm)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
