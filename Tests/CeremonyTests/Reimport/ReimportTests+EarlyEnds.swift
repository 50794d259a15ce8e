import Ceremony
import CryptoPrimitives
import Evidence
import Testing

/// A ceremony that is ended early, and the usage that its HSM key has meanwhile.
extension ReimportTests {
    @Test("a ceremony that is ended early leaves the HSM key as it was; where the token is gone, it says so and closes")
    func usageTakenBack() async throws {
        let kept = try Kept()
        for gate in [Gate.authorize, .release] {
            for isGone in gate == .release ? [false, true] : [false] {
                let room = try await kept.room()
                try await room.advance(to: gate)
                if isGone {
                    await room.hsm.prepare { $0.strangers = [HSMKey(label: "another", id: Self.id, attributes: [])] }
                }
                room.speakers.say(.abort(by: "ada", reason: "it is not wanted"))
                let engine = try room.engine()
                guard case .waiting(.close, _, _) = try await engine.run() else {
                    return _ = Issue.record("close is not open")
                }
                #expect(await engine.leftUndone.count == (isGone ? 1 : 0))
                #expect(
                    await engine.leftUndone.allSatisfy {
                        $0.contains("\(Self.label) (id \(Self.id)) may have the usage")
                    })
                #expect(try await room.advance() == .closed)
                await room.hsm.prepare { $0.strangers = [] }
                let left = try await room.hsm.find(label: Self.label, id: Self.id)
                try await room.hsm.leave()
                let isUsed = left.first?.attributes.contains(AttributeSetting("CKA_ENCRYPT", "true"))
                #expect(isUsed == isGone)
                try await room.expectBothSay("VERIFIED")
            }
        }
    }

    @Test("one that is ended at the host that has no HSM tells people where the usage stays")
    func usageAcrossTheGap() async throws {
        let kept = try Kept()
        let room = try await GapRoom.ready(
            Self.definition(kept.defined(NamedHSMKey(label: Self.label, id: Self.id)))
        ) {
            $0.materials = [kept.entry()]
        } keeping: {
            $0.keep(kept.key, label: Self.label, id: Self.id)
        }
        for side in [Side.connected, .hsm] {
            guard case .handedOver = try await room.turn(side) else { return _ = Issue.record("\(side) keeps it") }
        }
        room.room.speakers.say(.abort(by: "ada", reason: "it is not wanted"))
        let engine = try Engine(opening: room.ports(.connected))
        guard case .waiting(.close, _, _) = try await engine.run() else { return _ = Issue.record("close is not open") }
        let left = await engine.leftUndone
        #expect(left.count == 1)
        #expect(left.first?.contains("\(Self.label) (id \(Self.id)) may have the usage CKA_ENCRYPT still") == true)
        #expect(left.first?.contains("It is at the other host") == true)
    }

    @Test("once the plan's window is over, nothing is done any more, and the HSM key's usage is told of")
    func windowOver() async throws {
        let room = try await Kept().room()
        try await room.advance(to: .release)
        let before = try room.folder.read(Transcript.path)
        room.clock.set(TestRoom.now.advanced(bySeconds: 3601))
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.remedy.contains("\(Self.label), which was there before and may have the usage CKA_ENCRYPT still")
                == true,
            "\(String(describing: error))")
        #expect(try room.folder.read(Transcript.path) == before)
    }

    @Test("an early end changes no HSM key that is not the one which this ceremony took up")
    func usageOfAnother() async throws {
        for isOther in [false, true] {
            let kept = try Kept()
            let room = try await kept.room()
            try await room.advance(to: .release)
            let other = try SecretBytes.random(count: 32)
            await room.hsm.prepare {
                if isOther {
                    $0.forget(label: Self.label)
                    $0.keep(other, label: Self.label, id: Self.id)
                    $0.change(AttributeSetting("CKA_ENCRYPT", "true"))
                } else {
                    $0.change(AttributeSetting("CKA_DERIVE", "true"))
                }
            }
            room.speakers.say(.abort(by: "ada", reason: "it is not wanted"))
            let engine = try room.engine()
            guard case .waiting(.close, _, _) = try await engine.run() else {
                return _ = Issue.record("close is not open")
            }
            #expect(await engine.leftUndone.count == 1)
            let left = try await room.hsm.find(label: Self.label, id: Self.id)
            try await room.hsm.leave()
            #expect(left.first?.attributes.contains(AttributeSetting("CKA_ENCRYPT", "true")) == true)
        }
    }

    @Test("where the PIN is refused at an early end, it is not asked for again, and whoever leaves there leaves")
    func usageBehindAPIN() async throws {
        struct Leaves: SaidToStop {}
        for error in [TokenFailed(call: "login"), Leaves()] as [any Error] {
            let room = try await Kept().room()
            try await room.advance(to: .release)
            await room.hsm.prepare { $0.whenAsked = error }
            room.speakers.say(.abort(by: "ada", reason: "it is not wanted"))
            let engine = try room.engine()
            guard error is TokenFailed else {
                _ = await #expect(throws: Leaves.self) { try await engine.run() }
                continue
            }
            guard case .waiting(.close, _, _) = try await engine.run() else {
                return _ = Issue.record("close is not open")
            }
            #expect(await engine.leftUndone.count == 1)
        }
    }
}
