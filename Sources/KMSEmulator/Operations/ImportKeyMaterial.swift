package import AWS
import CryptoPrimitives
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html> and
/// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html>
extension ImportKeyMaterial: KeyringOperation {
    private static let longestValidity: TimeInterval = 365 * 24 * 60 * 60

    package static func serve(_ input: Input, on keyring: isolated Keyring) async throws -> Output {
        try validate(input)
        let validTo = try expiry(of: input, now: keyring.now)
        var key = try keyring.key(input.keyID, aliases: false)
        let secret = try unwrap(input, for: key, on: keyring)
        var material = KeyMaterial(
            id: try KeyMaterial.id(of: secret, in: key.id),
            secret: secret,
            description: input.keyMaterialDescription,
            validTo: validTo,
            stage: key.materials.isEmpty ? .current : .pendingRotation)
        switch input.importType ?? (key.materials.isEmpty ? .newKeyMaterial : .existingKeyMaterial) {
        case .newKeyMaterial:
            try requireNew(material, in: key)
            key.materials.append(material)
        default:
            let index = try index(of: material, expected: input.keyMaterialID, in: key)
            material.stage = key.materials[index].stage
            material.rotationDate = key.materials[index].rotationDate
            material.description = material.description ?? key.materials[index].description
            key.materials[index] = material
        }
        keyring.store(key)
        return Output(keyID: key.arn, keyMaterialID: material.id)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    private static func validate(_ input: Input) throws {
        if let type = input.importType, ![.newKeyMaterial, .existingKeyMaterial].contains(type) {
            throw KMSFault.constraint(
                "Value '\(type)' at 'importType'",
                "satisfy enum value set: [NEW_KEY_MATERIAL, EXISTING_KEY_MATERIAL]")
        }
        if let id = input.keyMaterialID {
            guard id.utf8.count == 64, Hex.decode(id) != nil else {
                throw KMSFault.constraint(
                    "Value '\(id)' at 'keyMaterialId'", "satisfy regular expression pattern: ^[a-f0-9]+$")
            }
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

    /// The 32 bytes that were wrapped under the wrapping key of this token.
    private static func unwrap(_ input: Input, for key: ManagedKey, on keyring: isolated Keyring) throws -> SecretBytes
    {
        guard let parameters = keyring.imports[input.importToken], parameters.keyID == key.id else {
            throw KMSFault("InvalidImportTokenException")
        }
        guard keyring.now < parameters.validTo else { throw KMSFault("ExpiredImportTokenException") }
        let wrapped = input.encryptedKeyMaterial.bytes
        guard let secret = try? parameters.wrappingKey.decryptOAEP(wrapped, hash: .sha256) else {
            throw KMSFault.invalidCiphertext
        }
        guard secret.count == 32 else {
            throw KMSFault.incorrectMaterial("The key material of a symmetric encryption key is 256 bits long.")
        }
        return secret
    }

    private static func requireNew(_ material: KeyMaterial, in key: ManagedKey) throws {
        guard key.material(material.id) == nil else {
            throw KMSFault.incorrectMaterial("The key material is already associated with \(key.arn).")
        }
        guard key.pending == nil else {
            throw KMSFault.invalidState("\(key.arn) already has key material pending rotation.")
        }
    }

    private static func index(of material: KeyMaterial, expected: String?, in key: ManagedKey) throws -> Int {
        guard expected == nil || expected == material.id,
            let index = key.materials.firstIndex(where: { $0.id == material.id })
        else {
            throw KMSFault.incorrectMaterial("The key material is not the one that was imported before.")
        }
        return index
    }
}
