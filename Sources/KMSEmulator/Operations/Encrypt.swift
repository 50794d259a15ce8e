package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
extension Encrypt: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        guard (1...4096).contains(input.plaintext.bytes.count) else {
            throw KMSFault.constraint("Value at 'plaintext'", "have length between 1 and 4096, inclusive")
        }
        let key = try keyring.key(input.keyID)
        try key.requireSymmetric(input.encryptionAlgorithm)
        try key.requireEnabled()
        guard let material = key.current, let secret = material.secret else { throw KMSFault.internal }
        guard input.dryRun != true else { throw KMSFault.dryRun }
        let blob = try CiphertextBlob(
            sealing: input.plaintext.bytes,
            context: EncryptionContext(input.encryptionContext),
            keyID: key.id,
            materialID: material.id,
            secret: secret)
        return Output(ciphertextBlob: Blob(blob.bytes), keyID: key.arn, encryptionAlgorithm: .symmetricDefault)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}

extension ManagedKey {
    /// - Throws: InvalidKeyUsageException unless the algorithm, as asked, is the one of symmetric keys.
    func requireSymmetric(_ algorithm: EncryptionAlgorithm?) throws {
        guard algorithm ?? .symmetricDefault == .symmetricDefault else {
            throw KMSFault(
                "InvalidKeyUsageException",
                "\(algorithm ?? .symmetricDefault) is not valid for the key spec SYMMETRIC_DEFAULT of \(arn).")
        }
    }
}

extension KMSFault {
    /// What a call that would succeed answers when it was asked to change nothing
    /// (docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html).
    static let dryRun = KMSFault(
        "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.", status: 412)
}
