import AWS
import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// The program, on the embedded KMS.
@Suite("What befalls a key in the middle of a ceremony", .timeLimit(.minutes(60)))
struct DisturbanceTests {
    @Test(
        "done by others: it is told with where all stands and the way on, and every effect is had once",
        arguments: Disturbance.byOthers)
    func byOthers(_ disturbance: Disturbance) async throws { try await hold(disturbance) }

    @Test(
        "refused by KMS: it is told with where all stands and the way on, is on record, and every effect is had once",
        arguments: Disturbance.refusals)
    func refused(_ disturbance: Disturbance) async throws { try await hold(disturbance) }

    private func hold(_ disturbance: Disturbance) async throws {
        try await CeremonyRoom.with { room in
            let kms = try room.room.client()
            let key = try await kms.describeKey(.init(keyID: CeremonyRoom.alias)).output.keyMetadata.arn
            try await room.room.seedExternalKey(alias: "alias/another")
            let other = try await kms.describeKey(.init(keyID: "alias/another")).output.keyMetadata.arn
            let hands = Disturbance.Hands(room: room, kms: kms, key: key, other: other)
            try await room.plan(disturbance.strategy)
            let reached = try await room.goOn(until: disturbance.after)
            try #require(reached.status == 0, "\(reached.stderrText)")
            try await disturbance.done(hands)
            let before = try await room.effects()

            let stopped = try await room.goOn()
            #expect(stopped.status == disturbance.status)
            var rest = stopped.stderrText[...]
            for words in disturbance.says {
                guard let found = rest.firstRange(of: words) else {
                    Issue.record("it does not say \"\(words)\": \(stopped.stderrText)")
                    break
                }
                rest = rest[found.upperBound...]
            }
            #expect(try await room.standing(of: key, others: [other: "another"]) == disturbance.standing)
            #expect(try room.refusals() == (disturbance.refusal.map { [$0] } ?? []))
            #expect(try room.record().openIntent == nil, "what was not asked for is in nobody's doubt")
            #expect(try await room.effects() == before)

            try await disturbance.remedied(hands)
            let held = try await room.goOn()
            try #require(held.status == 0, "\(held.stderrText)")
            try await expectOnce(disturbance, before, hands)
        }
    }

    /// Each effect once since the plan, whoever else had some before.
    private func expectOnce(
        _ disturbance: Disturbance, _ before: [String: Int], _ hands: Disturbance.Hands
    ) async throws {
        let record = try hands.room.record()
        let kinds = record.transcript.lines.map(\.event.kind)
        let results: [EventKind] =
            disturbance.strategy == .rotate
            ? [.generated, .imported, .proved, .rotated] : [.generated, .created, .imported, .proved, .aliasSet]
        #expect(results.map { kind in kinds.count { $0 == kind } } == results.map { _ in 1 })
        let slot = try #require(record.slots[CeremonyRoom.slot])
        let materials = try await hands.kms.allKeyMaterials(keyID: try #require(record.key(of: record.plan.slots[0])))
        #expect(
            materials.map(\.keyMaterialState)
                == (disturbance.strategy == .rotate ? [.nonCurrent, .current] : [.current]))
        #expect(materials.last?.keyMaterialID == slot.imported?.material)
        let effects = try await hands.room.effects()
        #expect(effects[disturbance.strategy == .rotate ? "RotateKeyOnDemand" : "CreateKey"] == 1)
        try await hands.room.expectBothHold()
    }
}
