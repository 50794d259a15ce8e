import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What people said while HSM or KMS was out of reach")
struct UnseenTests {
    private struct OutOfReach: Error {}

    private static let abort = Interjection.abort(by: "ada", reason: "the HSM burnt")

    /// A room whose quorum has signed a gate, and from which nothing around it can be seen any more.
    private static func room(signed gate: Gate = .release) async throws -> TestRoom {
        let room = try await TestRoom.ready()
        try await room.advance(to: gate)
        for name in ["ben", "carol"] { try await room.sign(gate, as: name) }
        room.environment.hide(OutOfReach())
        return room
    }

    @Test("ends the ceremony all the same: nothing that was signed before is done, and its evidence is closed")
    func abort() async throws {
        let room = try await Self.room()
        let before = (hsm: await room.hsm.allowed, kms: await room.kms.allowed)
        room.speakers.say(Self.abort)
        let engine = try room.engine()
        guard case .waiting(.close, _, _) = try await engine.run() else {
            return _ = Issue.record("close is not open")
        }
        #expect(await engine.leftUndone.first?.contains("without having seen HSM and KMS: OutOfReach()") == true)
        #expect(try await room.advance() == .closed)
        #expect(await room.hsm.allowed == before.hsm)
        #expect(await room.kms.allowed == before.kms)
        #expect(try await room.record().aborted == Aborted(by: "ada", reason: "the HSM burnt"))
        try await room.expectBothSay("VERIFIED")
    }

    @Test("is on record before they leave, and a later run starts from it")
    func left() async throws {
        let room = try await Self.room()
        room.speakers.say(.note(by: "wendy", text: "smoke"), Self.abort)
        let before = (lines: try await room.record().transcript.lines.count, kms: await room.kms.allowed)
        try await room.engine().hear()
        #expect(
            try await room.record().transcript.lines.dropFirst(before.lines).map(\.event.kind)
                == [.note, .approval, .approval, .aborted])
        room.environment.hide(nil)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed == before.kms)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("an exception is on record though the run then ends, and what was signed before it is void")
    func exception() async throws {
        let room = try await Self.room()
        room.speakers.say(.exception(by: "ben", what: "smoke", why: "a fire", remedy: "it was put out"))
        await #expect(throws: OutOfReach.self) { try await room.engine().run() }
        #expect(try await room.record().exceptions.count == 1)
        room.environment.hide(nil)
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.statement(of: .release)?.attempt == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("surroundings that are seen and are not fit keep from the close, and not from the record")
    func unfit() async throws {
        let room = try await Self.room()
        let unfit = CeremonyError(.environment, "This host's clock is wrong", remedy: "Set it right")
        room.environment.hide(unfit)
        room.speakers.say(Self.abort)
        #expect(await #expect(throws: CeremonyError.self) { try await room.advance() } == unfit)
        #expect(try await room.record().aborted != nil)
        #expect(try await room.record().gates.open == nil)
    }

    @Test("before any run is on record nothing can be: it is kept, and not lost")
    func beforeTheFirstRun() async throws {
        let room = try await TestRoom.ready()
        room.environment.hide(OutOfReach())
        room.speakers.say(Self.abort)
        try await room.engine().hear()
        await #expect(throws: OutOfReach.self) { try await room.engine().run() }
        #expect(try await room.speakers.interjections() == [Self.abort])
    }

    @Test("a program that is not the plan's puts nothing on record in passing")
    func otherProgram() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        let lines = try await room.record().transcript.lines
        room.environment.set(
            .make(programs: [ProgramDigest(host: TestRoom.program.host, program: SHA256Digest(of: [9]))]))
        room.speakers.say(Self.abort)
        await #expect(throws: UnplannedMachine.self) { try await room.engine().run() }
        #expect(try await room.record().transcript.lines == lines)
    }
}
