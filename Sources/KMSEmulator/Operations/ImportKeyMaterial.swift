package import AWS
import CryptoPrimitives
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html> and
/// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html>
extension ImportKeyMaterial: KeyringOperation {
    private static let longestValidity: TimeInterval = 365 * 24 * 60 * 60

    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        try validate(input)
        let validTo = try expiry(of: input, now: keyring.now)
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireExternal()
        try key.requireNotPendingDeletion()
        try requireSymmetric(input, key)
        let secret = try unwrap(input, for: key, on: keyring)
        let material = KeyMaterial(
            id: try KeyMaterial.id(of: secret, in: key.id),
            secret: secret,
            description: input.keyMaterialDescription,
            validTo: validTo,
            stage: key.materials.isEmpty ? .current : .pendingRotation)
        if (input.importType ?? (key.materials.isEmpty ? .newKeyMaterial : .existingKeyMaterial)) == .newKeyMaterial {
            try add(material, to: key, on: keyring)
        } else {
            try restore(material, expected: input.keyMaterialID, in: key, on: keyring)
        }
        return Output(keyID: key.arn, keyMaterialID: key.type == .symmetric ? material.id : nil)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    private static func validate(_ input: Input) throws {
        if let type = input.importType, ![.newKeyMaterial, .existingKeyMaterial].contains(type) {
            throw KMSFault.constraint(
                "Value '\(type)' at 'importType'",
                "satisfy enum value set: [NEW_KEY_MATERIAL, EXISTING_KEY_MATERIAL]")
        }
        if let id = input.keyMaterialID {
            try MaterialID.validate(id)
            guard input.importType != .newKeyMaterial else {
                throw KMSFault.validation("A keyMaterialId cannot be given with an importType of NEW_KEY_MATERIAL")
            }
        }
        if let description = input.keyMaterialDescription {
            guard description.count <= 256, description.wholeMatch(of: /[a-zA-Z0-9:\/_\s.\-]*/) != nil else {
                throw KMSFault.constraint(
                    "Value at 'keyMaterialDescription'", "satisfy regular expression pattern: ^[a-zA-Z0-9:/_\\s.-]+$")
            }
        }
        guard (1...6144).contains(input.encryptedKeyMaterial.bytes.count) else {
            throw KMSFault.constraint("Value at 'encryptedKeyMaterial'", "have length between 1 and 6144, inclusive")
        }
    }

    /// "This parameter is optional and only usable with symmetric encryption keys", thrice.
    private static func requireSymmetric(_ input: Input, _ key: ManagedKey) throws {
        guard
            key.type == .symmetric
                || input.importType == nil && input.keyMaterialID == nil && input.keyMaterialDescription == nil
        else {
            throw KMSFault.validation(
                "ImportType, KeyMaterialId and KeyMaterialDescription are for symmetric encryption keys only.")
        }
    }

    /// - Returns: When the material expires; nil if never.
    private static func expiry(of input: Input, now: Date) throws -> Date? {
        switch input.expirationModel ?? .keyMaterialExpires {
        case .keyMaterialDoesNotExpire:
            guard input.validTo == nil else {
                throw KMSFault.validation(
                    "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE")
            }
            return nil
        case .keyMaterialExpires:
            guard let validTo = input.validTo?.date else {
                throw KMSFault.validation(
                    "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
            }
            guard validTo > now, validTo <= now.addingTimeInterval(longestValidity) else {
                throw KMSFault.validation("The validTo date must be in the future, and at most 365 days away")
            }
            return validTo
        case let model:
            throw KMSFault.constraint(
                "Value '\(model)' at 'expirationModel'",
                "satisfy enum value set: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]")
        }
    }

    /// What was wrapped under the wrapping key of this token.
    private static func unwrap(_ input: Input, for key: ManagedKey, on keyring: isolated Keyring) throws -> SecretBytes
    {
        guard let parameters = keyring.importParameters(input.importToken), parameters.keyARN == key.arn else {
            throw KMSFault("InvalidImportTokenException")
        }
        guard keyring.now < parameters.validTo else { throw KMSFault("ExpiredImportTokenException") }
        return try key.type.accepted(parameters.unwrap(input.encryptedKeyMaterial.bytes))
    }

    /// New material becomes known to the replicas, which wait for it then.
    private static func add(_ material: KeyMaterial, to key: ManagedKey, on keyring: isolated Keyring) throws {
        guard !key.isReplica else {
            throw KMSFault.unsupported("\(key.arn) is a replica; import new key material into its primary first.")
        }
        guard key.material(material.id) == nil else {
            throw KMSFault.incorrectMaterial("The key material is already associated with \(key.arn).")
        }
        guard key.pending == nil else {
            throw KMSFault.invalidState("\(key.arn) already has key material pending rotation.")
        }
        for var related in keyring.related(to: key) {
            related.materials.append(material)
            if related.isReplica { related.materials[related.materials.count - 1].forget() }
            keyring.store(related)
        }
    }

    /// The same material again. A key that was unusable for the lack of it is enabled by the last one.
    private static func restore(
        _ material: KeyMaterial, expected: String?, in key: ManagedKey, on keyring: isolated Keyring
    ) throws {
        guard expected == nil || expected == material.id,
            let index = key.materials.firstIndex(where: { $0.id == material.id })
        else {
            throw KMSFault.incorrectMaterial("The key material is not the one that was imported before.")
        }
        var key = key
        let wasUnusable = key.lacksMaterial
        key.materials[index].secret = material.secret
        key.materials[index].validTo = material.validTo
        key.materials[index].description = material.description ?? key.materials[index].description
        if wasUnusable, !key.lacksMaterial { key.isDisabled = false }
        keyring.store(key)
    }
}
