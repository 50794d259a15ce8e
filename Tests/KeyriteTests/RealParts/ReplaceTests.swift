import AWS
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A replacement")
struct ReplaceTests {
    @Test("brings a key of our own into the place of one that KMS made, and a multi-Region one where it is wanted")
    func ofKMSOrigin() async throws {
        try await CeremonyRoom.with { room in
            let client = try room.room.client()
            let made = try await client.createKey(.init(description: "KMS made it", origin: .awsKMS))
            let old = made.output.keyMetadata.arn
            _ = try await client.createAlias(.init(aliasName: "alias/archive", targetKeyID: old))
            let definition = room.base.path + "/definition.yaml"
            let text = """
                schema: keyrite.definition/1
                title: A key of our own
                windowHours: 24
                wrappingKeySpec: RSA_2048
                keys:
                  - alias: alias/archive
                    strategy: replace
                    proof: true
                    multiRegion: true
                """
            try Data(text.utf8).write(to: URL(filePath: definition))
            try await room.plan(definition: definition)
            try await room.holdPlanned()
            let record = try room.record()
            let slot = record.plan.slots[0]
            #expect(slot.key == old)
            #expect(record.plan.differences.map(\.what) == ["tag keyrite, added", "multi-Region"])
            #expect(record.key(of: slot)?.contains(":key/mrk-") == true)
            try await BotoTests.expectAsPlanned(room)
        }
    }
}
