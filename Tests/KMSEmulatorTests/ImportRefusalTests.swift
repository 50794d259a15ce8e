import AWS
import CryptoPrimitives
import Foundation
import KMSEmulator
import Testing

/// Errors of docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html.
@Suite("What an import is refused for")
struct ImportRefusalTests {
    private let test = TestKeyring()

    @Test("a token is for one key")
    func tokenOfAnotherKey() async throws {
        let parameters = try await test.parameters(for: try await test.createKey())
        let key = try await test.createKey()
        await expectRefusal("InvalidImportTokenException") {
            try await test.importMaterial(.random(count: 32), into: key, under: parameters)
        }
    }

    @Test("a token that KMS did not make")
    func forgedToken() async throws {
        let key = try await test.createKey()
        let real = try await test.parameters(for: key)
        var token = real.importToken.bytes
        token[100] ^= 1
        let forged = GetParametersForImport.Output(
            keyID: real.keyID, importToken: Blob(token), publicKey: real.publicKey,
            parametersValidTo: real.parametersValidTo)
        await expectRefusal("InvalidImportTokenException") {
            try await test.importMaterial(.random(count: 32), into: key, under: forged)
        }
    }

    @Test("a token lives for 24 hours", arguments: [(86_399.0, true), (86_400.0, false)])
    func tokenExpiry(age: Double, isAlive: Bool) async throws {
        let key = try await test.createKey()
        let parameters = try await test.parameters(for: key)
        #expect(parameters.parametersValidTo == Timestamp(TestKeyring.start.addingTimeInterval(86_400)))
        try await test.keyring.setClockOffset(seconds: age)
        if isAlive {
            try await test.importMaterial(.random(count: 32), into: key, under: parameters)
        } else {
            await expectRefusal("ExpiredImportTokenException") {
                try await test.importMaterial(.random(count: 32), into: key, under: parameters)
            }
        }
    }

    @Test("material wrapped with SHA-1, under another key, or with a byte flipped")
    func wrongWrapping() async throws {
        let key = try await test.createKey()
        let (one, two) = (try await test.parameters(for: key), try await test.parameters(for: key))
        let material = try SecretBytes.random(count: 32)
        let right = try RSAPublicKey(spki: one.publicKey.bytes).encryptOAEP(material, hash: .sha256)
        let sha1 = try RSAPublicKey(spki: one.publicKey.bytes).encryptOAEP(material, hash: .sha1)
        let other = try RSAPublicKey(spki: two.publicKey.bytes).encryptOAEP(material, hash: .sha256)
        var flipped = right
        flipped[17] ^= 4
        for wrapped in [sha1, other, flipped, Array(right.dropLast()), right + [0]] {
            await expectRefusal("InvalidCiphertextException") {
                _ = try await importWrapped(wrapped, into: key, token: one.importToken)
            }
        }
        _ = try await importWrapped(right, into: key, token: one.importToken)
    }

    @Test("material of other than 32 bytes", arguments: [1, 16, 31, 33, 64])
    func wrongLength(count: Int) async throws {
        let key = try await test.createKey()
        await expectRefusal("IncorrectKeyMaterialException") {
            try await test.importMaterial(.random(count: count), into: key)
        }
    }

    @Test("material that is not what its import type says")
    func wrongType() async throws {
        let empty = try await test.createKey()
        await expectRefusal("IncorrectKeyMaterialException") {
            try await test.importMaterial(.random(count: 32), into: empty, as: .existingKeyMaterial)
        }
        let key = try await test.createKey()
        let material = try SecretBytes.random(count: 32)
        let id = try await test.importMaterial(material, into: key, as: .newKeyMaterial)
        await expectRefusal("IncorrectKeyMaterialException") {
            try await test.importMaterial(material, into: key, as: .newKeyMaterial)
        }
        await expectRefusal("IncorrectKeyMaterialException") {
            try await test.importMaterial(.random(count: 32), into: key)
        }
        await expectRefusal("IncorrectKeyMaterialException") {
            try await test.importMaterial(.random(count: 32), into: key, as: .existingKeyMaterial, id: id)
        }
        await expectRefusal("IncorrectKeyMaterialException") {
            try await test.importMaterial(material, into: key, id: String(repeating: "0", count: 64))
        }
        await expectRefusal("ValidationException") {
            try await test.importMaterial(material, into: key, as: .newKeyMaterial, id: id)
        }
    }

    @Test("a second pending material; the first, imported again, is the same one")
    func secondPending() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        let pending = try SecretBytes.random(count: 32)
        let id = try await test.importMaterial(pending, into: key, as: .newKeyMaterial)
        await expectRefusal("KMSInvalidStateException") {
            try await test.importMaterial(.random(count: 32), into: key, as: .newKeyMaterial)
        }
        #expect(try await test.importMaterial(pending, into: key, as: .existingKeyMaterial, id: id) == id)
        #expect(try await test.materials(of: key).map(\.keyMaterialState) == [.current, .pendingRotation])
    }

    @Test(
        "an expiry that contradicts its model, has passed, or is more than 365 days away",
        arguments: [
            (ExpirationModel?.none, Double?.none), (.keyMaterialExpires, nil), (.keyMaterialDoesNotExpire, 1),
            (.keyMaterialExpires, 0), (.keyMaterialExpires, -1), (.keyMaterialExpires, 365 * 86_400 + 1),
            (ExpirationModel(rawValue: "NEVER"), nil),
        ])
    func expiry(model: ExpirationModel?, seconds: Double?) async throws {
        let key = try await test.createKey()
        let parameters = try await test.parameters(for: key)
        let wrapped = try RSAPublicKey(spki: parameters.publicKey.bytes)
            .encryptOAEP(.random(count: 32), hash: .sha256)
        await expectRefusal("ValidationException") {
            _ = try await test.keyring.serve(
                ImportKeyMaterial.self,
                .init(
                    keyID: key, importToken: parameters.importToken, encryptedKeyMaterial: Blob(wrapped),
                    validTo: seconds.map { Timestamp(TestKeyring.start.addingTimeInterval($0)) },
                    expirationModel: model))
        }
    }

    @Test(
        "wrapping that AWS does not have for a symmetric key",
        arguments: [
            ("RSAES_PKCS1_V1_5", "RSA_4096", "UnsupportedOperationException"),
            ("SM2PKE", "RSA_4096", "UnsupportedOperationException"),
            ("RSA_OAEP", "RSA_4096", "ValidationException"),
            ("RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", "UnsupportedOperationException"),
            ("RSAES_OAEP_SHA_256", "SM2", "ValidationException"),
            ("RSAES_OAEP_SHA_256", "RSA_1024", "ValidationException"),
        ])
    func wrapping(algorithm: String, spec: String, code: String) async throws {
        let key = try await test.createKey()
        await expectRefusal(code) {
            _ = try await test.keyring.serve(
                GetParametersForImport.self,
                .init(
                    keyID: key, wrappingAlgorithm: .init(rawValue: algorithm), wrappingKeySpec: .init(rawValue: spec)))
        }
    }

    @Test(
        "each wrapping key is new and of the size that was asked for",
        arguments: [
            (WrappingKeySpec.rsa2048, 2048), (.rsa3072, 3072), (.rsa4096, 4096),
        ])
    func wrappingKeys(spec: WrappingKeySpec, bits: Int) async throws {
        let key = try await test.createKey()
        var seen: Set<Blob> = []
        for _ in 0..<2 {
            let parameters = try await test.keyring.serve(
                GetParametersForImport.self,
                .init(keyID: key, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: spec))
            #expect(try RSAPublicKey(spki: parameters.publicKey.bytes).bits == bits)
            #expect(seen.insert(parameters.publicKey).inserted)
            #expect(seen.insert(parameters.importToken).inserted)
        }
    }

    private func importWrapped(_ wrapped: [UInt8], into key: String, token: Blob) async throws {
        _ = try await test.keyring.serve(
            ImportKeyMaterial.self,
            .init(
                keyID: key, importToken: token, encryptedKeyMaterial: Blob(wrapped),
                expirationModel: .keyMaterialDoesNotExpire))
    }
}
