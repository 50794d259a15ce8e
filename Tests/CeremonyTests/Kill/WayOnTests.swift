import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What cannot be resumed by rule says so, and offers the way on")
struct WayOnTests {
    private static let hours: Int64 = 25

    private static func ready() async throws -> TestRoom {
        try await TestRoom.ready(
            Definition(
                title: "A long test", windowHours: 48, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)]))
    }

    /// How far a ceremony is when its wrapping keys' and tokens' 24 hours are over.
    enum Stage: CaseIterable {
        case beforeRelease, afterRelease, afterWrap
    }

    @Test(
        "wrapping keys past their 24 hours are fetched again and released again, and nothing else is repeated",
        arguments: Stage.allCases)
    func spent(_ stage: Stage) async throws {
        let room = try await Self.ready()
        switch stage {
        case .beforeRelease: try await room.advance(to: .release)
        case .afterRelease: try await room.advance(until: .release)
        case .afterWrap: try await room.advance(until: .wrap)
        }
        let late = TestRoom.now.advanced(bySeconds: Self.hours * 3600)
        room.clock.set(late)
        await room.kms.prepare { $0.now = late }
        await room.hsm.prepare { $0.allowed["wrap"] = 1 }
        try await room.advance(to: .release)
        let record = try await room.record()
        #expect(record.gates.open?.statement.attempt == 2)
        let deadline = TestRoom.now.advanced(bySeconds: 24 * 3600)
        #expect(
            record.whyReleasedAgain == "The wrapping keys of attempt 1 are good until \(deadline) only. "
                + "Others were fetched, and this attempt is for them; nothing else is done again.")
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.passed.map(\.statement.gate).count { $0 == .authorize } == 1)
        #expect(await room.kms.fetches == 4)
        #expect(await [room.kms.allowed["import"], room.kms.allowed["rotate"]] == [0, 0])
        #expect(await room.hsm.allowed["generate"] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a release that is signed again for another reason says nothing of wrapping keys")
    func otherReason() async throws {
        let room = try await Self.ready()
        try await room.advance(to: .release)
        #expect(try await room.record().whyReleasedAgain == nil)
        await room.kms.prepare { $0.policy = PolicyText("{}") }
        try await room.advance(to: .release)
        let record = try await room.record()
        #expect(record.gates.open?.statement.attempt == 2 && record.whyReleasedAgain == nil)
    }

    @Test("a plan's window that ends in the middle says what the ceremony leaves behind, and asks for a new plan")
    func windowOver() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .import)
        let (plan, slot) = (try await room.record().plan, try #require(try await room.record().slots["payments"]))
        let late = TestRoom.now.advanced(bySeconds: 3601)
        room.clock.set(late)
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.description == "plan.json: it is \(late), outside its window \(plan.window.from) to "
                + "\(plan.window.until). Check this host's clock; if it is right, freeze a new plan, and first see to what "
                + "this one leaves behind: the HSM's key \(plan.slots[0].label), the pending material "
                + "\(try #require(slot.imported?.material)) of \(FakeKMS.key)")
    }

    @Test(
        "a new key that KMS may have made by then is named by the tag that it would have",
        arguments: ["after journal create-intended", "after kms.createKey"])
    func windowOverWhileCreating(point: String) async throws {
        let room = try await StrategyTests.replacing()
        try await room.advance(until: .generate)
        await #expect(throws: CutOff.self) {
            try await Engine(opening: room.ports.checked(by: Scissors(after: point))).run()
        }
        try await room.hsm.leave()
        room.clock.set(TestRoom.now.advanced(bySeconds: 3601))
        let slot = try await room.record().plan.slots[0]
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.remedy.contains(
                "perhaps a new KMS key for payments, by its tag keyrite with the value \(slot.label): it has no material"
            )
                == true, "\(error?.remedy ?? "")")
    }

    @Test("an effect at whose end the window was over is named as one that nobody looked for")
    func windowOverWithin() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .release)
        let clock = room.clock
        await room.kms.prepare { $0.whileImporting = { clock.set(TestRoom.now.advanced(bySeconds: 3601)) } }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.remedy.contains("import-intended, of which nobody looked whether it happened") == true)
    }

    @Test("another roster in the place of the plan's is refused before anything is done")
    func otherRoster() async throws {
        let (room, other) = (try await TestRoom.ready(), try await TestRoom.ready())
        try await room.advance(to: .release)
        let before = try room.folder.read(Transcript.path)
        for path in try other.folder.files() where path.hasPrefix("roster") || path == Roster.allowedSignersPath {
            try room.folder.write(try other.folder.read(path), to: path)
        }
        let error = #expect(throws: EvidenceError.self) { try room.engine() }
        #expect(
            error.map { "\($0)" }
                == "plan.json: it was made for another roster: put that one back, or freeze a new plan for this one")
        #expect(try room.folder.read(Transcript.path) == before)
    }
}
