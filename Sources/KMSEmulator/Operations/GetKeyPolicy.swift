package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
extension GetKeyPolicy: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        let key = try keyring.key(input.keyID, aliases: false)
        guard input.policyName ?? "default" == "default" else { throw KMSFault.notFound("No such policy exists") }
        return Output(policy: key.policy, policyName: "default")
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
