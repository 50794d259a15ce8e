package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
extension Decrypt: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        guard let ciphertext = input.ciphertextBlob else {
            throw KMSFault.constraint("Value null at 'ciphertextBlob'", "not be null")
        }
        let named = try input.keyID.map { try keyring.key($0) }
        let blob = try CiphertextBlob(parsing: ciphertext.bytes)
        guard let key = try? keyring.key(blob.keyID) else {
            throw KMSFault(
                "AccessDeniedException",
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, "
                    + "or you are not allowed to access.")
        }
        guard named == nil || named?.id == key.id else {
            throw KMSFault(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.")
        }
        try key.requireSymmetric(input.encryptionAlgorithm)
        try key.requireEnabled()
        guard let material = key.material(blob.materialID), material.isPermanent, let secret = material.secret else {
            throw KMSFault.invalidCiphertext
        }
        let plaintext = try blob.open(context: EncryptionContext(input.encryptionContext), secret: secret)
        guard input.dryRun != true else { throw KMSFault.dryRun }
        return Output(
            keyID: key.arn,
            plaintext: Blob(plaintext),
            encryptionAlgorithm: .symmetricDefault,
            keyMaterialID: material.id)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID ?? output?.keyID }
}
