import Ceremony
import CryptoPrimitives
import Evidence
import Synchronization
import Testing

/// A call of which nobody knows what came of it.
extension ReimportTests {
    @Test("an answer that is lost is looked for, as long as KMS may take to show it")
    func lost() async throws {
        let kept = try Kept()
        for blindLooks in [0, 3] {
            let room = try await kept.room(expires: Self.month)
            try await room.advance(until: .wrap)
            room.kms.settling.withLock { $0 = 5 }
            await room.kms.prepare { ($0.lost["prove"], $0.blindCalls["prove"]) = (.answer, blindLooks) }
            #expect(try await room.advance() == .closed)
            #expect(try await room.record().slots["payments"]?.imported?.learned == .byLooking)
            #expect(try await room.record().gates.statement(of: .release)?.attempt == 1)
            #expect(try room.verdict() == .verified)
        }
    }

    /// A ceremony of whose import nobody knows whether KMS was asked; KMS does not have the material.
    ///
    /// - Parameter wasStopped: Whether it was, and somebody deleted what it brought.
    private static func left(_ kept: Kept, wasStopped: Bool) async throws -> TestRoom {
        let room = try await kept.room(expires: month)
        try await room.advance(until: .wrap)
        let scissors = Scissors(after: "\(wasStopped ? "after" : "before") kms.importMaterial existing")
        await #expect(throws: CutOff.self) { try await Engine(opening: room.ports.checked(by: scissors)).run() }
        try await room.hsm.leave()
        #expect(await room.kms.materials.map(\.isImported) == [wasStopped])
        let stopped = await room.kms.materials.map(\.forgotten)
        await room.kms.prepare { $0.materials = stopped }
        return room
    }

    @Test(
        "what this ceremony may have brought back, and somebody have deleted, comes back only as people sign once more",
        arguments: [false, true])
    func broughtBack(wasStopped: Bool) async throws {
        let kept = try Kept()
        let room = try await Self.left(kept, wasStopped: wasStopped)
        let intended = try await room.record().unsettledIntent?.seq
        // As often as it is run.
        for _ in 1...2 {
            guard case .waiting(.release, 2, _) = try await room.engine().run() else {
                return _ = Issue.record("it does not wait for people")
            }
        }
        #expect(await room.kms.materials.map(\.isImported) == [false])
        let record = try await room.record()
        guard case .release(let subject)? = record.gates.open?.statement.subject else {
            return _ = Issue.record("release is not open")
        }
        #expect(subject.slots.map(\.intendedBefore) == [intended] && intended != nil)
        #expect(
            record.whySignedAgain?.contains("It may have been imported, and deleted since, perhaps to stop") == true)
        #expect(record.transcript.lines.count { $0.event.kind == .importAbandoned } == 1)
        try await room.expectBothSay("NOT CLOSED")
        await room.kms.prepare { $0.allowed["prove"] = 1 }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.materials.map(\.expiry) == [Self.month])
        // Nothing else is done again.
        let kinds = try await room.record().transcript.lines.map(\.event.kind)
        #expect([.wrapped, .fetched, .imported].map { kind in kinds.count { $0 == kind } } == [1, 1, 1])
        #expect(try await room.record().slots["payments"]?.imported?.learned.request != nil)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("given up when its import token is over, it is signed for another, which the same run fetches")
    func leftTooLong() async throws {
        let kept = try Kept()
        let room = try await kept.room(expires: Self.month, hours: 60)
        try await room.advance(until: .wrap)
        let scissors = Scissors(after: "before kms.importMaterial existing")
        await #expect(throws: CutOff.self) { try await Engine(opening: room.ports.checked(by: scissors)).run() }
        try await room.hsm.leave()
        let late = TestRoom.now.advanced(bySeconds: 25 * 3600)
        room.clock.set(late)
        await room.kms.prepare { $0.now = late }
        guard case .waiting(.release, 2, _) = try await room.engine().run(),
            case .release(let release)? = try await room.record().gates.open?.statement.subject
        else { return _ = Issue.record("release is not open") }
        #expect(release.deadline > late && release.slots[0].intendedBefore != nil)
        #expect(try await room.record().whySignedAgain?.contains("Others were fetched") == true)
        await room.hsm.prepare { $0.allowed["wrap"] = 1 }
        #expect(try await room.advance() == .closed)
        let kinds = try await room.record().transcript.lines.map(\.event.kind)
        #expect([.wrapped, .fetched, .imported].map { kind in kinds.count { $0 == kind } } == [2, 2, 1])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("whoever finds that it was stopped ends the ceremony, which says what nobody knows")
    func endedThere() async throws {
        let room = try await Self.left(try Kept(), wasStopped: true)
        let intended = try #require(try await room.record().unsettledIntent?.seq)
        try await room.advance(to: .release)
        room.speakers.say(.abort(by: "ada", reason: "it was stopped"))
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.materials.map(\.isImported) == [false])
        let record = try await room.record()
        #expect(record.unsettled == UnsettledEffect(seq: intended, kind: .importIntended))
        #expect(record.whySignedAgain == nil)
        try await room.expectBothSay("VERIFIED")
    }

    /// A ceremony that was held to its end, whose import was stopped by somebody, and signed and made once more.
    static func broughtBack() async throws -> TestRoom {
        let room = try await left(try Kept(), wasStopped: true)
        await room.kms.prepare { $0.allowed["prove"] = 1 }
        try await room.advance()
        return room
    }

    /// A ceremony that was held to its end, whose import KMS showed only once people had signed again.
    static func shownLate() async throws -> TestRoom {
        let kept = try Kept()
        let room = try await left(kept, wasStopped: true)
        try await room.advance(to: .release)
        let shown = KMSMaterial(
            id: kept.material, state: .current, description: try await room.record().plan.slots[0].description,
            onDemand: false, isImported: true, expiry: Self.month)
        await room.kms.prepare {
            $0.materials = [shown]
        }
        try await room.advance()
        return room
    }

    @Test("what shows only once people have signed again is taken for the ceremony's own, and not asked for")
    func takenLate() async throws {
        let room = try await Self.shownLate()
        #expect(try await room.record().closed)
        #expect(await room.kms.allowed["prove"] == 0)
        #expect(try await room.record().slots["payments"]?.imported?.learned == .byLooking)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("material that KMS has as it was signed gets its expiry by another call: no deletion is undone by that")
    func stillThere() async throws {
        let kept = try Kept()
        let room = try await kept.room([kept.entry(isImported: true)], expires: Self.month)
        try await room.advance(until: .wrap)
        await room.kms.prepare { $0.lost["prove"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        #expect(try await room.advance() == .closed)
        let record = try await room.record()
        #expect(record.gates.statement(of: .release)?.attempt == 1)
        #expect(record.slots["payments"]?.imported?.learned.request != nil)
        #expect(await room.kms.materials.map(\.expiry) == [Self.month])
    }

    @Test(
        "and where KMS refuses that one, what the call before it did stays unknown: who signs next reads it, and an early end"
    )
    func refusedOverUnknown() async throws {
        let kept = try Kept()
        let room = try await kept.room([kept.entry(isImported: true)], expires: Self.month)
        try await room.advance(until: .wrap)
        await room.kms.prepare { $0.lost["prove"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let intended = try #require(try await room.record().unsettledIntent)
        await room.kms.prepare { $0.refused["prove"] = "InvalidCiphertextException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        guard case .waiting(.release, 2, _) = try await room.engine().run(),
            case .release(let subject)? = try await room.record().gates.open?.statement.subject
        else { return _ = Issue.record("release is not open") }
        #expect(subject.slots.map(\.intendedBefore) == [intended.seq])
        room.speakers.say(.abort(by: "ada", reason: "it does not end"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().unsettled == intended)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("what KMS refuses for its own sake, of a call that was signed for again, is not signed for once more")
    func refusedAgain() async throws {
        let room = try await Self.left(try Kept(), wasStopped: false)
        await room.kms.prepare { $0.refused["prove"] = "ThrottlingException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        #expect(try await room.record().openIntent == nil)
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.statement(of: .release)?.attempt == 2)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("another machine that takes over after such a call has it signed again, too")
    func otherMachine() async throws {
        let kept = try Kept()
        let room = try await kept.room(expires: Self.month)
        try await room.advance(until: .wrap)
        await room.kms.prepare { $0.lost["prove"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let intended = try await room.record().unsettledIntent?.seq
        room.environment.set(.make(programs: [ProgramDigest(host: "host", program: .init(of: [7]))]))
        let outcome = try await room.engine().run(moved: Moved(by: "ada", why: "the first one's disk is full"))
        guard case .waiting(.release, 2, _) = outcome,
            case .release(let subject)? = try await room.record().gates.open?.statement.subject
        else { return _ = Issue.record("\(outcome)") }
        #expect(subject.slots.map(\.intendedBefore) == [intended] && intended != nil)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }
}
