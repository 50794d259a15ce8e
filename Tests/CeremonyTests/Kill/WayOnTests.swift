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
        let (material, valid) = (
            try #require(slot.imported?.material), TestRoom.now.advanced(bySeconds: 24 * 3600)
        )
        #expect(
            error?.description == "plan.json: it is \(late), outside its window \(plan.window.from) to "
                + "\(plan.window.until). Check this host's clock; if it is right, freeze a new plan, and first see to what "
                + "this one leaves behind: (1) the HSM's key \(plan.slots[0].label); (2) the pending material \(material) of "
                + "\(FakeKMS.key), which nothing uses: \(PendingMaterial.removal(of: material, from: FakeKMS.key)); "
                + "(3) wrapped/ and tokens/ in the folder, which stay as evidence: until \(valid) KMS would take them, so let "
                + "nobody have a copy before")
        #expect(
            error?.remedy.contains("aws kms delete-imported-key-material --key-id \(FakeKMS.key) --key-material-id")
                == true)
        let later = LeftBehind(of: try await room.record(), at: valid.advanced(bySeconds: 1)).things
        #expect(later.last?.hasSuffix("KMS has taken none of them since \(valid)") == true)
    }

    @Test("of material whose rotation has no answer nobody is told to delete it, unless KMS shows that it never came")
    func windowOverWhileRotating() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { ($0.lost["rotate"], $0.blindCalls["rotate"]) = (.answer, 99) }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let record = try await room.record()
        let material = try #require(record.slots["payments"]?.imported?.material)
        let left = LeftBehind(of: record, at: TestRoom.now.advanced(bySeconds: 3601)).things
        #expect(left.first == "rotate-intended, of which nobody looked whether it happened")
        #expect(
            left.contains(
                "the imported material \(material) of \(FakeKMS.key), which may be current by now: do not delete it then. Only "
                    + "if it was never rotated to: \(PendingMaterial.removal(of: material, from: FakeKMS.key))"),
            "\(left)")
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
        let description = try await room.record().plan.slots[0].description ?? ""
        #expect(
            error?.remedy.contains(
                "import-intended, of which nobody looked whether it happened. Material of \(FakeKMS.key) with the description "
                    + "\(description) is this ceremony's (aws kms list-key-rotations --key-id \(FakeKMS.key) ") == true,
            "\(error?.remedy ?? "")")
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
