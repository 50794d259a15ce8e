import AWS
import Ceremony
import CryptoPrimitives
package import Evidence

/// A key as an earlier ceremony left it: kept in the HSM, imported into KMS, and deleted there since.
package struct KeptKey: Sendable {
    /// The KMS key's ARN.
    package let key: String
    /// KMS's id of the material.
    package let material: String
    /// The HSM key's.
    package let label: String
    package let id: String
    package let checkValues: CheckValues
    /// What KMS encrypted with it while it had it.
    package let ciphertext: [UInt8]
}

extension RehearsalSite {
    /// Has a key of the HSM imported into an external key behind an alias, and deleted from KMS again.
    ///
    /// - Parameters:
    ///   - isDeleted: Whether it is deleted; else KMS keeps it, without expiry.
    ///   - other: The room with another HSM; nil with its own.
    ///   - program: The keyrite program, where a process of its own holds the HSM's module.
    package func seedKeptKey(
        alias: String, isDeleted: Bool = true, at other: Site? = nil, program: String = CurrentProgram.path
    ) async throws -> KeptKey {
        let name = alias.split(separator: "/").dropFirst().joined(separator: "/")
        let (label, id) = ("keyrite/earlier/\(name)", Hex.encode(try SecureRandom.bytes(count: 16)))
        guard let hsm = try (other ?? site).device(RehearsalTokens.entry, program)?.hsm else {
            throw RehearsalError("The rehearsal's site has no HSM")
        }
        let key = try await createPendingKey(description: "has material of an earlier ceremony")
        let client = try client()
        let parameters = try await client.getParametersForImport(
            .init(keyID: key, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: .rsa2048)
        ).output
        let spec = KeySpec.symmetric
        _ = try await hsm.generate(label: label, id: id, of: spec, attributes: KeyAttributes.template(of: spec))
        let blob = try await hsm.wrap([
            HSMWrapRequest(
                label: label, id: id, way: .direct, wrappingKey: try RSAPublicKey(spki: parameters.publicKey.bytes))
        ])
        let ecb = try await hsm.encrypt(blocks: [UInt8](repeating: 0, count: 16), label: label, id: id)
        let cmac = try await hsm.encrypt(blocks: ZeroBlockCMAC.block(afterZero: ecb), label: label, id: id)
        _ = try await hsm.removeCheckUsage(label: label, id: id, of: spec)
        try await hsm.leave()
        let imported = try await client.importKeyMaterial(
            .init(
                keyID: key, importToken: parameters.importToken, encryptedKeyMaterial: Blob(blob.first ?? []),
                expirationModel: .keyMaterialDoesNotExpire, importType: .newKeyMaterial,
                keyMaterialDescription: "keyrite earlier \(name)")
        ).output
        guard let material = imported.keyMaterialID else { throw RehearsalError("KMS did not name the material") }
        _ = try await client.createAlias(.init(aliasName: alias, targetKeyID: key))
        let ciphertext = try await client.encrypt(.init(keyID: alias, plaintext: Blob(Array("old data".utf8)))).output
        if isDeleted { _ = try await client.deleteImportedKeyMaterial(.init(keyID: key, keyMaterialID: material)) }
        return KeptKey(
            key: key, material: material, label: label, id: id,
            checkValues: CheckValues(cmac: Hex.encode(cmac.prefix(3)), ecb: Hex.encode(ecb.prefix(3))),
            ciphertext: ciphertext.ciphertextBlob.bytes)
    }
}
