import Ceremony
import CryptoPrimitives
import Evidence
import Synchronization
import Testing

@Suite("A KMS that shows late what it did")
struct LaggingServiceTests {
    @Test(
        "shows an effect whose answer was lost within the time it may take: nothing is done twice",
        arguments: ["import", "prove", "rotate"])
    func lostAndLate(call: String) async throws {
        let room = try await TestRoom.ready()
        room.setSettling(120)
        await room.kms.prepare {
            $0.lost[call] = .answer
            $0.blindCalls[call] = 3
        }
        #expect(try await room.advance() == .closed)
        let slot = try #require(try await room.record().slots["payments"])
        let learned = [
            "import": slot.imported?.learned, "prove": slot.proved?.learned, "rotate": slot.rotated?.learned,
        ]
        #expect(learned[call] == .byLooking)
        #expect(await room.kms.allowed[call] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    /// AWS refuses the material that it has, a rotation with nothing pending, and an alias that there is.
    @Test(
        "and shows it later still, when the call was made again: what KMS refuses then was done, and is not on record as refused",
        arguments: [
            ("import", "IncorrectKeyMaterialException"), ("import", "KMSInvalidStateException"),
            ("import", "ThrottlingException"), ("rotate", "KMSInvalidStateException"),
            ("rotate", "LimitExceededException"), ("rotate", "ThrottlingException"),
        ])
    func lostAndLater(call: String, code: String) async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare {
            $0.lost[call] = .answer
            $0.blindCalls[call] = 1
        }
        let lost = await #expect(throws: AnswerLost.self) { try await room.advance() }
        #expect(
            lost?.description
                == "No answer came to \(call), and so far no effect of it shows. Run again: that is looked up before "
                + "anything is done again")
        await room.kms.prepare {
            // The look before the call, and those that the call makes sure by.
            $0.blindLooks = call == "rotate" ? 5 : 2
            $0.refused[call] = code
        }
        let unclear = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(unclear?.what == "\(call) was refused with \(code)")
        #expect(unclear?.remedy.contains("Run again in a few minutes: it is looked up before anything") == true)
        #expect(try await room.record().openIntent != nil)
        await room.kms.prepare { $0.blindLooks = 0 }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed[call] == 0)
        #expect(try await room.record().transcript.lines.allSatisfy { $0.event.kind != .refused })
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "and shows it only after it refused the same call for another sake, which is on record: it is found, and not done again",
        arguments: ["import", "rotate"])
    func refusedInBetween(call: String) async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare {
            $0.lost[call] = .answer
            $0.blindCalls[call] = 1
        }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare {
            $0.blindLooks = 200
            $0.refused[call] = "AccessDeniedException"
        }
        await #expect(throws: (any Error).self) { try await room.advance() }
        await room.kms.prepare { $0.blindLooks = 0 }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed[call] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "and where it is ended early then, the close names the call that nobody knows about, and not only the refused one",
        arguments: ["import", "rotate"])
    func endedInBetween(call: String) async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare {
            $0.lost[call] = .answer
            $0.blindCalls[call] = 1
        }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let intended = try #require(try await room.record().unsettledIntent)
        await room.kms.prepare {
            $0.blindLooks = 200
            $0.refused[call] = "AccessDeniedException"
        }
        await #expect(throws: (any Error).self) { try await room.advance() }
        let refused = try await room.record()
        #expect(refused.openIntent == nil && refused.unknownEffect == intended)
        room.speakers.say(.abort(by: "ada", reason: "nobody may do it"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().unsettled == intended)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("of a call that was refused, and of none before it, nothing is unknown: an early end names none")
    func refusedAndEnded() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.refused["import"] = "AccessDeniedException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        room.speakers.say(.abort(by: "ada", reason: "nobody may do it"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().unsettled == nil)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "an import without a proof whose pair is spent before it was looked at is confirmed with a new one, under a new release"
    )
    func confirmedLater() async throws {
        let room = try await TestRoom.ready(
            Definition(
                title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
                keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: false)]))
        await room.kms.prepare {
            $0.lost["import"] = .answer
            $0.blindCalls["import"] = 1
            $0.allowed["prove"] = 1
        }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare { $0.spentFetches = $0.fetches }
        await room.hsm.prepare { $0.allowed["wrap"] = 1 }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed["import"] == 0)
        #expect(try await room.record().gates.statement(of: .release)?.attempt == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("is asked again when it refuses a call that was made again, and then shows what the first one did")
    func refusedAndShown() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare {
            $0.lost["import"] = .answer
            $0.blindCalls["import"] = 1
        }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare {
            $0.blindLooks = 1
            $0.refused["import"] = "IncorrectKeyMaterialException"
        }
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().slots["payments"]?.imported?.learned == .byLooking)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("is not taken for one whose imported material somebody deleted, before the time it may take is over")
    func notGone() async throws {
        let room = try await TestRoom.ready(Self.unproved)
        room.setSettling(120)
        await room.kms.prepare { $0.blindCalls["import"] = 5 }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("and after that people are told that it is not there, and that it may be yet; nothing is activated")
    func goneOrLate() async throws {
        let room = try await TestRoom.ready(Self.unproved)
        room.setSettling(5)
        await room.kms.prepare { $0.blindCalls["import"] = 100 }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        let material = try #require(try await room.record().slots["payments"]?.imported?.material)
        #expect(
            error?.what == "KMS does not show the imported material of payments, \(material), in \(FakeKMS.key)")
        #expect(error?.remedy.hasPrefix("Nothing was activated. Run again in a few minutes") == true)
        #expect(await room.kms.allowed["rotate"] == 1)
        await room.kms.prepare { $0.blindLooks = 0 }
        #expect(try await room.advance() == .closed)
    }

    @Test("may use the old material a little longer than it shows it: the activation is tried by use again")
    func usedLate() async throws {
        let room = try await TestRoom.ready()
        room.setSettling(120)
        try await room.advance(until: .activate)
        await room.kms.prepare { $0.staleUses = 3 }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("and where it goes on using it people are told that the activation is done, and not done again")
    func usedTooLate() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(until: .activate)
        await room.kms.prepare { $0.staleUses = 1 }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.what == "alias/payments is activated and does not work so yet: KMS still uses what was before")
        #expect(error?.remedy.contains("not done again. Run again in a few minutes") == true)
        #expect(try await room.record().slots["payments"]?.rotated != nil)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed["rotate"] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "shows an alias that was moved late: it is moved once, whether the answer came or not",
        arguments: [true, false])
    func alias(isLost: Bool) async throws {
        let room = try await StrategyTests.replacing()
        room.setSettling(120)
        await room.kms.prepare {
            if isLost { $0.lost["updateAlias"] = .answer }
            $0.blindCalls["updateAlias"] = 4
        }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.allowed["updateAlias"] == 0)
        #expect(try await room.record().slots["payments"]?.aliasSet != nil)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("is waited for once when CreateKey brings no answer, and not for ever")
    func createLost() async throws {
        let room = try await StrategyTests.replacing()
        room.setSettling(120)
        await room.kms.prepare { $0.lost["createKey"] = .request }
        let start = room.clock.now()
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        #expect(room.clock.now().epochSeconds - start.epochSeconds == 120)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.others.count == 1)
    }

    @Test(
        "has not the key yet that it made, or not its policy, tags or parameters: it is waited for, and made once",
        arguments: [FakeKMS.Unseen.key, .settings, .tags, .parameters])
    func createdLate(_ what: FakeKMS.Unseen) async throws {
        let room = try await StrategyTests.replacing()
        room.setSettling(120)
        await room.kms.prepare { $0.unseen[what] = 3 }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.unseen[what] == 0)
        #expect(await room.kms.others.count == 1)
        #expect(try await room.record().slots["payments"]?.created?.learned != .byLooking)
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "and not the alias yet that it made or moved: the activation is tried by use until it has",
        arguments: [FakeKMS.Unseen.alias, .use])
    func aliasUnknown(_ what: FakeKMS.Unseen) async throws {
        let room = try await StrategyTests.replacing()
        room.setSettling(120)
        try await room.advance(to: .activate)
        await room.kms.prepare { $0.unseen[what] = 3 }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.unseen[what] == 0)
        #expect(await room.kms.allowed["updateAlias"] == 0)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("and where it does not show the key in its time, people read which it is; the next run finds it by its tag")
    func createdTooLate() async throws {
        let room = try await StrategyTests.replacing()
        room.setSettling(5)
        await room.kms.prepare { $0.unseen[.key] = 6 }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.what
                == "KMS answered that it made \(FakeKMS.key)-1 for payments, and does not show it with policy and tags yet"
        )
        #expect(error?.remedy.contains("Run again in a few minutes") == true)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.others.count == 1)
        #expect(try await room.record().slots["payments"]?.created?.learned == .byLooking)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a key that is of another kind than was asked for is not waited for")
    func anotherKind() async throws {
        let room = try await StrategyTests.replacing()
        room.setSettling(120)
        await room.kms.prepare { $0.createdAs = "HMAC_512" }
        let start = room.clock.now()
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("is not what the plan says") == true)
        #expect(room.clock.now() == start)
    }

    private static let unproved = Definition(
        title: "x", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
        keys: [DefinedKey(alias: "alias/payments", strategy: .rotate, proof: false)])
}

extension TestRoom {
    /// How long KMS may take to show what it did.
    fileprivate func setSettling(_ seconds: Int) { kms.settling.withLock { $0 = seconds } }
}
