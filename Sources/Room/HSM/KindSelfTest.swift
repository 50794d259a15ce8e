import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11

/// The self-test of one kind of key. Each check returns the name under which evidence lists it, after the kind's.
struct KindSelfTest {
    let session: Session
    let profile: KeyProfile
    /// The wrapping key, which software holds.
    let own: RSAPrivateKey

    func run() async throws -> [String] {
        let (key, other) = (try await generate(), try await generate())
        var held = [try await readBack(key, other), try await compare(key, with: other)]
        let blob = try await session.wrap(key.made.secret, profile.way, to: own.publicKey)
        held.append(try requireNoSHA1(blob))
        let (name, material) = try open(blob)
        held += [name, try await compare(material, with: key), try await wrapAgain(key, after: blob)]
        for key in [key, other] { try await destroy(key.made) }
        return held
    }

    private struct Throwaway {
        let made: MadeKey
        let label: String
        let id: [UInt8]
    }

    private func generate() async throws -> Throwaway {
        let (label, id) = (try SelfTestError.label(), try SecureRandom.bytes(count: 16))
        return Throwaway(
            made: try await session.generate(profile.keySpec, profile.attributes, label: label, id: id, onToken: false),
            label: label, id: id)
    }

    private func destroy(_ made: MadeKey) async throws {
        try await session.destroy(made.secret)
        if let publicHalf = made.publicHalf { try await session.destroy(publicHalf) }
    }

    // MARK: What the token made

    private func readBack(_ keys: Throwaway...) async throws -> String {
        for key in keys {
            let settings = profile.attributes.filter { $0.name != "CKA_TOKEN" }
            let wanted =
                try [.label(key.label), .id(key.id), Attribute(.token, false)] + AttributeNames.template(settings)
            try await require(wanted + origin(), of: key.made.secret)
            if let publicHalf = key.made.publicHalf {
                try await require(
                    KeyTemplates.publicKey(label: key.label, id: key.id, onToken: false), of: publicHalf)
            }
            try SelfTestError.demand(
                try await hides(key.made.secret), "The token calls a key sensitive, and would hand out its value")
        }
        return "template-read-back"
    }

    private func require(_ wanted: [Attribute], of object: Object) async throws {
        // Some tokens do not keep how a key was made; that it was made there is CKA_LOCAL's to say.
        let differences = try await session.differences(of: object, from: wanted)
            .filter { $0.key != .keyGenerationMechanism || $0.value != .unavailable }
        try SelfTestError.demand(
            differences.isEmpty,
            "A key came out with another \(differences.keys.map(\.description).sorted().joined(separator: ", "))")
    }

    private func origin() throws -> [Attribute] {
        switch try profile.keySpec.generation {
        case .aes256: KeyTemplates.aes256Origin
        case .secret(let count): KeyTemplates.genericSecretOrigin(count: count)
        case .pair(.rsa): KeyTemplates.rsaPrivateKeyOrigin
        case .pair(.ec(let curve)): KeyTemplates.ecPrivateKeyOrigin(curve)
        }
    }

    private func hides(_ key: Object) async throws -> Bool {
        let material: AttributeType =
            switch profile.keySpec.family {
            case .aes, .hmac, .ec: .value
            case .rsa: .privateExponent
            }
        return try await session.attributes([material], of: key)[material] == .sensitive
    }

    private func compare(_ key: Throwaway, with other: Throwaway) async throws -> String {
        try SelfTestError.demand(
            try await mark(of: key.made) != mark(of: other.made), "The token generated one key twice")
        return "two-keys-differ"
    }

    /// What no two keys have in common.
    private func mark(of key: MadeKey) async throws -> [UInt8] {
        switch profile.keySpec.family {
        case .aes: return try await session.encryptECB(Self.zero, with: key.secret)
        case .hmac: return try await session.mac(Self.zero, try profile.keySpec.hash, with: key.secret)
        case .rsa, .ec:
            guard let publicHalf = key.publicHalf else {
                throw SelfTestError.unfit("The token made a key pair without a public key")
            }
            return try await session.subjectPublicKeyInfo(of: publicHalf)
        }
    }

    // MARK: What comes out of it

    /// The part of a blob that is as long as the modulus: all of it, or what holds the ephemeral key.
    private func oaepPart(of blob: [UInt8]) -> [UInt8] { Array(blob.prefix(own.publicKey.modulus.count)) }

    private func requireNoSHA1(_ blob: [UInt8]) throws -> String {
        let wrong: [(hash: OAEPHash, mgf1: OAEPHash, name: String)] = [
            (.sha1, .sha1, "SHA-1"), (.sha256, .sha1, "SHA-256, but with SHA-1 in MGF1"),
            (.sha1, .sha256, "SHA-1, but with SHA-256 in MGF1"),
        ]
        for wrong in wrong {
            try SelfTestError.demand(
                (try? own.decryptOAEP(oaepPart(of: blob), hash: wrong.hash, mgf1: wrong.mgf1)) == nil,
                "The token was asked to wrap under RSA-OAEP with SHA-256, answered CKR_OK and used \(wrong.name)")
        }
        return "not-oaep-sha1"
    }

    private func open(_ blob: [UInt8]) throws -> (name: String, material: SecretBytes) {
        let opened: SecretBytes
        do {
            opened = try own.decryptOAEP(oaepPart(of: blob), hash: .sha256)
        } catch {
            throw SelfTestError.unfit(
                "The wrapped key does not decrypt under RSA-OAEP with SHA-256: KMS would refuse it")
        }
        guard profile.way != .direct else { return ("wrap-oaep-sha256", opened) }
        do {
            let wrapped = Array(blob.dropFirst(own.publicKey.modulus.count))
            return ("wrap-oaep-sha256", try AES256.unwrapKWP(wrapped, key: opened))
        } catch {
            throw SelfTestError.unfit(
                "The wrapped key does not open with the key that was wrapped before it (RFC 5649): KMS would refuse it")
        }
    }

    private func compare(_ material: SecretBytes, with key: Throwaway) async throws -> String {
        if let count = profile.keySpec.secretBytes {
            try SelfTestError.demand(
                material.count == count, "The wrapped key has \(material.count) bytes, not \(count)")
        }
        let mark = try mark(of: material)
        try SelfTestError.demand(
            try await self.mark(of: key.made) == mark, "The wrapped key is another than the one in the token")
        return "unwrapped-key-is-the-same"
    }

    private func mark(of material: SecretBytes) throws -> [UInt8] {
        switch profile.keySpec.family {
        case .aes: return try AES256.encryptECB(Self.zero, key: material)
        case .hmac:
            return try profile.keySpec.hash.authenticate(Self.zero, key: material).withUnsafeBytes(Array.init)
        case .rsa, .ec:
            // Strict, as KMS is: no byte behind the key, and both parts of it belong together.
            do { return try PrivateKey(pkcs8: material).spki } catch {
                throw SelfTestError.unfit("The wrapped key is no PKCS#8 private key of its kind: KMS would refuse it")
            }
        }
    }

    private func wrapAgain(_ key: Throwaway, after blob: [UInt8]) async throws -> String {
        try SelfTestError.demand(
            try await session.wrap(key.made.secret, profile.way, to: own.publicKey) != blob,
            "The token answered two wraps with one blob: its padding is not random")
        return "two-blobs-differ"
    }

    private static let zero = [UInt8](repeating: 0, count: 16)
}
