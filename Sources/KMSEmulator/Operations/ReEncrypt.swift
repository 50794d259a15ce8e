package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html>
extension ReEncrypt: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let ciphertext = try CiphertextRules.ciphertext(
            input.ciphertextBlob, dryRun: input.dryRun, modifiers: input.dryRunModifiers)
        let source = try keyring.decryptingKey(
            input.sourceKeyID, ciphertext, algorithm: input.sourceEncryptionAlgorithm, in: region)
        let destination = try keyring.key(input.destinationKeyID, in: region)
        // A token lets use one of the two keys.
        for token in input.grantTokens ?? [] where (try? source.require(grantTokens: [token])) == nil {
            try destination.require(grantTokens: [token])
        }
        let from = try Cipher(
            source, algorithm: input.sourceEncryptionAlgorithm, context: input.sourceEncryptionContext, for: name)
        let to = try Cipher(
            destination, algorithm: input.destinationEncryptionAlgorithm,
            context: input.destinationEncryptionContext, for: name)
        guard let ciphertext else { throw KMSFault.dryRun }
        let decrypted = try from.decrypt(ciphertext, context: input.sourceEncryptionContext)
        let encrypted = try to.encrypt(decrypted.plaintext, context: input.destinationEncryptionContext)
        try KMSFault.refuse(dryRun: input.dryRun)
        return Output(
            ciphertextBlob: encrypted.blob,
            sourceKeyID: source.arn,
            keyID: destination.arn,
            sourceEncryptionAlgorithm: decrypted.algorithm,
            destinationEncryptionAlgorithm: encrypted.algorithm,
            sourceKeyMaterialID: decrypted.materialID,
            destinationKeyMaterialID: encrypted.materialID)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.destinationKeyID }
}
