import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11

/// Has the token make and wrap throwaway keys, opens a blob in software, and tries what it must refuse.
///
/// A return code proves nothing: tokens exist that answer CKR_OK to SHA-256 and use SHA-1. Each check returns the name
/// under which evidence lists it. What is left on failure ends with the session.
struct TokenSelfTest {
    let session: Session
    /// What the ceremony's own keys will be made by, but for being kept.
    let template: [AttributeSetting]

    /// - Returns: What was tried and held, by name.
    /// - Throws: `CeremonyError` naming what did not hold.
    func run() async throws -> [String] {
        let (key, other) = (try await generate(), try await generate())
        let own = try RSAPrivateKey(bits: 2048)
        var held = [try await readBack(key, other), try await compare(key, with: other)]
        let blob = try await TokenHSM.wrap(key.object, to: own.publicKey, in: session)
        held.append(try requireNoSHA1(blob, own))
        let (name, material) = try open(blob, own)
        held += [name, try await compare(material, with: key)]
        held.append(try await wrapAgain(key, own, after: blob))
        held.append(try await trust(own.publicKey))
        // Also the proof that the token was still there to refuse what it was to refuse.
        for object in [key.object, other.object] { try await session.destroy(object) }
        return held
    }

    private struct Throwaway {
        let object: Object
        let template: [Attribute]
    }

    private func generate() async throws -> Throwaway {
        let throwaway = template.map { $0.name == "CKA_TOKEN" ? AttributeSetting($0.name, "false") : $0 }
        let template =
            try [.label(Self.label()), .id(SecureRandom.bytes(count: 16))] + AttributeNames.template(throwaway)
        return Throwaway(object: try await session.generateAES256(template), template: template)
    }

    private static func label() throws -> String {
        "keyrite/self-test/\(Hex.encode(try SecureRandom.bytes(count: 8)))"
    }

    private func readBack(_ keys: Throwaway...) async throws -> String {
        for key in keys {
            let wanted = key.template + KeyTemplates.aes256Origin
            // Some tokens do not keep how a key was made; that it was made there is CKA_LOCAL's to say.
            let differences = try await session.differences(of: key.object, from: wanted)
                .filter { $0.key != .keyGenerationMechanism || $0.value != .unavailable }
            try demand(
                differences.isEmpty,
                "A key came out with another \(differences.keys.map(\.description).sorted().joined(separator: ", "))")
            try demand(
                try await session.attributes([.value], of: key.object)[.value] == .sensitive,
                "The token calls a key sensitive, and would hand out its value")
        }
        return "template-read-back"
    }

    private func compare(_ key: Throwaway, with other: Throwaway) async throws -> String {
        try demand(
            try await session.encryptECB(Self.zero, with: key.object)
                != session.encryptECB(Self.zero, with: other.object),
            "The token generated one key twice")
        return "two-keys-differ"
    }

    private func requireNoSHA1(_ blob: [UInt8], _ own: RSAPrivateKey) throws -> String {
        let wrong: [(hash: OAEPHash, mgf1: OAEPHash, name: String)] = [
            (.sha1, .sha1, "SHA-1"), (.sha256, .sha1, "SHA-256, but with SHA-1 in MGF1"),
            (.sha1, .sha256, "SHA-1, but with SHA-256 in MGF1"),
        ]
        for wrong in wrong {
            try demand(
                (try? own.decryptOAEP(blob, hash: wrong.hash, mgf1: wrong.mgf1)) == nil,
                "The token was asked to wrap under RSA-OAEP with SHA-256, answered CKR_OK and used \(wrong.name)")
        }
        return "not-oaep-sha1"
    }

    private func open(_ blob: [UInt8], _ own: RSAPrivateKey) throws -> (name: String, material: SecretBytes) {
        do {
            return ("wrap-oaep-sha256", try own.decryptOAEP(blob, hash: .sha256))
        } catch {
            throw unfit("The wrapped key does not decrypt under RSA-OAEP with SHA-256: KMS would refuse it")
        }
    }

    private func compare(_ material: SecretBytes, with key: Throwaway) async throws -> String {
        try demand(material.count == 32, "The wrapped key has \(material.count) bytes, not 32")
        try demand(
            try await session.encryptECB(Self.zero, with: key.object) == AES256.encryptECB(Self.zero, key: material),
            "The wrapped key is another than the one in the token")
        return "unwrapped-key-is-the-same"
    }

    private func wrapAgain(_ key: Throwaway, _ own: RSAPrivateKey, after blob: [UInt8]) async throws -> String {
        try demand(
            try await TokenHSM.wrap(key.object, to: own.publicKey, in: session) != blob,
            "The token answered two wraps with one blob: its padding is not random")
        return "two-blobs-differ"
    }

    /// Only the security officer may say which wrapping keys are trusted; here the user tries, in both ways there are.
    private func trust(_ publicKey: RSAPublicKey) async throws -> String {
        let id = try SecureRandom.bytes(count: 16)
        let object = try await session.createWrappingKey(publicKey, label: try Self.label(), id: id)
        let isRefused = [
            try await refuses { try await session.setAttributes([Attribute(.trusted, true)], of: object) },
            try await refuses {
                _ = try await session.createWrappingKey(
                    publicKey, label: Self.label(), id: id, with: [Attribute(.trusted, true)])
            },
        ]
        try await session.destroy(object)
        try demand(
            isRefused == [true, true], "The token lets its user set CKA_TRUSTED, which is the security officer's")
        return "user-cannot-trust"
    }

    private func refuses(_ act: () async throws -> Void) async throws -> Bool {
        do {
            try await act()
            return false
        } catch let error as PKCS11Error where error.returnValue != nil {
            return true
        }
    }

    private static let zero = [UInt8](repeating: 0, count: 16)

    private func demand(_ holds: Bool, _ otherwise: String) throws {
        guard holds else { throw unfit(otherwise) }
    }

    private func unfit(_ what: String) -> CeremonyError {
        CeremonyError(.environment, what, remedy: "This token cannot hold the ceremony. No key was generated")
    }
}
