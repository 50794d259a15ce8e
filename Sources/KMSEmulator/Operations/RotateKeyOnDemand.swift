package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html>
extension RotateKeyOnDemand: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        var key = try keyring.key(input.keyID, aliases: false)
        try key.requireEnabled()
        guard let pending = key.materials.firstIndex(where: { !$0.isPermanent }) else {
            throw KMSFault.invalidState("No available key material pending rotation for the key: \(key.arn).")
        }
        guard key.rotationsUsed < ManagedKey.rotationLimit else {
            throw KMSFault(
                "LimitExceededException",
                "The on-demand rotations quota of \(ManagedKey.rotationLimit) for \(key.arn) is exceeded.")
        }
        for index in key.materials.indices where key.materials[index].stage == .current {
            key.materials[index].stage = .nonCurrent
        }
        key.materials[pending].stage = .current
        key.materials[pending].rotationDate = keyring.now
        keyring.store(key)
        return Output(keyID: key.id)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
