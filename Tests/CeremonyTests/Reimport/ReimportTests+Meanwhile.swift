import Ceremony
import CryptoPrimitives
import Evidence
import Testing

/// What becomes of the key and its material while people sign.
extension ReimportTests {
    @Test("what people signed that it is back, and somebody deleted since, stays deleted")
    func deletedSince() async throws {
        let kept = try Kept()
        let room = try await kept.room(expires: Self.month)
        try await room.advance(until: .wrap)
        let scissors = Scissors(after: "after kms.importMaterial existing")
        await #expect(throws: CutOff.self) { try await Engine(opening: room.ports.checked(by: scissors)).run() }
        try await room.hsm.leave()
        room.environment.set(.make(programs: [ProgramDigest(host: "host", program: .init(of: [7]))]))
        _ = try await room.engine().run(moved: Moved(by: "ada", why: "the first one's disk is full"))
        try await room.advance(until: .release)
        guard case .release(let subject)? = try await room.record().gates.statement(of: .release)?.subject else {
            return _ = Issue.record("release is not signed")
        }
        #expect(
            subject.differences.map { [$0.what, $0.planned, $0.observed] } == [
                ["whether KMS has the material", "PENDING_IMPORT", "IMPORTED"],
                ["expiry of the material", "none", Self.month.text],
            ])
        let gone = await room.kms.materials.map(\.forgotten)
        await room.kms.prepare { $0.materials = gone }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("otherwise than people signed at release") == true, "\(String(describing: error))")
        #expect(await room.kms.materials.map(\.isImported) == [false])
        #expect(try await room.record().openIntent == nil)
    }

    @Test("what somebody else imports meanwhile, with another expiry, is not taken for the ceremony's own")
    func somebodyElses() async throws {
        let kept = try Kept()
        let room = try await kept.room(expires: Self.month)
        try await room.advance(until: .wrap)
        await room.kms.prepare { $0.lost["prove"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        let theirs = kept.entry(isImported: true)
        await room.kms.prepare { $0.materials = [theirs] }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("otherwise than people signed at release") == true, "\(String(describing: error))")
        #expect(await room.kms.materials.map(\.expiry) == [theirs.expiry])
        let gone = kept.entry()
        await room.kms.prepare { $0.materials = [gone] }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.materials.map(\.expiry) == [Self.month])
        #expect(try await room.record().slots["payments"]?.imported?.learned.request != nil)
    }

    @Test("what was deleted after release was signed may be an emergency stop: it does not come back in passing")
    func stopped() async throws {
        let kept = try Kept()
        let room = try await kept.room([kept.entry(isImported: true, expiry: Self.month)])
        try await room.advance(until: .wrap)
        let gone = kept.entry()
        await room.kms.prepare { $0.materials = [gone] }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.what.contains("whether KMS has the material: PENDING_IMPORT") == true, "\(String(describing: error))"
        )
        #expect(error?.remedy.contains("a deletion may have been an emergency stop") == true)
        #expect(await room.kms.materials.map(\.isImported) == [false])
        #expect(try await room.record().openIntent == nil)
    }

    @Test("material that expires while people sign is a difference that they read at release, and comes back")
    func expired() async throws {
        let kept = try Kept()
        let room = try await kept.room([kept.entry(isImported: true, expiry: Self.month)])
        let gone = kept.entry()
        await room.kms.prepare { $0.materials = [gone] }
        try await room.advance(to: .release)
        guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
            _ = Issue.record("release is not open")
            return
        }
        #expect(
            release.differences.map { [$0.what, $0.planned, $0.observed] } == [
                ["whether KMS has the material", "IMPORTED", "PENDING_IMPORT"],
                ["expiry of the material", Self.month.text, "none"],
            ])
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.materials.map(\.expiry) == [.never])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a key policy that is another one by then is a difference that they read at release, and holds nothing up")
    func otherPolicy() async throws {
        let room = try await Kept().room()
        await room.kms.prepare { $0.policy = PolicyText("{}") }
        try await room.advance(to: .release)
        guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
            return _ = Issue.record("release is not open")
        }
        #expect(release.differences.contains { $0.what == "key policy" })
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.materials.map(\.isImported) == [true])
        #expect(try room.verdict() == .verified)
    }

    @Test(
        "other material that somebody brought meanwhile is a difference that they read at release, or in what they signed"
    )
    func madeWhole() async throws {
        let kept = try Kept()
        for isSigned in [false, true] {
            let room = try await kept.room([kept.entry(), Self.old.forgotten])
            let both = [kept.entry(), Self.old]
            if isSigned { try await room.advance(until: .wrap) }
            await room.kms.prepare { $0.materials = both }
            if !isSigned {
                try await room.advance(to: .release)
                guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
                    return _ = Issue.record("release is not open")
                }
                let (before, after) = (
                    ReimportedMaterial.Effect.unusable.rawValue, ReimportedMaterial.Effect.usable.rawValue
                )
                #expect(
                    release.differences.map { [$0.what, $0.planned, $0.observed] }
                        == [["what becomes of the key", before, after]])
            }
            #expect(try await room.advance() == .closed)
            #expect(try await room.record().slots["payments"]?.reimportVerified?.keyState == "Enabled")
            try await room.expectBothSay("VERIFIED")
        }
    }

    @Test("a key that lacks other material, too, stays unusable, as it was signed; or it was made whole meanwhile")
    func lacksMore() async throws {
        let kept = try Kept()
        for isMended in [false, true] {
            let room = try await kept.room([kept.entry(), Self.old.forgotten])
            #expect(try await room.record().plan.slots[0].reimported?.effect == .unusable)
            if isMended {
                let both = [kept.entry(), Self.old]
                await room.kms.prepare { $0.materials = both }
            }
            #expect(try await room.advance() == .closed)
            let state = try await room.record().slots["payments"]?.reimportVerified?.keyState
            #expect(state == (isMended ? "Enabled" : "PendingImport"))
            if isMended { #expect(try room.verdict() == .verified) } else { try await room.expectBothSay("VERIFIED") }
        }
    }

    @Test("whatever else becomes of the key before is refused with what to do, and nothing is imported")
    func strangers() async throws {
        let kept = try Kept()
        let (planned, rotated) = ([kept.entry(), Self.old], [kept.entry(.nonCurrent), Self.old.current])
        let lacking = [kept.entry(), Self.old.forgotten]
        let cases: [(@Sendable (isolated FakeKMS) -> Void, String)] = [
            ({ $0.materials = rotated }, "was rotated since the plan"),
            ({ $0.materials = lacking }, "lacks other material, too, since the plan"),
            ({ $0.aliases["alias/payments"] = .some(nil) }, "KMS has none of that name"),
            ({ $0.point("alias/payments", to: FakeKey()) }, "is no longer what the plan found"),
            ({ $0.relatedKeys = [FakeKMS.key + "2"] }, "is multi-Region since the plan"),
            ({ ($0.materials, $0.state) = ([Self.old.current], "Disabled") }, "is Disabled since the plan"),
        ]
        for (index, (change, words)) in cases.enumerated() {
            // Before release is signed, and after.
            for isSigned in index < 2 ? [false, true] : [index.isMultiple(of: 2)] {
                let room = try await kept.room(planned)
                try await room.advance(until: isSigned ? .wrap : .generate)
                await room.kms.prepare(change)
                let before = await room.kms.materials
                let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
                #expect(error?.what.contains(words) == true, "\(error?.what ?? "") / \(words)")
                #expect(error?.remedy.contains("Nothing was imported") == true)
                #expect(await room.kms.materials == before)
                #expect(try await room.record().openIntent == nil)
            }
        }
    }

    @Test("KMS that shows it late, or otherwise than it was signed, is looked at until it does, and not asked again")
    func unverified() async throws {
        let kept = try Kept()
        let room = try await kept.room(expires: Self.month)
        try await room.advance(until: .wrap)
        await room.kms.prepare { $0.blindCalls["prove"] = 2 }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.remedy.contains("not done again") == true, "\(error?.remedy ?? "")")
        #expect(error?.what.contains("signed was the expiry \(Self.month.text)") == true, "\(error?.what ?? "")")
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
    }
}
