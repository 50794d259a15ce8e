import Ceremony
import CryptoPrimitives
import Evidence
import Testing

/// KMS cannot tell an alias that was never changed from one that was changed, and changed back.
@Suite("An alias that resolves to what it did before, after a call of which nobody knows what came of it")
struct RollbackTests {
    struct Left: Sendable, CustomTestStringConvertible {
        let strategy: Strategy
        let folds: Bool
        /// Whether the call was made, and somebody changed the alias back.
        let wasMade: Bool

        var testDescription: String {
            "\(strategy.rawValue)\(folds ? ", folded" : "")\(wasMade ? ", changed back" : ", never changed")"
        }
        var gate: Gate { folds ? .release : .activate }
        var call: String { strategy == .replace ? "updateAlias" : "createAlias" }
        var alias: String { strategy == .replace ? "alias/payments" : "alias/new" }
        var before: String? { strategy == .replace ? FakeKMS.key : nil }
        var after: String { strategy == .replace ? FakeKMS.key + "-1" : StrategyTests.fresh }

        /// A ceremony that was killed around its call, with the alias as it was before.
        func room() async throws -> TestRoom {
            let key = DefinedKey(
                alias: alias, key: strategy == .replace ? nil : StrategyTests.fresh, strategy: strategy, proof: true)
            let room = try await TestRoom.ready(
                Definition(
                    title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"), keys: [key],
                    policy: QuorumPolicy(foldsActivate: folds))
            ) { kms in
                guard strategy == .import else { return }
                kms.others[StrategyTests.fresh] = FakeKey()
                kms.aliases["alias/new"] = .some(nil)
            }
            try await room.advance(until: .activate)
            let scissors = Scissors(after: "\(wasMade ? "after" : "before") kms.\(call)")
            await #expect(throws: CutOff.self) { try await Engine(opening: room.ports.checked(by: scissors)).run() }
            try await room.hsm.leave()
            #expect(try await room.kms.target(of: alias) == (wasMade ? after : before))
            await room.kms.prepare { [alias, before] in $0.aliases[alias] = .some(before) }
            return room
        }
    }

    private static let all = [Strategy.import, .replace].flatMap { strategy in
        [false, true].flatMap { folds in
            [false, true].map { Left(strategy: strategy, folds: folds, wasMade: $0) }
        }
    }

    @Test("is changed only as people sign once more, who are told", arguments: all)
    func signedAgain(_ left: Left) async throws {
        let room = try await left.room()
        let intended = try #require(try await room.record().unsettledIntent?.seq)
        // As often as it is run.
        for _ in 1...2 {
            guard case .waiting(left.gate, 2, _) = try await room.engine().run() else {
                return _ = Issue.record("it does not wait for people")
            }
        }
        #expect(try await room.kms.target(of: left.alias) == left.before)
        let record = try await room.record()
        #expect(record.gates.open?.statement.subject.intendedBefore == [intended])
        #expect(record.whySignedAgain?.contains("It may have been changed, and changed back since") == true)
        #expect(record.transcript.lines.count { $0.event.kind == .aliasAbandoned } == 1)
        try await room.expectBothSay("NOT CLOSED")
        await room.kms.prepare { [call = left.call] in $0.allowed[call] = 1 }
        #expect(try await room.advance() == .closed)
        #expect(try await room.kms.target(of: left.alias) == left.after)
        // Nothing else is done again.
        let kinds = try await room.record().transcript.lines.map(\.event.kind)
        #expect([.wrapped, .imported, .proved, .aliasSet].map { kind in kinds.count { $0 == kind } } == [1, 1, 1, 1])
        #expect(try await room.record().slots.values.first?.aliasSet?.learned.request != nil)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("whoever finds that it was changed back ends the ceremony, which says what nobody knows", arguments: all)
    func endedThere(_ left: Left) async throws {
        let room = try await left.room()
        let intended = try #require(try await room.record().unsettledIntent)
        try await room.advance(to: left.gate)
        room.speakers.say(.abort(by: "ada", reason: "applications failed"))
        #expect(try await room.advance() == .closed)
        #expect(try await room.kms.target(of: left.alias) == left.before)
        let record = try await room.record()
        #expect(record.unsettled == intended && record.whySignedAgain == nil)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("shown late, once people have been asked again, it is taken for the ceremony's own, and not asked for again")
    func shownLate() async throws {
        for folds in [false, true] {
            let left = Left(strategy: .replace, folds: folds, wasMade: true)
            let room = try await left.room()
            try await room.advance(to: left.gate)
            await room.kms.prepare { $0.aliases[left.alias] = left.after }
            #expect(try await room.advance() == .closed)
            #expect(await room.kms.allowed["updateAlias"] == 0)
            #expect(try await room.record().slots["payments"]?.aliasSet?.learned == .byLooking)
            try await room.expectBothSay("VERIFIED")
        }
    }

    @Test("not asked of KMS at all, since a key was no longer as it was signed, it is not signed again")
    func notAsked() async throws {
        let room = try await StrategyTests.replacing()
        try await room.advance(until: .activate)
        await room.kms.prepare { $0.others[FakeKMS.key + "-1"]?.state = "Disabled" }
        await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(try await room.record().openIntent == nil)
        await room.kms.prepare { $0.others[FakeKMS.key + "-1"]?.state = nil }
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().gates.statement(of: .activate)?.attempt == 1)
    }
}

extension Subject {
    /// The lines that intended before what it is about, of aliases.
    fileprivate var intendedBefore: [Int] {
        switch self {
        case .release(let release): (release.activations ?? []).compactMap(\.intendedBefore)
        case .activate(let activate): activate.slots.compactMap(\.intendedBefore)
        case .authorize, .close: []
        }
    }
}
