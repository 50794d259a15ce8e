import Ceremony
import CryptoPrimitives
import Evidence
import Synchronization
import Testing

@Suite("Material that a key had before comes back from the HSM key that it came from, and from no other")
struct ReimportTests {
    private static let label = "keyrite/earlier/payments"
    private static let id = Hex.encode([UInt8](repeating: 7, count: 16))
    private static let month = Expiry.at(TestRoom.now.advanced(bySeconds: 30 * 86_400))

    /// A key that the HSM kept, and KMS's name of its material.
    private struct Kept {
        let key: SecretBytes
        let material: String

        init() throws {
            key = try SecretBytes.random(count: 32)
            material = key.withUnsafeBytes { SHA256Digest(of: $0).hex }
        }

        func entry(
            _ state: KMSMaterial.State = .current, isImported: Bool = false, expiry: Expiry = .never
        ) -> KMSMaterial {
            KMSMaterial(
                id: material, state: state, description: "earlier (1)", onDemand: false, isImported: isImported,
                expiry: expiry)
        }

        func defined(
            _ named: NamedHSMKey = NamedHSMKey(label: ReimportTests.label, id: nil),
            expires: Expiry? = .never, alias: String? = "alias/payments", custody: Custody = Custody()
        ) -> DefinedKey {
            DefinedKey(
                alias: alias, key: alias == nil ? FakeKMS.key : nil, strategy: .reimport, proof: false,
                custody: custody,
                material: material, hsmKey: named, expires: expires)
        }

        /// - Parameter other: What the HSM holds under the key's name; nil for the key.
        func room(
            _ materials: [KMSMaterial]? = nil, expires: Expiry = .never, holding other: SecretBytes? = nil,
            hours: Int = 1, showing values: CheckValues? = nil, isRestored: Bool = false,
            answering answers: [AttributeSetting] = []
        ) async throws -> TestRoom {
            let (held, materials) = (other ?? key, materials ?? [entry()])
            let named = NamedHSMKey(
                label: ReimportTests.label, id: nil, checkValues: values, isRestored: isRestored)
            let definition = ReimportTests.definition(defined(named, expires: expires), hours: hours)
            let room = try await TestRoom.ready(definition) {
                $0.materials = materials
            } keeping: {
                $0.keep(held, label: ReimportTests.label, id: ReimportTests.id)
                for answer in answers { $0.change(answer) }
            }
            // Nothing is made, locked or destroyed.
            await room.hsm.prepare { $0.allowed = ["giveCheckUsage": 1, "wrap": 1, "removeCheckUsage": 1] }
            await room.kms.prepare { $0.allowed = ["prove": 1] }
            return room
        }
    }

    private static func definition(
        _ keys: DefinedKey..., policy: QuorumPolicy = QuorumPolicy(), hours: Int = 1
    ) -> Definition {
        Definition(
            title: "Again", windowHours: hours, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys, policy: policy)
    }

    private static let old = KMSMaterial(id: "old", state: .nonCurrent, description: nil, onDemand: false)

    @Test("what expired, was deleted or is to expire is imported as what it was, with the expiry that was signed")
    func whole() async throws {
        let kept = try Kept()
        let stays = kept.entry
        for (materials, expiry) in [
            ([stays(.current, false, .never), Self.old], Self.month), ([stays(.current, true, .never)], Self.month),
            ([stays(.current, true, Self.month)], .never),
            ([Self.old.current, stays(.nonCurrent, false, .never)], .never),
        ] {
            let room = try await kept.room(materials, expires: expiry)
            #expect(try await room.advance() == .closed)
            let found = await room.kms.materials.filter { $0.id == kept.material }
            #expect(found.count == 1 && found[0].isImported && found[0].expiry == expiry)
            #expect(await room.kms.materials.map(\.id) == materials.map(\.id))
            let record = try await room.record()
            #expect(record.gates.passed.map(\.statement.gate) == [.authorize, .release, .close])
            let kinds = record.transcript.lines.map(\.event.kind).filter {
                ![.runStarted, .gateOpened, .approval, .gatePassed, .closed].contains($0)
            }
            #expect(
                kinds == [
                    .selfTestIntended, .selfTested, .generateIntended, .generated, .fetchIntended, .fetched,
                    .wrapIntended, .wrapped, .importIntended, .imported, .reimportVerified, .settleIntended, .settled,
                ])
            #expect(record.slots["payments"]?.reimportVerified?.keyState == "Enabled")
            // The HSM's key is as it was.
            let left = try await room.hsm.find(label: Self.label, id: Self.id)
            try await room.hsm.leave()
            #expect(left.count == 1 && left[0].attributes.contains(AttributeSetting("CKA_ENCRYPT", "false")))
            #expect(try room.verdict() == .verified)
        }
    }

    @Test(
        "people are shown which material of which key comes from which HSM key, what is there now, and until when then")
    func told() async throws {
        let kept = try Kept()
        let room = try await kept.room([kept.entry(isImported: true)], expires: Self.month)
        try await room.advance(to: .authorize)
        guard case .authorize(let authorize)? = try await room.record().gates.open?.statement.subject else {
            _ = Issue.record("authorize is not open")
            return
        }
        let slot = try #require(authorize.slots.first)
        #expect(slot.label == Self.label && slot.id == Self.id && slot.key == FakeKMS.key)
        #expect(slot.proof == .asExisting && slot.retention == .retain)
        try await room.advance(to: .release)
        guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
            _ = Issue.record("release is not open")
            return
        }
        let released = try #require(release.slots.first)
        #expect(released.reimported == slot.reimported && released.takesEffect == .atImport)
        #expect(released.expiry == Self.month.text && released.key == FakeKMS.key && release.differences.isEmpty)
        let material = try #require(slot.reimported)
        #expect(material.material == kept.material && material.state == .current)
        #expect(material.importState == .imported && material.expiryBefore == .never)
        #expect(material.descriptionBefore == "earlier (1)" && material.expiry == Self.month)
        #expect(material.effect == .usable)
    }

    @Test("KMS refuses the wrong HSM key: people read which it is, KMS is not asked again, and nothing changes")
    func wrongKey() async throws {
        let kept = try Kept()
        // Whether or not nobody knows of an earlier call what it did.
        for isAfterLoss in [false, true] {
            let room = try await kept.room(holding: try SecretBytes.random(count: 32), hours: 48)
            if isAfterLoss {
                try await room.advance(until: .wrap)
                let scissors = Scissors(after: "before kms.importMaterial existing")
                await #expect(throws: CutOff.self) {
                    try await Engine(opening: room.ports.checked(by: scissors)).run()
                }
                try await room.hsm.leave()
            }
            for _ in 1...2 {
                let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
                #expect(error?.what.contains("KMS refused the HSM key \(Self.label)") == true, "\(error?.what ?? "")")
                #expect(error?.what.contains(kept.material) == true)
                #expect(error?.remedy.contains("Find the right key") == true)
            }
            // Nor when other wrapping keys would be needed: nobody is asked to sign for them.
            let (late, signed) = (TestRoom.now.advanced(bySeconds: 25 * 3600), try await room.record().gates.decisions)
            room.clock.set(late)
            await room.kms.prepare { $0.now = late }
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(error?.remedy.contains("Find the right key") == true)
            #expect(try await room.record().gates.decisions == signed)
            #expect(await room.kms.fetches == 1)
            #expect(await room.kms.refusals == 1)
            #expect(await room.kms.materials.map(\.isImported) == [false])
            #expect(try await room.record().transcript.lines.last?.event.kind != .importIntended)
            #expect(try await room.hsm.find(label: Self.label, id: Self.id).count == 1)
            try await room.hsm.leave()
            room.speakers.say(.abort(by: "ada", reason: "the wrong key"))
            #expect(try await room.advance() == .closed)
            #expect(try room.verdict() == .verified)
        }
    }

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

    @Test(
        "people read at release which HSM key it is, and what it showed; one that shows other than is on record is refused"
    )
    func checkValues() async throws {
        let kept = try Kept()
        let first = try await kept.room()
        try await first.advance(to: .release)
        let shown = try #require(try await first.record().slots["payments"]?.generated?.checkValues)
        let other = CheckValues(cmac: shown.ecb, ecb: shown.cmac)
        for values in [shown, other] {
            let room = try await kept.room(showing: values)
            #expect(try await room.record().plan.slots[0].reimported?.checkValues == values)
            guard values == shown else {
                let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
                #expect(error?.what.contains("CMAC \(shown.cmac), ECB \(shown.ecb), and the plan has") == true)
                let left = try await room.hsm.find(label: Self.label, id: Self.id)
                try await room.hsm.leave()
                #expect(left.first?.attributes.contains(AttributeSetting("CKA_ENCRYPT", "false")) == true)
                #expect(try await room.record().slots["payments"]?.generated == nil)
                continue
            }
            try await room.advance(to: .release)
            guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
                return _ = Issue.record("release is not open")
            }
            let key = try #require(release.slots[0].hsmKey)
            #expect(key.label == Self.label && key.id == Self.id && key.checkValues == shown)
            #expect(key.attributes == nil && key.differences == nil)
            #expect(try await room.advance() == .closed)
            try await room.expectBothSay("VERIFIED")
        }
    }

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

    @Test("an HSM key that is not what the plan found is neither changed nor used")
    func otherKey() async throws {
        let kept = try Kept()
        for name in ["CKA_EXTRACTABLE", "CKA_SENSITIVE", "CKA_LOCAL"] {
            let room = try await kept.room()
            await room.hsm.change(AttributeSetting(name, "false"))
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(error?.what.contains("The HSM key for payments has \(name) false") == true, "\(error?.what ?? "")")
            #expect(await room.hsm.allowed["giveCheckUsage"] == 1)
        }
        let room = try await kept.room()
        await room.hsm.prepare {
            $0.strangers = [HSMKey(label: "another", id: Self.id, attributes: [])]
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("has 2 objects labelled") == true, "\(error?.what ?? "")")
    }

    @Test(
        "a key of which the token says that it did not make it comes back only where the definition says that it was restored"
    )
    func restored() async throws {
        let kept = try Kept()
        let foreign = ["CKA_LOCAL", "CKA_ALWAYS_SENSITIVE"].map { AttributeSetting($0, "false") }
        let refused = await #expect(throws: CeremonyError.self) { try await kept.room(answering: foreign) }
        #expect(refused?.what.contains("CKA_LOCAL false for true, CKA_ALWAYS_SENSITIVE false for true") == true)
        #expect(refused?.remedy.contains("restored: true") == true, "\(refused?.remedy ?? "")")
        for answers in [foreign, [foreign[0]]] {
            let room = try await kept.room(isRestored: true, answering: answers)
            try await room.advance(to: .release)
            guard case .release(let release)? = try await room.record().gates.open?.statement.subject else {
                return _ = Issue.record("release is not open")
            }
            let key = try #require(release.slots.first?.hsmKey)
            #expect(
                key.differences
                    == answers.map { Difference(slot: "payments", what: $0.name, planned: "true", observed: "false") })
            #expect(key.attributes?.contains(AttributeSetting("CKA_SENSITIVE", "true")) == true)
            #expect(try await room.advance() == .closed)
            try await room.expectBothSay("VERIFIED")
        }
        for (answer, words) in [
            (AttributeSetting("CKA_SENSITIVE", "false"), "CKA_SENSITIVE false for true"),
            (AttributeSetting("CKA_EXTRACTABLE", "false"), "CKA_EXTRACTABLE false for true"),
            (AttributeSetting("CKA_UNWRAP", "true"), "CKA_UNWRAP true for false"),
            (AttributeSetting("CKA_LOCAL", "unavailable"), "CKA_LOCAL unavailable for false"),
        ] {
            let error = await #expect(throws: CeremonyError.self) {
                try await kept.room(isRestored: true, answering: foreign + [answer])
            }
            #expect(error?.what.contains(words) == true, "\(error?.what ?? "")")
        }
        let made = await #expect(throws: CeremonyError.self) { try await kept.room(isRestored: true) }
        #expect(made?.remedy == "Take the line restored: out")
        // Made here, and to be read once: that is no backup's key.
        let readable = await #expect(throws: CeremonyError.self) {
            try await kept.room(isRestored: true, answering: [foreign[1]])
        }
        #expect(readable?.what.contains("CKA_LOCAL true for false") == true, "\(readable?.what ?? "")")
        // What becomes of it after the plan.
        let room = try await kept.room()
        await room.hsm.change(foreign[0])
        let late = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(late?.remedy.contains("freeze a plan whose definition says so: restored: true") == true)
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

    @Test("what a definition or KMS or the HSM does not allow is told when it is planned")
    func planned() async throws {
        let kept = try Kept()
        let other = "arn:aws:kms:eu-central-1:111122223333:key/other"
        typealias Change = @Sendable (isolated FakeKMS) -> Void
        let asIs: Change = { _ in }
        func key(_ named: NamedHSMKey, _ expires: Expiry? = .never) -> Definition {
            Self.definition(kept.defined(named, expires: expires))
        }
        let good = Self.definition(kept.defined())
        let waiting = kept.entry(.pendingRotation, isImported: true)
        let cases: [(Definition, Change, String)] = [
            (key(NamedHSMKey(label: nil, id: nil)), asIs, "has neither label nor id"),
            (key(NamedHSMKey(label: "a%b", id: nil)), asIs, "not printable ASCII"),
            (key(NamedHSMKey(label: nil, id: "07")), asIs, "not 16 bytes in lowercase hex"),
            (
                key(NamedHSMKey(label: Self.label, id: nil, checkValues: CheckValues(cmac: "0A1B2C", ecb: "3d4e5f"))),
                asIs, "not 3 bytes each in lowercase hex"
            ),
            (key(NamedHSMKey(label: "nobody's", id: nil)), asIs, "the token has 0 keys labelled nobody's"),
            (key(NamedHSMKey(label: Self.label, id: Hex.encode([UInt8](repeating: 8, count: 16)))), asIs, "has 0 keys"),
            (key(NamedHSMKey(label: Self.label, id: nil), nil), asIs, "expires: it is missing"),
            (
                key(NamedHSMKey(label: nil, id: Self.id), .at(TestRoom.now)), asIs,
                "expires before the plan's window is over"
            ),
            (
                key(NamedHSMKey(label: nil, id: Self.id), .at(TestRoom.now.advanced(bySeconds: 366 * 86_400))), asIs,
                "for longer than KMS keeps"
            ),
            (
                Self.definition(kept.defined(custody: Custody(trustedWrapping: true))), asIs,
                "CKA_WRAP_WITH_TRUSTED missing for true"
            ),
            (
                Self.definition(kept.defined(custody: Custody(retention: .destroy, backup: "b.pdf"))), asIs,
                "the HSM key of a reimport stays"
            ),
            (
                Self.definition(kept.defined(), DefinedKey(alias: "alias/x", strategy: .rotate, proof: false)), asIs,
                "keys to reimport stand beside others"
            ),
            (
                Self.definition(
                    kept.defined(),
                    policy: QuorumPolicy(rules: [
                        RaisedRule(gate: .activate, requirements: [GateRequirement(role: .custodian, count: 2)])
                    ])), asIs, "it asks for people at the gate activate"
            ),
            (
                Self.definition(kept.defined(), policy: QuorumPolicy(foldsActivate: true)), asIs,
                "it asks for people at the gate activate"
            ),
            (good, { $0.materials = [Self.old.current] }, "never had material"),
            (good, { $0.materials = [Self.old.current, waiting] }, "waiting for its rotation"),
            (good, { ($0.materials, $0.state) = ([Self.old.current], "Disabled") }, "the key is Disabled"),
            (good, { $0.relatedKeys = [other] }, "the key is multi-Region"),
            (
                good, { $0.point("alias/payments", to: FakeKey(spec: "HMAC_256", usage: "GENERATE_VERIFY_MAC")) },
                "whose one material KMS does not name"
            ),
            (good, { $0.point("alias/payments", to: FakeKey(origin: "AWS_KMS")) }, "the key's origin is AWS_KMS"),
        ]
        let room = try await kept.room()
        for (definition, change, words) in cases {
            let error = await #expect(throws: CeremonyError.self) {
                try await room.holdingAnother(definition) { kms in
                    kms.materials = [kept.entry()]
                    change(kms)
                } keeping: {
                    $0.keep(kept.key, label: Self.label, id: Self.id)
                }
            }
            #expect(error?.what.contains(words) == true, "\(error?.what ?? "") / \(words)")
        }
    }
}

extension KMSMaterial {
    /// The same, current.
    fileprivate var current: KMSMaterial {
        KMSMaterial(id: id, state: .current, description: description, onDemand: onDemand)
    }
}
