import AWS
import Foundation
import KMSEmulator
import Testing

/// docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id and the KeyId of each operation.
@Suite("Key identifiers and aliases")
struct IdentifierTests {
    private let test = TestKeyring()

    @Test("Encrypt, Decrypt and DescribeKey take id, ARN, alias and alias ARN; the others id and ARN")
    func forms() async throws {
        let (key, _) = try await test.createKeyWithMaterial()
        try await createAlias("alias/payments", of: key)
        let keys = [key, "arn:aws:kms:eu-central-1:111122223333:key/\(key)"]
        let aliases = ["alias/payments", "arn:aws:kms:eu-central-1:111122223333:alias/payments"]
        for name in keys + aliases {
            #expect(try await test.describe(name).keyID == key)
            let blob = try await test.encrypt("x", under: name)
            #expect(try await test.decrypt(blob, key: name).keyID == keys[1])
        }
        for name in keys {
            #expect(try await test.materials(of: name).count == 1)
            #expect(try await test.parameters(for: name).keyID == keys[1])
        }
        for name in aliases {
            await expectRefusal("NotFoundException") { _ = try await test.materials(of: name) }
            await expectRefusal("NotFoundException") { _ = try await test.parameters(for: name) }
            await expectRefusal("NotFoundException") { try await test.rotate(name) }
            await expectRefusal("NotFoundException") {
                _ = try await test.keyring.serve(GetKeyPolicy.self, .init(keyID: name))
            }
        }
    }

    @Test(
        "an identifier that means no key here",
        arguments: [
            ("1234abcd-12ab-34cd-56ef-1234567890ab", "NotFoundException"),
            ("1234ABCD-12ab-34cd-56ef-1234567890ab", "NotFoundException"),
            ("payments", "NotFoundException"),
            ("alias/unknown", "NotFoundException"),
            ("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "NotFoundException"),
            ("arn:aws:kms:eu-central-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab", "AccessDeniedException"),
            ("arn:aws:kms:eu-central-1:111122223333:grant/1", "InvalidArnException"),
            ("arn:aws:s3:::bucket", "InvalidArnException"),
            ("arn:", "InvalidArnException"),
            ("", "ValidationException"),
        ])
    func unknown(identifier: String, code: String) async throws {
        await expectRefusal(code) { _ = try await test.describe(identifier) }
    }

    @Test(
        "an alias's name that AWS does not allow",
        arguments: [
            ("payments", "ValidationException"), ("alias/", "ValidationException"),
            ("alias/a b", "ValidationException"),
            ("alias/a:b", "ValidationException"), ("alias/aws/s3", "NotAuthorizedException"),
            ("", "ValidationException"),
            ("alias/" + String(repeating: "x", count: 251), "ValidationException"),
        ])
    func aliasNames(name: String, code: String) async throws {
        let key = try await test.createKey()
        await expectRefusal(code) { try await createAlias(name, of: key) }
    }

    @Test("an alias is made once, moved, and is no target itself")
    func aliases() async throws {
        let (one, two) = (try await test.createKey(), try await test.createKey())
        try await createAlias("alias/payments", of: one)
        await expectRefusal("AlreadyExistsException") { try await createAlias("alias/payments", of: two) }
        await expectRefusal("ValidationException") { try await createAlias("alias/second", of: "alias/payments") }
        await expectRefusal("NotFoundException") { try await updateAlias("alias/unknown", to: two) }
        await expectRefusal("NotFoundException") {
            try await updateAlias("alias/payments", to: "1234abcd-12ab-34cd-56ef-1234567890ab")
        }
        #expect(try await test.describe("alias/payments").keyID == one)

        try await test.keyring.setClockOffset(seconds: 60)
        try await updateAlias("alias/payments", to: two)

        #expect(try await test.describe("alias/payments").keyID == two)
        let entry = try #require(try await test.keyring.serve(ListAliases.self, .init(keyID: two)).aliases.first)
        #expect(entry.targetKeyID == two)
        #expect(entry.aliasARN == "arn:aws:kms:eu-central-1:111122223333:alias/payments")
        #expect(entry.creationDate == Timestamp(TestKeyring.start))
        #expect(entry.lastUpdatedDate == Timestamp(TestKeyring.start.addingTimeInterval(60)))
        #expect(try await test.keyring.serve(ListAliases.self, .init(keyID: one)).aliases.isEmpty)
    }

    @Test("pages follow one another without gap or repetition")
    func paging() async throws {
        let key = try await test.createKey()
        let names = (0..<7).map { "alias/key-\($0)" }
        for name in names.shuffled() { try await createAlias(name, of: key) }
        var seen: [[String]] = []
        var marker: String?
        repeat {
            let page = try await test.keyring.serve(ListAliases.self, .init(limit: 3, marker: marker))
            seen.append(page.aliases.map(\.aliasName))
            #expect(page.truncated == (page.nextMarker != nil))
            marker = page.nextMarker
        } while marker != nil
        #expect(seen.map(\.count) == [3, 3, 1])
        #expect(seen.flatMap(\.self) == names)
        await expectRefusal("InvalidMarkerException") {
            _ = try await test.keyring.serve(ListAliases.self, .init(marker: "x"))
        }
        for limit in [0, -1, 101] {
            await expectRefusal("ValidationException") {
                _ = try await test.keyring.serve(ListAliases.self, .init(limit: limit))
            }
        }
    }

    private func createAlias(_ name: String, of key: String) async throws {
        _ = try await test.keyring.serve(CreateAlias.self, .init(aliasName: name, targetKeyID: key))
    }

    private func updateAlias(_ name: String, to key: String) async throws {
        _ = try await test.keyring.serve(UpdateAlias.self, .init(aliasName: name, targetKeyID: key))
    }
}
