package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>
extension GetKeyRotationStatus: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireRotatable()
        // Imported keys never rotate by themselves, and the emulator's others are not asked to; a rotation on demand is
        // over when its call is answered.
        return Output(keyRotationEnabled: false, keyID: key.id)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
