import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What KMS refuses for certain, and what is fetched ahead")
struct RefusedEffectTests {
    @Test("a refused import closes its intent; with a token that is spent, the way on is a new pair and a new release")
    func spentToken() async throws {
        let room = try await TestRoom.ready()
        await room.hsm.prepare { $0.allowed["wrap"] = 2 }
        await room.kms.prepare { $0.refused["import"] = "ExpiredImportTokenException" }
        let refusal = await #expect(throws: ServiceRefused.self) { try await room.advance() }
        #expect(refusal?.code == "ExpiredImportTokenException")
        #expect(try await room.record().openIntent == nil)
        #expect(await room.kms.fetches == 2)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.fetches == 3)
        #expect(try await room.record().gates.statement(of: .release)?.attempt == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("blobs that an earlier release's wrap was answered with are not taken for a later one's")
    func repeatedBlobs() async throws {
        let room = try await TestRoom.ready()
        await room.hsm.prepare {
            $0.allowed["wrap"] = 3
            $0.repeatsBlobs = true
        }
        await room.kms.prepare { $0.refused["import"] = "ExpiredImportTokenException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what == "The ceremony cannot go on with wrapped: one blob for two wraps")
        #expect(try await room.record().slots["payments"]?.blobs == [:])
        await room.hsm.prepare { $0.repeatsBlobs = false }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("what can be mended is tried again with the same blob, and no second release is asked for")
    func mended() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.refused["import"] = "KMSInvalidStateException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.fetches == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a refused rotation can be tried again", arguments: ["prove", "rotate"])
    func laterEffects(call: String) async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.refused[call] = "KMSInvalidStateException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("wrapping keys are fetched while people sign the first gate, and their approvals still count")
    func ahead() async throws {
        let room = try await TestRoom.ready()
        let engine = try room.engine()
        _ = try await engine.run()
        try await room.sign(.authorize, as: "ben")
        try await engine.fetchWhilePeopleSign()
        try await room.sign(.authorize, as: "carol")
        #expect(await room.kms.fetches == 2)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.fetches == 2)
        #expect(try await room.record().gates.statement(of: .authorize)?.attempt == 1)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "a fetch ahead that was cut off is resumed before anything else, whoever signed meanwhile", arguments: [1, 2])
    func aheadCutOff(number: Int) async throws {
        let room = try await TestRoom.ready()
        let engine = try room.engine()
        _ = try await engine.run()
        await room.kms.prepare { $0.lostFetch = number }
        await #expect(throws: Unprepared.self) { try await engine.fetchWhilePeopleSign() }
        for name in ["ben", "carol"] { try await room.sign(.authorize, as: name) }
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.statement(of: .authorize)?.attempt == 1)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("at any other gate nothing is fetched ahead")
    func notAhead() async throws {
        let room = try await TestRoom.ready()
        let engine = try room.engine()
        try await engine.fetchWhilePeopleSign()
        try await room.advance(to: .release)
        let before = await room.kms.fetches
        try await room.engine().fetchWhilePeopleSign()
        #expect(await room.kms.fetches == before)
    }

    @Test("people who sign while the run writes see the lines that are whole")
    func signedWhileWriting() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try room.folder.append(Array(#"{"at":"2026"#.utf8), to: Transcript.path)
        try await room.sign(.authorize, as: "ben")
        #expect(try room.folder.files().contains(Approval.path(.authorize, 1, "ben") + ".sig"))
    }

    @Test("without a proof, material found after a lost import is taken only if KMS holds it to the blob")
    func lostWithoutProof() async throws {
        let room = try await TestRoom.ready()
        let unproved = Definition(
            title: "x", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: false)])
        let plan = try await room.freeze(unproved)
        await room.kms.prepare { $0.lost["import"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let description = plan.slots[0].description
        await room.kms.prepare {
            $0.materials.append(
                KMSMaterial(id: "forged", state: .pendingRotation, description: description, onDemand: false))
        }
        await #expect(throws: (any Error).self) { try await room.advance() }
        #expect(try await room.record().slots["payments"]?.imported == nil)
        await room.kms.prepare { $0.materials.removeLast() }
        await room.kms.prepare { $0.lost["import"] = .answer }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed["prove"] == 0)
        try await room.expectBothSay("VERIFIED")
    }
}
