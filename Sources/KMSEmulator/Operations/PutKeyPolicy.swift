package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>
extension PutKeyPolicy: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output {
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        try KeyPolicy.require(name: input.policyName)
        try KeyPolicy.validate(input.policy)
        try PolicyLockout.check(input.policy, isBypassed: input.bypassPolicyLockoutSafetyCheck)
        key.policy = input.policy
        keyring.store(key)
        return Output()
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
