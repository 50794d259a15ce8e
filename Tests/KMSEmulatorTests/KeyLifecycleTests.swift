import AWS
import CryptoPrimitives
import Foundation
import KMSEmulator
import Testing

/// docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html and rotating-keys-on-demand pages.
@Suite("A key's life")
struct KeyLifecycleTests {
    private let test = TestKeyring()

    @Test("a new key waits for its material and encrypts nothing")
    func newKey() async throws {
        let key = try await test.createKey()
        let metadata = try await test.describe(key)
        #expect(metadata.keyState == .pendingImport)
        #expect(metadata.enabled == false)
        #expect(metadata.origin == .external)
        #expect(metadata.expirationModel == nil)
        #expect(metadata.currentKeyMaterialID == nil)
        #expect(try await test.materials(of: key).isEmpty)
        await expectRefusal("KMSInvalidStateException") { _ = try await test.encrypt("x", under: key) }
        await expectRefusal("KMSInvalidStateException") { try await test.rotate(key) }
    }

    @Test("the first material is current at once, and no rotation")
    func firstMaterial() async throws {
        let (key, material) = try await test.createKeyWithMaterial()
        let metadata = try await test.describe(key)
        #expect(metadata.keyState == .enabled)
        #expect(metadata.expirationModel == .keyMaterialDoesNotExpire)
        #expect(metadata.currentKeyMaterialID == material)
        #expect(material.wholeMatch(of: /[a-f0-9]{64}/) != nil)
        let entry = try #require(try await test.materials(of: key).first)
        #expect(entry.keyMaterialState == .current)
        #expect(entry.rotationDate == nil)
        #expect(entry.rotationType == nil)
        #expect(try await test.materials(of: key, .rotationsOnly).isEmpty)
    }

    @Test("new material waits until the rotation; old ciphertext decrypts ever after")
    func rotation() async throws {
        let (key, first) = try await test.createKeyWithMaterial()
        let old = try await test.encrypt("before", under: key)
        let second = try await test.importMaterial(
            .random(count: 32), into: key, as: .newKeyMaterial, description: "ceremony 7")
        #expect(try await test.decrypt(try await test.encrypt("x", under: key)).keyMaterialID == first)
        #expect(try await test.materials(of: key).map(\.keyMaterialState) == [.current, .pendingRotation])

        try await test.rotate(key)

        let entries = try await test.materials(of: key)
        #expect(entries.map(\.keyMaterialID) == [first, second])
        #expect(entries.map(\.keyMaterialState) == [.nonCurrent, .current])
        #expect(entries.map(\.rotationType) == [nil, .onDemand])
        #expect(entries.last?.rotationDate == Timestamp(TestKeyring.start))
        #expect(entries.last?.keyMaterialDescription == "ceremony 7")
        #expect(try await test.describe(key).currentKeyMaterialID == second)
        #expect(try await test.decrypt(try await test.encrypt("x", under: key)).keyMaterialID == second)
        let opened = try await test.decrypt(old)
        #expect(opened.plaintext == Blob("before".utf8))
        #expect(opened.keyMaterialID == first)
        #expect(try await test.materials(of: key, .rotationsOnly).map(\.keyMaterialID) == [second])
    }

    @Test("nothing pending is nothing to rotate")
    func nothingPending() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        await expectRefusal("KMSInvalidStateException") { try await test.rotate(key) }
    }

    @Test("a key rotates 25 times and never again")
    func budget() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        let parameters = try await test.parameters(for: key)
        for _ in 0..<25 {
            try await test.importMaterial(.random(count: 32), into: key, as: .newKeyMaterial, under: parameters)
            try await test.rotate(key)
        }
        try await test.importMaterial(.random(count: 32), into: key, as: .newKeyMaterial, under: parameters)
        await expectRefusal("LimitExceededException") { try await test.rotate(key) }
        #expect(try await test.materials(of: key, .rotationsOnly).count == 25)
    }

    @Test("a seeded key has as many rotations behind it as it should have", arguments: [0, 24, 25])
    func seededRotations(count: Int) async throws {
        var seed = Keyring.Seed(alias: "alias/a")
        seed.rotationsUsed = count
        let key = try await test.keyring.seedExternalKey(seed)
        #expect(try await test.describe(key.keyId).currentKeyMaterialID == key.materialId)
        #expect(try await test.materials(of: key.keyId, .rotationsOnly).count == count)
        try await test.importMaterial(.random(count: 32), into: key.keyId, as: .newKeyMaterial)
        if count == 25 {
            await expectRefusal("LimitExceededException") { try await test.rotate(key.keyId) }
        } else {
            try await test.rotate(key.keyId)
        }
        seed.rotationsUsed = 26
        let another = seed
        await expectRefusal("ValidationException") { _ = try await test.keyring.seedExternalKey(another) }
    }

    @Test("the same material has one id in one key and another in another")
    func materialIDs() async throws {
        let material = try SecretBytes.random(count: 32)
        let (one, two) = (try await test.createKey(), try await test.createKey())
        let first = try await test.importMaterial(material, into: one, as: .newKeyMaterial)
        #expect(try await test.importMaterial(material, into: one, as: .existingKeyMaterial) == first)
        #expect(try await test.importMaterial(material, into: two, as: .newKeyMaterial) != first)
    }

    @Test("when old material expires the key is unusable until exactly that is imported again")
    func expiry() async throws {
        let key = try await test.createKey()
        let material = try SecretBytes.random(count: 32)
        let first = try await test.importMaterial(
            material, into: key, as: .newKeyMaterial, description: "first", lasting: 10 * TestKeyring.day)
        try await test.importMaterial(
            .random(count: 32), into: key, as: .newKeyMaterial, lasting: 300 * TestKeyring.day)
        try await test.rotate(key)
        let old = try await test.encrypt("x", under: key)
        let earliest = Timestamp(TestKeyring.start.addingTimeInterval(10 * TestKeyring.day))
        #expect(try await test.describe(key).validTo == earliest)
        #expect(try await test.describe(key).expirationModel == .keyMaterialExpires)

        try await test.keyring.setClockOffset(seconds: 10 * TestKeyring.day)

        #expect(try await test.describe(key).keyState == .pendingImport)
        #expect(try await test.describe(key).expirationModel == nil)
        #expect(try await test.materials(of: key).map(\.importState) == [.pendingImport, .imported])
        await expectRefusal("KMSInvalidStateException") { _ = try await test.decrypt(old) }
        await expectRefusal("IncorrectKeyMaterialException") {
            try await test.importMaterial(.random(count: 32), into: key, as: .existingKeyMaterial)
        }
        #expect(try await test.importMaterial(material, into: key, id: first) == first)
        #expect(try await test.describe(key).keyState == .enabled)
        #expect(try await test.decrypt(old).plaintext == Blob("x".utf8))
        #expect(try await test.materials(of: key).first?.keyMaterialDescription == "first")
    }

    @Test("pending material that expires leaves the key working and its place free")
    func pendingExpiry() async throws {
        let (key, material) = try await test.createKeyWithMaterial()
        try await test.importMaterial(.random(count: 32), into: key, as: .newKeyMaterial, lasting: TestKeyring.day)
        try await test.keyring.setClockOffset(seconds: TestKeyring.day)
        #expect(try await test.describe(key).keyState == .enabled)
        #expect(try await test.materials(of: key).map(\.keyMaterialID) == [material])
        try await test.importMaterial(.random(count: 32), into: key, as: .newKeyMaterial)
    }

    @Test("of many imports at once one becomes pending, and of many rotations one happens")
    func concurrency() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        let parameters = try await test.parameters(for: key)
        let test = test
        let imported = await successes(of: 16) {
            try await test.importMaterial(.random(count: 32), into: key, as: .newKeyMaterial, under: parameters)
        }
        #expect(imported == 1)
        #expect(await successes(of: 16) { try await test.rotate(key) } == 1)
        #expect(try await test.materials(of: key).count == 2)
    }

    private func successes(of count: Int, _ body: @escaping @Sendable () async throws -> Void) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                group.addTask { (try? await body()) != nil }
            }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
    }
}
