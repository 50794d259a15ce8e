package import AWS
import CryptoPrimitives
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
extension CreateKey: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let (spec, usage) = try kind(of: input)
        let origin = try origin(of: input)
        try KeyDescription.validate(input.description)
        try TagRules.validate(input.tags ?? [])
        if let policy = input.policy {
            try KeyPolicy.validate(policy)
            try PolicyLockout.check(policy, isBypassed: input.bypassPolicyLockoutSafetyCheck)
        }
        let uuid = UUID().uuidString.lowercased()
        let isMultiRegion = input.multiRegion == true
        let id = isMultiRegion ? "mrk-" + uuid.replacing("-", with: "") : uuid
        var key = ManagedKey(
            id: id,
            arn: keyring.arn("key/" + id, in: region),
            account: keyring.account,
            region: region,
            primaryRegion: isMultiRegion ? region : nil,
            created: keyring.now,
            spec: spec,
            usage: usage,
            origin: origin,
            description: input.description ?? "",
            policy: input.policy ?? KeyPolicy.standard(account: keyring.account),
            tags: input.tags ?? [])
        if origin == .awsKMS { key.materials = [try KeyMaterial(first: key.type.newMaterial(), of: key)] }
        keyring.store(key)
        return Output(keyMetadata: keyring.metadata(of: key))
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { output?.keyMetadata.keyID }

    private static func kind(of input: Input) throws -> (KeySpec, KeyUsage) {
        guard input.keySpec == nil || input.customerMasterKeySpec == nil else {
            throw KMSFault.validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.")
        }
        let spec = input.keySpec ?? input.customerMasterKeySpec ?? .symmetricDefault
        guard let type = KeyType(spec) else {
            throw KMSFault.unsupported("The emulator serves no keys of spec \(spec).")
        }
        guard input.keyUsage != nil || type == .symmetric else {
            throw KMSFault.validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
        }
        let usage = input.keyUsage ?? .encryptDecrypt
        guard usage != .keyAgreement else {
            throw KMSFault.unsupported("The emulator serves no keys of usage \(usage).")
        }
        guard type.usages.contains(usage) else {
            throw KMSFault.validation("KeyUsage \(usage) is not compatible with KeySpec \(spec)")
        }
        return (spec, usage)
    }

    private static func origin(of input: Input) throws -> KeyOrigin {
        let origin = input.origin ?? .awsKMS
        guard origin == .awsKMS || origin == .external, input.customKeyStoreID == nil, input.xksKeyID == nil else {
            throw KMSFault.unsupported("The emulator has no custom key stores: origins are AWS_KMS and EXTERNAL.")
        }
        return origin
    }
}

extension KeyMaterial {
    /// The first material of a key, which is current at once.
    init(first secret: SecretBytes, of key: ManagedKey) throws {
        self.init(id: try KeyMaterial.id(of: secret, in: key.id), secret: secret, stage: .current)
    }
}
