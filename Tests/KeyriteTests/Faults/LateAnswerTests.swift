import AWS
import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// The program, on an embedded KMS that shows late what it did.
@Suite("A KMS that shows late what it did", .timeLimit(.minutes(60)))
struct LateAnswerTests {
    /// What lags, by two seconds.
    enum Late: String, CaseIterable, Sendable {
        case materials = "ListKeyRotations"
        /// And with them the key's state.
        case aliases = "DescribeKey"

        var strategy: Strategy { self == .materials ? .rotate : .replace }
        var effect: String { self == .materials ? "RotateKeyOnDemand" : "UpdateAlias" }
        var rule: [String: Any] { ["operation": rawValue, "fault": "lag", "seconds": 2] }

        /// How the change is on record.
        func learned(_ record: Record) -> Learned? {
            let slot = record.slots[CeremonyRoom.slot]
            return self == .materials ? slot?.rotated?.learned : slot?.aliasSet?.learned
        }
    }

    @Test("is waited for, and nothing is done twice for that", arguments: Late.allCases)
    func waited(_ late: Late) async throws {
        try await withPrepared(late) { room in
            try await room.setFaults(late.rule)
            let held = try await room.goOn()
            #expect(held.status == 0, "\(held.stderrText)")
            try await expectOnce(late, room, isByLooking: false)
        }
    }

    @Test(
        "and whose answer is lost besides: it is told so; once it shows, it is taken from there, and is not done again",
        arguments: Late.allCases)
    func lost(_ late: Late) async throws {
        try await withPrepared(late) { room in
            try await room.setFaults(
                late.rule, ["operation": late.effect, "times": 1, "fault": "lose-answer"])
            let stopped = try await room.goOn()
            #expect(stopped.status == 1)
            #expect(
                stopped.stderrText.contains(
                    "No answer came to \(late.effect), and so far no effect of it shows. Run again: that is looked up "
                        + "before anything is done again"), "\(stopped.stderrText)")
            let open = try room.record().openIntent?.kind
            #expect(open == (late == .materials ? .rotateIntended : .aliasIntended))
            try await Task.sleep(for: .seconds(2))
            let held = try await room.goOn()
            #expect(held.status == 0, "\(held.stderrText)")
            try await expectOnce(late, room, isByLooking: true)
        }
    }

    /// Holds a ceremony up to the change, which nothing lags behind yet.
    private func withPrepared(_ late: Late, _ body: (CeremonyRoom) async throws -> Void) async throws {
        try await CeremonyRoom.with { room in
            try await room.plan(late.strategy)
            let reached = try await room.goOn(until: .activate)
            try #require(reached.status == 0, "\(reached.stderrText)")
            try await Task.sleep(for: .seconds(2))
            try await body(room)
        }
    }

    private func expectOnce(_ late: Late, _ room: CeremonyRoom, isByLooking: Bool) async throws {
        let record = try room.record()
        #expect(try await room.effects()[late.effect] == 1)
        #expect((late.learned(record) == .byLooking) == isByLooking)
        #expect(record.transcript.lines.count { [.rotated, .aliasSet].contains($0.event.kind) } == 1)
        #expect(record.gates.statement(of: .activate)?.attempt == 1)
        try await room.expectBothHold()
    }
}
