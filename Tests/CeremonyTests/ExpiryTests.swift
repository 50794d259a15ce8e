import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("Wrapping keys that expire on the way")
struct ExpiryTests {
    private static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
    private static let rotation = DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)
    private static let firstImport = DefinedKey(alias: "alias/new", key: fresh, strategy: .import, proof: true)
    /// Ten minutes before the first wrapping keys expire, less one second.
    private static let late = TestRoom.now.advanced(bySeconds: 24 * 3600 - 599)

    private static func ready(_ keys: DefinedKey...) async throws -> TestRoom {
        let definition = Definition(
            title: "A long test", windowHours: 48, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys)
        return try await TestRoom.ready(definition) { kms in
            kms.others[fresh] = FakeKey()
            kms.aliases["alias/new"] = .some(nil)
        }
    }

    private static func pass(_ time: Timestamp, in room: TestRoom) async {
        room.clock.set(time)
        await room.kms.prepare { $0.now = time }
    }

    /// What the last release that people signed is about.
    private static func lastRelease(of room: TestRoom) async throws -> (attempt: Int, subject: ReleaseSubject) {
        let statement = try #require(try await room.record().gates.statement(of: .release))
        guard case .release(let subject) = statement.subject else { throw Unprepared(call: "no release") }
        return (statement.attempt, subject)
    }

    @Test("a token for longer than KMS gives, or one that it gave before, is not taken; one wrapping key for all is")
    func notKMS() async throws {
        let longer = try await Self.ready(Self.rotation)
        await longer.kms.prepare { $0.lifetime += 301 }
        let error = await #expect(throws: CeremonyError.self) { try await longer.advance() }
        #expect(error?.what.hasPrefix("KMS sent an import token for payments that is good until") == true)
        await longer.kms.prepare { $0.lifetime -= 1 }
        #expect(try await longer.advance() == .closed)
        try await longer.expectBothSay("VERIFIED")

        let again = try await Self.ready(Self.rotation)
        await again.kms.prepare { $0.repeatsToken = true }
        let second = await #expect(throws: CeremonyError.self) { try await again.advance() }
        #expect(second?.what == "KMS sent an import token for payments that it had sent before")
        #expect(try await again.record().transcript.lines.count { $0.event.kind == .fetched } == 1)
        await again.kms.prepare { $0.repeatsToken = false }
        #expect(try await again.advance() == .closed)
        try await again.expectBothSay("VERIFIED")

        let same = try await Self.ready(Self.rotation)
        await same.kms.prepare { $0.repeatsWrappingKey = true }
        #expect(try await same.advance() == .closed)
        #expect(Set(try await same.record().slots.values.flatMap { $0.fetched.values.map(\.spki) }).count == 1)
        try await same.expectBothSay("VERIFIED")
    }

    @Test("a wrap that was cut off is repeated under its release while the wrapping keys live")
    func wrapRepeated() async throws {
        let room = try await Self.ready(Self.rotation)
        await room.hsm.prepare { $0.allowed["wrap"] = 0 }
        await #expect(throws: Unprepared(call: "wrap")) { try await room.advance() }
        await Self.pass(TestRoom.now.advanced(bySeconds: 23 * 3600), in: room)
        await room.hsm.prepare { $0.allowed["wrap"] = 1 }
        #expect(try await room.advance() == .closed)
        #expect(try await Self.lastRelease(of: room).attempt == 1)
        #expect(await room.kms.fetches == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("later it is given up, on record, and the way on is new wrapping keys and a new release")
    func wrapAbandoned() async throws {
        let room = try await Self.ready(Self.rotation)
        await room.hsm.prepare { $0.allowed["wrap"] = 0 }
        await #expect(throws: Unprepared(call: "wrap")) { try await room.advance() }
        try room.folder.write([1], to: "wrapped/payments-import.bin")
        await Self.pass(Self.late, in: room)
        #expect(try await room.advance(to: .release) != .closed)
        #expect(try room.folder.files().allSatisfy { !$0.hasPrefix("wrapped/") })
        await room.hsm.prepare { $0.allowed["wrap"] = 1 }
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().transcript.lines.count { $0.event.kind == .wrapAbandoned } == 1)
        #expect(try await Self.lastRelease(of: room).attempt == 2)
        #expect(await room.kms.fetches == 4)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a release whose deadline passes before the wrap is not carried out, and another is asked for")
    func releaseTooLate() async throws {
        let room = try await Self.ready(Self.rotation)
        try await room.advance(until: .release)
        await Self.pass(Self.late, in: room)
        #expect(try await room.advance() == .closed)
        #expect(try await Self.lastRelease(of: room).attempt == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("material that was imported is proved with a pair of its own, released anew, when the first one expired")
    func proofExpired() async throws {
        let room = try await Self.ready(Self.rotation)
        await room.hsm.prepare { $0.allowed["wrap"] = 2 }
        try await room.advance(until: .import)
        await Self.pass(TestRoom.now.advanced(bySeconds: 25 * 3600), in: room)
        #expect(try await room.advance() == .closed)
        let (attempt, release) = try await Self.lastRelease(of: room)
        #expect(attempt == 2)
        #expect(release.slots.map { $0.import == nil } == [true])
        #expect(release.slots.map { $0.proof == nil } == [false])
        #expect(await room.kms.fetches == 3)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a proof that KMS refuses because its token expired is asked for again with another")
    func proofRefused() async throws {
        let room = try await Self.ready(Self.rotation)
        await room.hsm.prepare { $0.allowed["wrap"] = 2 }
        await room.kms.prepare { $0.refused["prove"] = "ExpiredImportTokenException" }
        let refusal = await #expect(throws: ServiceRefused.self) { try await room.advance() }
        #expect(refusal?.remedy == "Run again: it fetches a new wrapping key and token, and asks for a new release")
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.fetches == 3)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("of several keys, only what is still to be done is released again")
    func oneOfTwo() async throws {
        let room = try await Self.ready(Self.rotation, Self.firstImport)
        await room.hsm.prepare {
            $0.allowed = ["generate": 2, "wrap": 2, "removeCheckUsage": 2]
        }
        await room.kms.prepare {
            $0.allowed["import"] = 2
            $0.allowed["prove"] = 2
        }
        // The rotation's material is imported; then the machine is away until its wrapping keys are long gone.
        try await room.advance(until: .wrap)
        await room.kms.prepare { $0.allowed["import"] = 1 }
        await #expect(throws: Unprepared(call: "import")) { try await room.advance() }
        await Self.pass(TestRoom.now.advanced(bySeconds: 25 * 3600), in: room)
        await room.kms.prepare { $0.refused["import"] = "ExpiredImportTokenException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        await room.kms.prepare { $0.allowed["import"] = 1 }
        #expect(try await room.advance() == .closed)
        let (attempt, release) = try await Self.lastRelease(of: room)
        #expect(attempt == 2)
        #expect(release.slots.map { [$0.import != nil, $0.proof != nil] } == [[false, true], [true, true]])
        #expect(release.deadline > TestRoom.now.advanced(bySeconds: 48 * 3600))
        try await room.expectBothSay("VERIFIED")
    }
}
