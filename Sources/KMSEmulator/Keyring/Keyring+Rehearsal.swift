package import AWS
package import CryptoPrimitives
import Foundation

/// What AWS never does: for rehearsals and their tests alone, through the admin path.
extension Keyring {
    /// A key as it stands before a ceremony.
    package struct SeededKey: Codable, Hashable, Sendable {
        package let keyId: String
        package let arn: String
        /// Absent of a key that waits for its material.
        package let materialId: String?
    }

    /// What a seeded key shall be.
    package struct Seed: Hashable, Sendable {
        /// `alias/NAME`; nil for none.
        package var alias: String?
        /// At most 8192 characters.
        package var description: String?
        package var spec: KeySpec = .symmetricDefault
        /// Nil for the one usage of the spec, and for signing of RSA keys.
        package var usage: KeyUsage?
        /// Nil for the one of calls that name none.
        package var region: String?
        /// How many rotations on demand it has behind it, each to a material of its own; of symmetric keys with material.
        package var rotationsUsed = 0
        /// Whether the key is left in PendingImport instead of being given its first material here.
        package var awaitsMaterial = false

        package init(alias: String?, description: String? = nil) {
            self.alias = alias
            self.description = description
        }
    }

    /// Makes an EXTERNAL key whose first material is already current, made here, and an alias for it.
    ///
    /// - Parameters:
    ///   - alias: `alias/NAME`.
    ///   - description: Of the key; at most 8192 characters.
    /// - Throws: `KMSFault` as CreateKey and CreateAlias do; nothing is made then.
    package func seedExternalKey(alias: String, description: String?) async throws -> SeededKey {
        try await seedExternalKey(Seed(alias: alias, description: description))
    }

    /// Makes an EXTERNAL key, gives it a first material made here unless it shall wait, and an alias if asked.
    ///
    /// - Throws: `KMSFault` as CreateKey and CreateAlias do; nothing is made then.
    package func seedExternalKey(_ seed: Seed) async throws -> SeededKey {
        let region = seed.region ?? region
        guard ServedRegion.isServed(region) else { throw KMSFault.validation("\(region) is no Region.") }
        guard (0...ManagedKey.rotationLimit).contains(seed.rotationsUsed),
            seed.rotationsUsed == 0 || seed.spec == .symmetricDefault && !seed.awaitsMaterial
        else {
            throw KMSFault.validation("A symmetric key with material has 0 to \(ManagedKey.rotationLimit) rotations.")
        }
        if let alias = seed.alias {
            try AliasName.validate(alias)
            guard (try? self.alias(alias, in: region)) == nil else {
                throw KMSFault(
                    "AlreadyExistsException", "An alias with the name \(arn(alias, in: region)) already exists")
            }
        }
        let usages = KeyType(seed.spec)?.usages ?? []
        let input = CreateKey.Input(
            description: seed.description, keyUsage: seed.usage ?? (usages.count == 1 ? usages[0] : .signVerify),
            keySpec: seed.spec, origin: .external)
        let made = try await CreateKey.serve(input, on: self, in: region)
        var key = try self.key(made.keyMetadata.keyID, in: region)
        if !seed.awaitsMaterial {
            key.materials = [try KeyMaterial(first: key.type.newMaterial(), of: key)]
            for _ in 0..<seed.rotationsUsed { try key.rotateAsSeeded(at: now) }
            store(key)
        }
        if let alias = seed.alias {
            _ = try await CreateAlias.serve(
                CreateAlias.Input(aliasName: alias, targetKeyID: key.id), on: self, in: region)
        }
        try save()
        return SeededKey(keyId: key.id, arn: key.arn, materialId: key.current?.id)
    }

    /// The bytes of a material, for a test that must find what it elsewhere must not find.
    ///
    /// - Parameters:
    ///   - identifier: A key's ARN, or its id in the Region of calls that name none.
    ///   - materialID: nil for the current material.
    /// - Throws: NotFoundException when the key has no such material, or not any more.
    package func exportMaterial(key identifier: String, materialID: String?) throws -> SecretBytes {
        let parts = identifier.split(separator: ":", omittingEmptySubsequences: false)
        let region = parts.count == 6 ? String(parts[3]) : region
        passTime()
        let key = try key(identifier, in: region, aliases: false)
        guard let secret = (materialID.map { key.material($0) } ?? key.current)?.secret else {
            throw KMSFault.notFound("The key has no material \(materialID ?? "yet").")
        }
        return secret
    }
}

extension ManagedKey {
    fileprivate mutating func rotateAsSeeded(at now: Date) throws {
        for index in materials.indices { materials[index].stage = .nonCurrent }
        var next = try KeyMaterial(first: type.newMaterial(), of: self)
        next.rotationDate = now
        materials.append(next)
    }
}
