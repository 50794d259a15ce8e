package import AWS
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
extension CreateKey: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        try requireServed(input)
        if let description = input.description, description.count > 8192 {
            throw KMSFault.constraint("Value at 'description'", "have length less than or equal to 8192")
        }
        try TagRules.validate(input.tags ?? [])
        if let policy = input.policy { try KeyPolicy.validate(policy) }
        let id = UUID().uuidString.lowercased()
        let key = ManagedKey(
            id: id,
            arn: keyring.arn("key/" + id),
            account: keyring.account,
            created: keyring.now,
            description: input.description ?? "",
            policy: input.policy ?? KeyPolicy.standard(account: keyring.account),
            tags: input.tags ?? [])
        keyring.store(key)
        return Output(keyMetadata: key.metadata)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { output?.keyMetadata.keyID }

    /// What the emulator is for; it refuses the rest rather than pretend.
    private static func requireServed(_ input: Input) throws {
        guard input.keySpec == nil || input.customerMasterKeySpec == nil else {
            throw KMSFault.validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.")
        }
        let spec = input.keySpec ?? input.customerMasterKeySpec ?? .symmetricDefault
        guard spec == .symmetricDefault, input.keyUsage ?? .encryptDecrypt == .encryptDecrypt else {
            throw KMSFault.unsupported("The emulator serves symmetric encryption keys only.")
        }
        guard input.origin == .external else {
            throw KMSFault.unsupported("The emulator serves keys of origin EXTERNAL only.")
        }
        guard input.multiRegion != true, input.customKeyStoreID == nil, input.xksKeyID == nil else {
            throw KMSFault.unsupported("The emulator serves single-Region keys outside custom key stores only.")
        }
    }
}
