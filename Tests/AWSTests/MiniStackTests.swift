import AWS
import CryptoPrimitives
import Testing

@Suite("Against ministack, which nobody here wrote", .timeLimit(.minutes(60)))
struct MiniStackTests {
    @Test("AES-256 wrapped by us is imported and encrypts; a flipped byte and SHA-1 are refused")
    func importsAndEncrypts() async throws {
        try await MiniStack.running { configuration in
            let kms = try KMSClient(configuration)
            let made = try await kms.createKey(.init(description: "test", origin: .external)).output.keyMetadata
            #expect(made.keyState == .pendingImport)
            #expect(made.origin == .external)

            let material = try SecretBytes.random(count: 32)
            var flipped = try await wrapped(material, .sha256, for: made.keyID, kms)
            flipped.blob[100] ^= 1
            let flippedError = try await failure { try await importing(flipped, into: made.keyID, kms) }
            #expect(flippedError.code == .invalidCiphertext)
            let weak = try await wrapped(material, .sha1, for: made.keyID, kms)
            let weakError = try await failure { try await importing(weak, into: made.keyID, kms) }
            #expect(weakError.code == .invalidCiphertext)
            #expect(try await state(of: made.keyID, kms) == .pendingImport)

            let good = try await wrapped(material, .sha256, for: made.keyID, kms)
            try await importing(good, into: made.keyID, kms)
            #expect(try await state(of: made.keyID, kms) == .enabled)

            let context = ["purpose": "test"]
            let ciphertext = try await kms.encrypt(
                .init(keyID: made.keyID, plaintext: Blob("hello".utf8), encryptionContext: context))
            #expect(ciphertext.output.keyID == made.arn)
            let plaintext = try await kms.decrypt(
                .init(ciphertextBlob: ciphertext.output.ciphertextBlob, encryptionContext: context))
            #expect(plaintext.output.plaintext == Blob("hello".utf8))
            let wrongContext = try await failure {
                _ = try await kms.decrypt(.init(ciphertextBlob: ciphertext.output.ciphertextBlob))
            }
            #expect(wrongContext.code == .invalidCiphertext)
        }
    }

    @Test("aliases, policies, identities and refusals are understood")
    func otherCalls() async throws {
        try await MiniStack.running { configuration in
            let kms = try KMSClient(configuration)
            let first = try await kms.createKey(.init()).output.keyMetadata
            let second = try await kms.createKey(.init()).output.keyMetadata
            _ = try await kms.createAlias(.init(aliasName: "alias/payments", targetKeyID: first.keyID))
            _ = try await kms.updateAlias(.init(aliasName: "alias/payments", targetKeyID: second.keyID))
            let aliases = try await kms.listAliases(.init()).output.aliases
            #expect(aliases.first { $0.aliasName == "alias/payments" }?.targetKeyID == second.keyID)
            #expect(try await kms.getKeyPolicy(.init(keyID: first.keyID)).output.policy.contains("Statement"))

            let missing = try await failure {
                _ = try await kms.describeKey(.init(keyID: "00000000-0000-0000-0000-000000000000"))
            }
            #expect(missing.code == .notFound)
            let taken = try await failure {
                _ = try await kms.createAlias(.init(aliasName: "alias/payments", targetKeyID: first.keyID))
            }
            #expect(taken.code == .alreadyExists)

            let identity = try await STSClient(configuration).getCallerIdentity().output
            #expect(identity.account.count == 12)
            #expect(identity.arn.hasPrefix("arn:aws:"))
        }
    }

    private struct Wrapped {
        var blob: [UInt8]
        let token: Blob
    }

    private func wrapped(
        _ material: SecretBytes, _ hash: OAEPHash, for key: String, _ kms: KMSClient
    ) async throws -> Wrapped {
        let parameters = try await kms.getParametersForImport(
            .init(keyID: key, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: .rsa4096)
        ).output
        let wrappingKey = try RSAPublicKey(spki: parameters.publicKey.bytes)
        #expect(wrappingKey.bits == 4096)
        return Wrapped(blob: try wrappingKey.encryptOAEP(material, hash: hash), token: parameters.importToken)
    }

    private func importing(_ wrapped: Wrapped, into key: String, _ kms: KMSClient) async throws {
        _ = try await kms.importKeyMaterial(
            .init(
                keyID: key, importToken: wrapped.token, encryptedKeyMaterial: Blob(wrapped.blob),
                expirationModel: .keyMaterialDoesNotExpire))
    }

    private func state(of key: String, _ kms: KMSClient) async throws -> KeyState {
        try await kms.describeKey(.init(keyID: key)).output.keyMetadata.keyState
    }
}
