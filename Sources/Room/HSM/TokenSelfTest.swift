import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11

/// Has the token wrap a throwaway key, and opens the blob in software.
///
/// A return code proves nothing: tokens exist that answer CKR_OK to SHA-256 and use SHA-1.
struct TokenSelfTest {
    let session: Session
    /// What the ceremony's own keys will be made by, but for being kept.
    let template: [AttributeSetting]

    /// - Returns: What was tried and held, by name.
    /// - Throws: `CeremonyError` naming what did not hold.
    func run() async throws -> [String] {
        let label = "keyrite/self-test/\(Hex.encode(try SecureRandom.bytes(count: 8)))"
        let id = try SecureRandom.bytes(count: 16)
        let throwaway = template.map { $0.name == "CKA_TOKEN" ? AttributeSetting($0.name, "false") : $0 }
        let template = try [.label(label), .id(id)] + AttributeNames.template(throwaway)
        let key = try await session.generateAES256(template)
        let differences = try await session.differences(of: key, from: template + KeyTemplates.aes256Origin)
        try demand(
            differences.isEmpty,
            "A key came out with another \(differences.keys.map(\.description).sorted().joined(separator: ", "))")
        let wrappingKey = try RSAPrivateKey(bits: 2048)
        let blob = try await TokenHSM.wrap(key, to: wrappingKey.publicKey, in: session)
        try await compare(blob, with: key, wrappingKey)
        try await session.destroy(key)
        return SelfTested.required
    }

    private func compare(_ blob: [UInt8], with key: Object, _ wrappingKey: RSAPrivateKey) async throws {
        let material: SecretBytes
        do {
            material = try wrappingKey.decryptOAEP(blob, hash: .sha256)
        } catch {
            throw unfit("The wrapped key does not decrypt under RSA-OAEP with SHA-256: KMS would refuse it")
        }
        try demand(material.count == 32, "The wrapped key has \(material.count) bytes, not 32")
        let zero = [UInt8](repeating: 0, count: 16)
        try demand(
            try await session.encryptECB(zero, with: key) == AES256.encryptECB(zero, key: material),
            "The wrapped key is another than the one in the token")
        try demand((try? wrappingKey.decryptOAEP(blob, hash: .sha1)) == nil, "The token wrapped with SHA-1")
    }

    private func demand(_ holds: Bool, _ otherwise: String) throws {
        guard holds else { throw unfit(otherwise) }
    }

    private func unfit(_ what: String) -> CeremonyError {
        CeremonyError(.environment, what, remedy: "This token cannot hold the ceremony. No key was generated")
    }
}
