import AWS
import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// The program, with clocks that are not the machine's.
@Suite("Time in the middle of a ceremony", .timeLimit(.minutes(60)))
struct ClockTests {
    /// An answer with a wrong Date, and what is on record before anything else is begun.
    struct Jump: Sendable, CustomTestStringConvertible {
        let operation: String
        let last: EventKind
        /// What is done by then.
        let done: [String: Int]

        var testDescription: String { operation }

        static let all = [
            Jump(operation: "ImportKeyMaterial", last: .imported, done: ["ImportKeyMaterial": 1]),
            Jump(
                operation: "RotateKeyOnDemand", last: .activationVerified,
                done: ["ImportKeyMaterial": 2, "RotateKeyOnDemand": 1]),
        ]
    }

    @Test(
        "an answer with another time than the host's in the middle of a run: what it did is on record, and nothing more is done before people looked",
        arguments: Jump.all)
    func jump(_ jump: Jump) async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try await room.setFaults([
                "operation": jump.operation, "times": 1, "fault": "date", "seconds": -7200,
            ])
            let stopped = try await room.goOn()
            #expect(stopped.status == 1)
            let said = stopped.stderrText
            #expect(said.contains("In the middle of this run this host's clock said 2"), "\(said)")
            #expect(
                said.contains("What was done before is on record, and nothing was done since. Compare both"), "\(said)")
            #expect(try await room.effects() == jump.done)
            #expect(try room.record().transcript.lines.last?.event.kind == jump.last)
            let held = try await room.goOn()
            #expect(held.status == 0, "\(held.stderrText)")
            #expect(try await room.effects() == ["ImportKeyMaterial": 2, "RotateKeyOnDemand": 1])
            #expect(try room.record().transcript.lines.count { $0.event.kind == .fetched } == 2)
            try await room.expectBothHold()
        }
    }

    @Test("the same while people sign: what can wait is left for the next run, which is said")
    func ahead() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try await room.setFaults([
                "operation": "GetParametersForImport", "times": 1, "fault": "date", "seconds": 7200,
            ])
            let waiting = try await room.run()
            let said = waiting.stderrText
            #expect(waiting.status == 3)
            #expect(
                said.contains(
                    "Fetching wrapping keys ahead did not work, and will be tried again: In the middle of this run this "
                        + "host's clock said 2"), "\(said)")
            #expect(try room.record().transcript.lines.last?.event.kind == .fetched)
            _ = try await room.run()
            #expect(try room.record().transcript.lines.count { $0.event.kind == .fetched } == 2)
        }
    }

    @Test(
        "what was signed by a clock that is ahead counts once this host's has gone so far: the run says so, and status until when",
        .enabled(if: !isSanitized, "a sanitizer must be the first library that a program loads"))
    func signedAhead() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            let fast = ShiftedClock(seconds: 200)
            try await room.approveHere(.authorize, clock: fast)
            let told = try await room.run()
            #expect(
                told.status == 3 && told.stderrText.contains("later than it was recorded. Check the clocks here and "))
            let status = ["status", room.ceremony]
            let waits =
                "which this host's clock has not reached: it counts from then on. Check the clocks here and where"
            #expect(try await CeremonyRoom.keyrite(status).stdoutText.contains(waits))
            let later = try await CeremonyRoom.keyrite(status, environment: fast.environment)
            #expect(!later.stdoutText.contains(waits) && later.stdoutText.contains("Next: ada with keyrite run"))
            try await room.moveClock(seconds: Double(fast.seconds))
            let passed = try await CeremonyRoom.keyrite(
                ["run", room.ceremony, "--site", room.room.siteFile], environment: fast.environment)
            #expect(passed.status == 3, "\(passed.stderrText)")
            #expect(try room.record().gates.isPassed(.authorize))
        }
    }

    @Test(
        "a day later its import tokens are over: they are fetched and released again, and nothing else is repeated; a clock set back, and a window that is over, stop it",
        .enabled(if: !isSanitized, "a sanitizer must be the first library that a program loads"))
    func later() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan(.rotate, hours: 72)
            try #require(try await room.goOn(until: .wrap).status == 0)
            let before = try room.record()

            let day = ShiftedClock(seconds: 25 * 3600)
            try await room.moveClock(seconds: Double(day.seconds))
            let reached = try await room.goOn(until: .import, clock: day)
            #expect(reached.status == 0, "\(reached.stderrText)")
            let kinds = try room.record().transcript.lines.map(\.event.kind)
            let counted: [EventKind] = [.generated, .fetched, .wrapped, .imported]
            #expect(counted.map { kind in kinds.count { $0 == kind } } == [1, 4, 2, 1])
            #expect(try room.record().gates.statement(of: .release)?.attempt == 2)
            #expect(try room.record().slots[CeremonyRoom.slot]?.generated == before.slots[CeremonyRoom.slot]?.generated)

            // Set back: nothing is written, whatever the service says.
            try await room.moveClock(seconds: 0)
            let lines = try room.read(Transcript.path)
            let back = try await room.goOn()
            #expect(back.status == 1 && back.stderrText.contains("This host's clock was set back: it says "))
            #expect(try room.read(Transcript.path) == lines)

            // The window is over: what lies in KMS is said.
            let late = ShiftedClock(seconds: 73 * 3600)
            try await room.moveClock(seconds: Double(late.seconds))
            let over = try await room.goOn(clock: late)
            #expect(over.status == 2 && over.stderrText.contains(", outside its window "), "\(over.stderrText)")
            #expect(over.stderrText.contains("aws kms delete-imported-key-material --key-id arn:"))
            #expect(try room.read(Transcript.path) == lines)

            try await room.moveClock(seconds: Double(day.seconds))
            let held = try await room.goOn(clock: day)
            #expect(held.status == 0, "\(held.stderrText)")
            #expect(try await room.effects() == ["ImportKeyMaterial": 2, "RotateKeyOnDemand": 1])
            try await room.expectBothHold()
        }
    }
}
