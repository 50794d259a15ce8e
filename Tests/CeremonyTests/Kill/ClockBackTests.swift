import Ceremony
import Evidence
import Testing

@Suite("A clock that is set back")
struct ClockBackTests {
    private static func clock(of room: TestRoom, setBackBy seconds: Int64) throws -> Timestamp {
        let last = try #require(try Transcript(parsing: room.folder.read(Transcript.path)).lines.last?.at)
        room.clock.set(last.advanced(bySeconds: -seconds))
        return last
    }

    @Test("between two runs, the second stops before it does anything, and says what to do")
    func betweenRuns() async throws {
        let room = try await TestRoom.ready()
        room.clock.set(TestRoom.now.advanced(bySeconds: 600))
        try await room.advance(to: .release)
        let before = try room.folder.read(Transcript.path)
        let last = try Self.clock(of: room, setBackBy: 60)
        let error = await #expect(throws: CeremonyError.self) { try await room.engine().run() }
        #expect(error?.kind == .environment)
        #expect(
            error?.description
                == "This host's clock was set back: it says \(room.clock.now()), and the transcript's last "
                + "line was written at \(last). Set it right, then run again. If it is right now, run again after \(last). "
                + "Nothing was journaled; what was under way is looked up then")
        #expect(try room.folder.read(Transcript.path) == before)
        room.clock.set(last)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("in the middle of an effect, its result is not journaled, and looked up once the clock is right")
    func withinRun() async throws {
        let room = try await TestRoom.ready()
        room.clock.set(TestRoom.now.advanced(bySeconds: 600))
        try await room.advance(until: .release)
        let clock = room.clock
        await room.kms.prepare { $0.whileImporting = { clock.set(TestRoom.now) } }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.hasPrefix("This host's clock was set back: it says") == true)
        #expect(try await room.record().openIntent?.kind == .importIntended)
        #expect(await room.kms.allowed["import"] == 0)
        await room.kms.prepare { $0.whileImporting = {} }
        room.clock.set(TestRoom.now.advanced(bySeconds: 700))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().slots["payments"]?.imported?.learned == .byLooking)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("by a little, as clocks are set right all the time, nothing is asked again and no line lies before another")
    func aLittle() async throws {
        let room = try await TestRoom.ready()
        room.clock.set(TestRoom.now.advanced(bySeconds: 600))
        try await room.advance(to: .release)
        for name in ["ben", "carol"] { try await room.sign(.release, as: name) }
        _ = try Self.clock(of: room, setBackBy: 10)
        guard case .waiting(gate: .activate, attempt: 1, _) = try await room.engine().run() else {
            Issue.record("activate does not wait")
            return
        }
        room.clock.set(TestRoom.now.advanced(bySeconds: 700))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.passed.map(\.statement.attempt) == [1, 1, 1, 1])
        try await room.expectBothSay("VERIFIED")
    }
}
