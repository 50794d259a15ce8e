import AWS
import CryptoPrimitives
import KMSEmulator
import Testing

/// docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html.
@Suite("Making keys")
struct CreateKeyTests {
    private let test = TestKeyring()

    @Test(
        "what the emulator cannot be true to, it refuses",
        arguments: [
            CreateKey.Input(origin: .awsCloudHSM), .init(origin: .externalKeyStore),
            .init(origin: .external, customKeyStoreID: "cks-1"),
            .init(keyUsage: .signVerify, keySpec: .mlDSA44), .init(keyUsage: .signVerify, keySpec: .sm2),
            .init(keyUsage: .signVerify, keySpec: .eccNISTEdwards25519),
            .init(keyUsage: .keyAgreement, keySpec: .eccNISTP256),
        ])
    func unsupported(input: CreateKey.Input) async throws {
        await expectRefusal("UnsupportedOperationException") { _ = try await test.createKey(input) }
    }

    @Test(
        "what AWS refuses",
        arguments: [
            (
                CreateKey.Input(customerMasterKeySpec: .symmetricDefault, keySpec: .symmetricDefault),
                "ValidationException"
            ),
            (.init(description: String(repeating: "x", count: 8193), origin: .external), "ValidationException"),
            (.init(keySpec: .rsa2048, origin: .external), "ValidationException"),
            (.init(keyUsage: .signVerify, origin: .external), "ValidationException"),
            (.init(keyUsage: .encryptDecrypt, keySpec: .hmac256), "ValidationException"),
            (.init(keyUsage: .encryptDecrypt, keySpec: .eccNISTP256), "ValidationException"),
            (.init(policy: "", origin: .external), "ValidationException"),
            (.init(policy: "{", origin: .external), "MalformedPolicyDocumentException"),
            (.init(policy: "[]", origin: .external), "MalformedPolicyDocumentException"),
            (.init(origin: .external, tags: [Tag(tagKey: "aws:x", tagValue: "")]), "TagException"),
            (.init(origin: .external, tags: [Tag(tagKey: "", tagValue: "")]), "TagException"),
            (
                .init(origin: .external, tags: [Tag(tagKey: "a", tagValue: "1"), Tag(tagKey: "a", tagValue: "2")]),
                "TagException"
            ),
        ])
    func refused(input: CreateKey.Input, code: String) async throws {
        await expectRefusal(code) { _ = try await test.createKey(input) }
    }

    @Test("the policy comes back byte for byte")
    func policy() async throws {
        let policy = #"{ "Version":"2012-10-17",  "Statement": [] }"#
        let key = try await test.createKey(.init(policy: policy, origin: .external))
        let answer = try await test.keyring.serve(GetKeyPolicy.self, .init(keyID: key, policyName: "default"))
        #expect(answer.policy == policy)
        #expect(answer.policyName == "default")
        await expectRefusal("NotFoundException") {
            _ = try await test.keyring.serve(GetKeyPolicy.self, .init(keyID: key, policyName: "other"))
        }
    }

    @Test("every call is remembered in order, with its key's id and its refusal")
    func calls() async throws {
        let key = try await test.createKey()
        _ = try await test.keyring.serve(CreateAlias.self, .init(aliasName: "alias/payments", targetKeyID: key))
        _ = try await test.describe("alias/payments")
        _ = try? await test.rotate(key)
        _ = try? await test.describe("alias/unknown")
        #expect(
            await test.keyring.log.calls == [
                ServedCall(operation: "CreateKey", keyId: key),
                ServedCall(operation: "CreateAlias", keyId: key),
                ServedCall(operation: "DescribeKey", keyId: key),
                ServedCall(operation: "RotateKeyOnDemand", keyId: key, error: "KMSInvalidStateException"),
                ServedCall(operation: "DescribeKey", keyId: "alias/unknown", error: "NotFoundException"),
            ])
    }

    @Test("a seeded key has current material, an alias, and ciphertext that opens")
    func seed() async throws {
        let seeded = try await test.keyring.seedExternalKey(alias: "alias/payments", description: "old")
        let metadata = try await test.describe("alias/payments")
        #expect(metadata.keyID == seeded.keyId)
        #expect(metadata.arn == seeded.arn)
        #expect(metadata.currentKeyMaterialID == seeded.materialId)
        #expect(metadata.description == "old")
        #expect(metadata.keyState == .enabled)
        let blob = try await test.encrypt("x", under: seeded.arn)
        #expect(try await test.decrypt(blob).keyMaterialID == seeded.materialId)
        await expectRefusal("AlreadyExistsException") {
            _ = try await test.keyring.seedExternalKey(alias: "alias/payments", description: nil)
        }
        // Exported, it is the material that its id names.
        let material = try #require(seeded.materialId)
        let secret = try await test.keyring.exportMaterial(key: seeded.arn, materialID: material)
        let current = try await test.keyring.exportMaterial(key: seeded.arn, materialID: nil)
        #expect(current.isEqual(to: secret))
        #expect(try await test.importMaterial(secret, into: seeded.keyId, id: seeded.materialId) == seeded.materialId)
    }
}
