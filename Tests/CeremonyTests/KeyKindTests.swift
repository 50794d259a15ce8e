import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("HMAC keys and key pairs, whose material KMS does not name")
struct KeyKindTests {
    private static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
    private static let old = FakeKMS.key + "-1"

    /// A kind of key, its usage, and how many bytes its commitment has.
    struct Kind: Sendable, CustomTestStringConvertible {
        let spec: KeySpec
        let usage: KeyUsage
        let commitment: Int

        var testDescription: String { spec.rawValue }

        /// A key of the kind with some material, that of another day.
        func key() throws -> FakeKey {
            let material =
                try spec.secretBytes.map { try SecretBytes.random(count: $0) }
                ?? PrivateKey(generating: .ec(.p256)).pkcs8()
            return FakeKey(spec: spec.rawValue, usage: usage.rawValue, only: material)
        }
    }

    static let kinds = [
        Kind(spec: .hmac224, usage: .generateVerifyMAC, commitment: 16),
        Kind(spec: .hmac512, usage: .generateVerifyMAC, commitment: 16),
        Kind(spec: .p256, usage: .keyAgreement, commitment: 32),
    ]

    private static func definition(_ keys: DefinedKey...) -> Definition {
        Definition(title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys)
    }

    private static let firstImport = DefinedKey(alias: "alias/new", key: fresh, strategy: .import, proof: true)
    private static let replacement = DefinedKey(alias: "alias/payments", strategy: .replace, proof: false)

    private static func importing(_ kind: Kind) async throws -> TestRoom {
        try await TestRoom.ready(definition(firstImport)) { kms in
            kms.others[fresh] = FakeKey(spec: kind.spec.rawValue, usage: kind.usage.rawValue)
            kms.aliases["alias/new"] = .some(nil)
        }
    }

    private static func replacing(_ kind: Kind) async throws -> TestRoom {
        let key = try kind.key()
        return try await TestRoom.ready(definition(replacement)) { $0.point("alias/payments", to: key) }
    }

    @Test("a first import is proved by what KMS computes, without a second wrap, and verifies", arguments: kinds)
    func firstImport(_ kind: Kind) async throws {
        let room = try await Self.importing(kind)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        let record = try await room.record()
        let slot = try #require(record.slots["new"])
        let commitment = try #require(slot.generated?.commitment)
        #expect(commitment.count == 2 * kind.commitment)
        #expect(slot.imported?.material == commitment)
        #expect(slot.verified?.newMaterial == commitment)
        #expect(slot.verified?.oldMaterial == nil)
        #expect((slot.generated?.publicKey != nil) == (kind.spec.family == .ec))
        #expect(slot.generated?.checkValues == nil)
        #expect(slot.proved == nil)
        #expect(slot.fetched.keys.sorted { $0.rawValue < $1.rawValue } == [.import])
        #expect(record.plan.slots.map(\.proof) == [.commitment])
        #expect(record.plan.slots.map(\.keyUsage) == [kind.usage])
        #expect(record.plan.slots.map(\.description) == [nil])
    }

    @Test(
        "a key is replaced by a new one of its kind and usage; the old one still computes what it did", arguments: kinds
    )
    func replacement(_ kind: Kind) async throws {
        let room = try await Self.replacing(kind)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        let slot = try #require(try await room.record().slots["payments"])
        let made = try #require(slot.created?.key)
        #expect(await room.kms.aliases["alias/payments"] == made)
        let key = try #require(await room.kms.others[made])
        #expect([key.spec, key.usage] == [kind.spec.rawValue, kind.usage.rawValue])
        #expect(slot.verified?.newMaterial == slot.generated?.commitment)
        let planned = try #require(try await room.record().plan.slots.first)
        #expect(planned.probe == nil)
        #expect(slot.verified?.oldMaterial == planned.currentMaterial)
        #expect(planned.currentMaterial?.count == 2 * kind.commitment)
        #expect(planned.currentMaterial != slot.generated?.commitment)
    }

    @Test("the plan says of each of its kinds, once and in one order, how it is made and wrapped")
    func profiles() async throws {
        let pair = FakeKMS.key + "-pair"
        let room = try await TestRoom.ready(
            Self.definition(
                DefinedKey(alias: nil, key: pair, strategy: .import, proof: false), Self.firstImport,
                DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true))
        ) { kms in
            kms.others[pair] = FakeKey(spec: "ECC_NIST_P256", usage: "SIGN_VERIFY")
            kms.others[Self.fresh] = FakeKey(spec: "HMAC_384", usage: "GENERATE_VERIFY_MAC")
            kms.aliases["alias/new"] = .some(nil)
            kms.allowed["import"] = 3
        }
        await room.hsm.prepare { $0.allowed = ["generate": 3, "wrap": 1, "removeCheckUsage": 3] }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        let plan = try await room.record().plan
        #expect(plan.profiles.map(\.keySpec) == [.symmetric, .hmac384, .p256])
        #expect(plan.profiles.map(\.algorithm) == [.oaep, .oaep, .rsaAES])
        #expect(plan.profiles.map(\.way) == [.direct, .direct, .composed])
        let settled = try await room.record().slots.mapValues { slot in
            slot.settled?.attributes.filter { ["CKA_SIGN", "CKA_ENCRYPT"].contains($0.name) }.map(\.value)
        }
        #expect(settled == ["pair": ["false"], "new": ["false", "false"], "payments": ["false", "false"]].reslotted)
    }

    @Test("a kind that the token can wrap in no way is refused before there is a plan")
    func unable() async throws {
        let room = try await Self.importing(Self.kinds[2])
        await room.hsm.prepare { $0.unable = [.p256] }
        try room.folder.remove(Plan.path)
        let error = await #expect(throws: CeremonyError.self) {
            try await room.freeze(Self.definition(Self.firstImport))
        }
        #expect(error?.what == "It wraps no such key")
        #expect(try !room.folder.files().contains(Plan.path))
    }

    @Test(
        "an import whose answer is lost is found by what KMS computes, and done again only if it never arrived",
        arguments: kinds, [FakeKMS.Loss.answer, .request])
    func lostImport(_ kind: Kind, loss: FakeKMS.Loss) async throws {
        let room = try await Self.importing(kind)
        await room.kms.prepare { $0.lost = ["import": loss] }
        if loss == .request { await #expect(throws: AnswerLost.self) { try await room.advance() } }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        let learned = try #require(try await room.record().slots["new"]?.imported?.learned)
        #expect((learned == .byLooking) == (loss == .answer))
        #expect(await room.kms.allowed["import"] == 0)
    }

    @Test("material that is not the HSM's is told from it by what KMS computes, and goes no further", arguments: kinds)
    func otherMaterial(_ kind: Kind) async throws {
        let room = try await Self.importing(kind)
        let other = try kind.key().only
        await room.kms.prepare { $0.importsOther = other }
        for _ in 1...2 {
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(
                error?.what
                    == "KMS computes otherwise with the key of new than the HSM does with the key that it made")
        }
        #expect(try await room.record().slots["new"]?.imported == nil)
    }

    @Test("a key that somebody gave material since the plan stops the ceremony before the import")
    func imported() async throws {
        let kind = Self.kinds[0]
        let room = try await Self.importing(kind)
        try await room.advance(until: .wrap)
        let other = try kind.key().only
        await room.kms.prepare { $0.others[Self.fresh]?.only = other }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what == "The key of new has material that this ceremony did not import")
        #expect(await room.kms.allowed["import"] == 1)
    }

    @Test("an old key that computes otherwise than when it was planned is not replaced")
    func changedOldKey() async throws {
        let kind = Self.kinds[1]
        let room = try await Self.replacing(kind)
        try await room.advance(until: .generate)
        let other = try kind.key().only
        await room.kms.prepare { $0.others[Self.old]?.only = other }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.hasPrefix("alias/payments is no longer what the plan found") == true)
        #expect(await room.kms.allowed["updateAlias"] == 1)
    }

    @Test("a new key of another kind than was asked for gets no material")
    func createdOtherwise() async throws {
        let room = try await Self.replacing(Self.kinds[0])
        await room.kms.prepare { $0.createdAs = "HMAC_512" }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("is not what the plan says") == true)
        #expect(await room.kms.allowed["import"] == 1)
    }

    @Test("one key under two names is noticed, of secrets and of pairs", arguments: kinds)
    func oneKeyTwice(_ kind: Kind) async throws {
        let second = FakeKMS.key + "-second"
        let room = try await TestRoom.ready(
            Self.definition(
                Self.firstImport, DefinedKey(alias: nil, key: second, strategy: .import, proof: false))
        ) { kms in
            for arn in [Self.fresh, second] {
                kms.others[arn] = FakeKey(spec: kind.spec.rawValue, usage: kind.usage.rawValue)
            }
            kms.aliases["alias/new"] = .some(nil)
        }
        await room.hsm.prepare {
            $0.allowed["generate"] = 2
            $0.repeatsKeys = true
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.hasSuffix("are one key") == true)
        #expect(await room.hsm.allowed["wrap"] == 1)
    }
}

extension [String: [String]] {
    /// By the names that slots have: those of keys without an alias are the keys' own.
    fileprivate var reslotted: [String: [String]?] {
        Dictionary(uniqueKeysWithValues: map { name, values in (name == "pair" ? "1-pair" : name, values) })
    }
}
