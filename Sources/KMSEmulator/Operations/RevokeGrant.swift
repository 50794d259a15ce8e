package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html>
extension RevokeGrant: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try Grant.validate(id: input.grantID)
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        guard let index = key.grants.firstIndex(where: { $0.id == input.grantID }) else {
            throw KMSFault.notFound("Grant ID \(input.grantID) not found")
        }
        try KMSFault.refuse(dryRun: input.dryRun)
        key.grants.remove(at: index)
        keyring.store(key)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
