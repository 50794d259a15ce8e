import AWS
import KMSEmulator
import Testing

/// docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html and API_Decrypt.html.
@Suite("Ciphertext")
struct CiphertextTests {
    private let test = TestKeyring()

    @Test("opens under its encryption context, in any order of pairs, and under no other")
    func context() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        let blob = try await test.encrypt("x", under: key, context: ["a": "1", "b": "2"])
        #expect(try await test.decrypt(blob, context: ["b": "2", "a": "1"]).plaintext == Blob("x".utf8))
        let others: [[String: String]?] = [
            nil, [:], ["a": "1"], ["a": "1", "b": "3"], ["a": "1", "B": "2"], ["a": "1", "b": "2", "c": ""],
            ["a": "1b", "": "2"], ["a\u{1}": "1", "b": "2"],
        ]
        for other in others {
            await expectRefusal("InvalidCiphertextException") { _ = try await test.decrypt(blob, context: other) }
        }
    }

    @Test("with any byte changed is refused")
    func everyByte() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        let bytes = try await test.encrypt("x", under: key).bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            // The bytes of the key's id name a key that is not there.
            let code = (1..<17).contains(index) ? "AccessDeniedException" : "InvalidCiphertextException"
            await expectRefusal(code) { _ = try await test.decrypt(Blob(changed)) }
        }
    }

    @Test("cut short is refused", arguments: [1, 16, 48, 60, 76])
    func cutShort(count: Int) async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        let bytes = try await test.encrypt("x", under: key).bytes
        await expectRefusal("InvalidCiphertextException") { _ = try await test.decrypt(Blob(bytes.prefix(count))) }
    }

    @Test("of one key is not decrypted in the name of another")
    func otherKey() async throws {
        let (one, two) = (try await test.createKeyWithMaterial(), try await test.createKeyWithMaterial())
        let blob = try await test.encrypt("x", under: one.key)
        #expect(try await test.decrypt(blob, key: one.key).plaintext == Blob("x".utf8))
        await expectRefusal("IncorrectKeyException") { _ = try await test.decrypt(blob, key: two.key) }
    }

    @Test("holds 1 to 4096 bytes", arguments: [(0, false), (1, true), (4096, true), (4097, false)])
    func size(count: Int, isAllowed: Bool) async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        let text = String(repeating: "x", count: count)
        if isAllowed {
            let blob = try await test.encrypt(text, under: key)
            #expect(try await test.decrypt(blob).plaintext == Blob(text.utf8))
        } else {
            await expectRefusal("ValidationException") { _ = try await test.encrypt(text, under: key) }
        }
    }

    @Test("of the same text is never the same")
    func randomised() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        #expect(try await test.encrypt("x", under: key) != (try await test.encrypt("x", under: key)))
    }

    @Test("a dry run changes nothing and says so; another algorithm is refused")
    func dryRun() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        await expectRefusal("DryRunOperationException") {
            _ = try await test.keyring.serve(
                Encrypt.self, .init(keyID: key, plaintext: Blob("x".utf8), dryRun: true))
        }
        await expectRefusal("InvalidKeyUsageException") {
            _ = try await test.keyring.serve(
                Encrypt.self, .init(keyID: key, plaintext: Blob("x".utf8), encryptionAlgorithm: .rsaesOAEPSHA256))
        }
    }
}
