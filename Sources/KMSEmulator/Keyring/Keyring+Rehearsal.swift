import AWS
package import CryptoPrimitives
import Foundation

/// What AWS never does: for rehearsals and their tests alone, through the admin path.
extension Keyring {
    /// A key as it stands before a ceremony.
    package struct SeededKey: Codable, Hashable, Sendable {
        package let keyId: String
        package let arn: String
        package let materialId: String
    }

    /// Makes an EXTERNAL key whose first material is already current, made here, and an alias for it.
    ///
    /// - Parameters:
    ///   - alias: `alias/NAME`.
    ///   - description: Of the key; at most 8192 characters.
    /// - Throws: `KMSFault` as CreateKey and CreateAlias do; nothing is made then.
    package func seedExternalKey(alias: String, description: String?) async throws -> SeededKey {
        try AliasName.validate(alias)
        guard aliases[alias] == nil else {
            throw KMSFault("AlreadyExistsException", "An alias with the name \(arn(alias)) already exists")
        }
        let secret = try SecretBytes.random(count: 32)
        let made = try await CreateKey.serve(CreateKey.Input(description: description, origin: .external), on: self)
        var key = try self.key(made.keyMetadata.keyID)
        let material = KeyMaterial(
            id: try KeyMaterial.id(of: secret, in: key.id), secret: secret, description: nil, validTo: nil,
            stage: .current)
        key.materials = [material]
        store(key)
        _ = try await CreateAlias.serve(CreateAlias.Input(aliasName: alias, targetKeyID: key.id), on: self)
        return SeededKey(keyId: key.id, arn: key.arn, materialId: material.id)
    }

    /// The bytes of a material, for a test that must find what it elsewhere must not find.
    ///
    /// - Throws: NotFoundException when the key has no such material, or not any more.
    package func exportMaterial(key identifier: String, materialID: String) throws -> SecretBytes {
        guard let secret = try key(identifier, aliases: false).material(materialID)?.secret else {
            throw KMSFault.notFound("The key has no material \(materialID).")
        }
        return secret
    }
}
