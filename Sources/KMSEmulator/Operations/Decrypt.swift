package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
extension Decrypt: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try KMSFault.refuse(recipient: input.recipient)
        let ciphertext = try CiphertextRules.ciphertext(
            input.ciphertextBlob, dryRun: input.dryRun, modifiers: input.dryRunModifiers)
        let key = try keyring.decryptingKey(
            input.keyID, ciphertext, algorithm: input.encryptionAlgorithm, in: region)
        try key.require(grantTokens: input.grantTokens)
        let cipher = try Cipher(
            key, algorithm: input.encryptionAlgorithm, context: input.encryptionContext, for: name)
        guard let ciphertext else { throw KMSFault.dryRun }
        let decrypted = try cipher.decrypt(ciphertext, context: input.encryptionContext)
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(
            keyID: key.arn,
            plaintext: Blob(decrypted.plaintext),
            encryptionAlgorithm: decrypted.algorithm,
            keyMaterialID: decrypted.materialID)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID ?? output?.keyID }
}
