import Ceremony
import Evidence
import Testing

@Suite("Two slots never have one key")
struct OneKeyTwiceTests {
    private static let definition = Definition(
        title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
        keys: ["alias/payments", "alias/ledger"].map { DefinedKey(alias: $0, strategy: .rotate, proof: false) })

    private static func room() async throws -> TestRoom {
        let ledger = "arn:aws:kms:eu-central-1:111122223333:key/ledger"
        return try await TestRoom.ready(definition) { kms in
            kms.others[ledger] = FakeKey(
                materials: [KMSMaterial(id: "l", state: .current, description: nil, onDemand: false)])
            kms.aliases = ["alias/ledger": ledger]
        }
    }

    @Test("a token that generates the first key again is caught at the second")
    func twice() async throws {
        let room = try await Self.room()
        await room.hsm.prepare {
            $0.allowed["generate"] = 2
            $0.repeatsKeys = true
        }
        try await expectOneKey(in: room)
    }

    @Test("and when a later run generates it, too")
    func twiceInTwoRuns() async throws {
        let room = try await Self.room()
        await #expect(throws: Unprepared(call: "generate")) { try await room.advance() }
        await room.hsm.prepare {
            $0.allowed["generate"] = 1
            $0.repeatsKeys = true
        }
        try await expectOneKey(in: room)
    }

    private func expectOneKey(in room: TestRoom) async throws {
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error
                == CeremonyError(
                    .state, "The HSM keys for payments and ledger are one key",
                    remedy: "Neither may be released. Have the token examined"))
        let record = try await room.record()
        #expect(record.slots.mapValues { $0.generated != nil } == ["payments": true, "ledger": false])
        #expect(await room.kms.fetches == 0)
    }
}
