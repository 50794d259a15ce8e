package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
extension GetKeyPolicy: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        try KeyPolicy.require(name: input.policyName)
        return Output(policy: key.policy, policyName: KeyPolicy.name)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
