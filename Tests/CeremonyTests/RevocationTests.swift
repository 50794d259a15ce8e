import Ceremony
import CryptoPrimitives
import Evidence
import Synchronization
import Testing

@Suite("The emergency stop: one material is deleted, by its id, and no other")
struct RevocationTests {
    private static let all = RevokedMaterial.State.allCases

    private static func definition(_ keys: DefinedKey..., policy: QuorumPolicy = QuorumPolicy()) -> Definition {
        Definition(title: "Stop", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_4096"), keys: keys, policy: policy)
    }

    private static func stopping(_ material: String, alias: String? = "alias/payments") -> DefinedKey {
        DefinedKey(
            alias: alias, key: alias == nil ? FakeKMS.key : nil, strategy: .revoke, proof: false, material: material)
    }

    /// A key with an old, a current and a pending material, each called by its state.
    private static let materials = [KMSMaterial.State.nonCurrent, .current, .pendingRotation].map {
        KMSMaterial(id: $0.rawValue, state: $0, description: nil, onDemand: false)
    }

    /// A room with a plan to delete one of them.
    private static func room(_ material: String = "CURRENT", alias: String? = "alias/payments") async throws -> TestRoom
    {
        try await TestRoom.ready(definition(stopping(material, alias: alias))) { $0.materials = materials }
    }

    /// The same, signed, with nothing deleted yet.
    private static func signed(_ material: String = "CURRENT") async throws -> TestRoom {
        let room = try await room(material)
        try await room.advance(to: .activate)
        for name in ["ben", "carol"] { try await room.sign(.activate, as: name) }
        #expect(try await room.engine().run(until: .activate) == .reached(.activate))
        return room
    }

    /// What KMS still has, by id.
    private func left(in room: TestRoom) async -> [String] {
        await room.kms.materials.filter(\.isImported).map(\.id)
    }

    @Test(
        "deletes just what was planned, be it current or old, and needs neither release nor HSM key",
        arguments: all)
    func whole(_ state: RevokedMaterial.State) async throws {
        let room = try await Self.room(state.rawValue)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted == [state.rawValue])
        #expect(await left(in: room) == Self.materials.map(\.id).filter { $0 != state.rawValue })
        let record = try await room.record()
        #expect(record.gates.passed.map(\.statement.gate) == [.authorize, .activate, .close])
        let kinds = record.transcript.lines.map(\.event.kind).filter {
            ![.runStarted, .gateOpened, .approval, .gatePassed, .closed].contains($0)
        }
        #expect(kinds == [.revokeIntended, .revoked, .revocationVerified])
        #expect(record.slots["payments"]?.revocationVerified?.keyState == "PendingImport")
        #expect(record.plan.profiles.isEmpty)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("people are told what the deletion does to the key, and which of its materials it is")
    func told() async throws {
        for state in Self.all {
            let room = try await Self.room(state.rawValue, alias: nil)
            try await room.advance(to: .activate)
            guard case .activate(let subject)? = try await room.record().gates.open?.statement.subject else {
                Issue.record("nothing to activate is open")
                continue
            }
            let revocation = try #require(subject.revocations?.first)
            #expect(revocation.material == state.rawValue && revocation.state == state)
            #expect(revocation.currentMaterial == "CURRENT" && revocation.key == FakeKMS.key)
            #expect(revocation.effect == .unusable && revocation.intendedBefore == nil)
            #expect(subject.slots.isEmpty)
        }
    }

    /// What somebody else does to the key in the meantime.
    private static let strangers: [(String, @Sendable (isolated FakeKMS) -> Void, String)] = [
        ("deletes it", { $0.materials = $0.materials.map { $0.id == "CURRENT" ? $0.forgotten : $0 } }, "any more"),
        (
            "rotates",
            {
                $0.materials = [
                    KMSMaterial(id: "CURRENT", state: .nonCurrent, description: nil, onDemand: false),
                    KMSMaterial(id: "PENDING_ROTATION", state: .current, description: nil, onDemand: true),
                ]
            }, "was rotated since the plan"
        ),
        ("moves the alias", { $0.aliases["alias/payments"] = $0.point() }, "is no longer what the plan found"),
        ("removes the alias", { $0.aliases["alias/payments"] = .some(nil) }, "KMS has none of that name"),
        ("makes replicas", { $0.relatedKeys = ["arn:aws:kms:eu-west-1:111122223333:key/1"] }, "has replicas"),
        ("rotates, which the list does not show yet", { $0.currentAhead = "PENDING_ROTATION" }, "was rotated since"),
        ("schedules the key's deletion", { $0.state = "PendingDeletion" }, "is PendingDeletion since the plan"),
    ]

    @Test("whatever somebody else does before is refused with what to do, and nothing is deleted", arguments: 0..<7)
    func strangers(_ index: Int) async throws {
        let (_, change, words) = Self.strangers[index]
        // Before it is signed, and after.
        for room in [try await Self.room(), try await Self.signed()] {
            await room.kms.prepare(change)
            let before = await left(in: room)
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(error?.what.contains(words) == true, "\(error?.what ?? "")")
            #expect(error?.remedy.contains("Nothing was deleted") == true)
            #expect(await left(in: room) == before)
            #expect(await room.kms.deleted.isEmpty)
            #expect(try await room.record().openIntent == nil)
        }
    }

    @Test("what the look directly before the call finds is followed by no line, and is never taken for a deletion")
    func lastMoment() async throws {
        let room = try await Self.signed()
        await room.kms.prepare { $0.whileLooking = { $0.forget("CURRENT") } }
        for _ in 1...2 {
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(error?.what.contains("any more") == true, "\(error?.what ?? "")")
            #expect(error?.remedy.contains("Nothing was deleted") == true)
        }
        #expect(await room.kms.deleted.isEmpty)
        let kinds = Set(try await room.record().transcript.lines.map(\.event.kind))
        #expect(kinds.isDisjoint(with: [.revokeIntended, .revoked]))
    }

    @Test("what KMS refused, and somebody else did, is theirs", arguments: [false, true])
    func somebodyElses(_ isFirst: Bool) async throws {
        let room = try await Self.signed()
        // Between the look and the call, or after a refusal for want of a permission.
        await room.kms.prepare {
            if isFirst {
                $0.beforeDeleting = { $0.forget("CURRENT") }
            } else {
                $0.refused["deleteMaterial"] = "AccessDeniedException"
            }
        }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        await room.kms.prepare { $0.forget("CURRENT") }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("somebody deleted it") == true, "\(error?.what ?? "")")
        let kinds = try await room.record().transcript.lines.map(\.event.kind)
        #expect(kinds.contains(.refused) && !kinds.contains(.revoked))
        #expect(await room.kms.deleted.isEmpty)
    }

    /// A call was made, or was not: nobody knows. The material is there, with one more deletion allowed.
    private static func left(_ loss: FakeKMS.Loss) async throws -> TestRoom {
        let room = try await signed()
        await room.kms.prepare { ($0.lost["deleteMaterial"], $0.blindCalls["deleteMaterial"]) = (loss, 1) }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        #expect(try await room.record().openIntent?.kind == .revokeIntended)
        await room.kms.prepare {
            ($0.materials, $0.blindLooks, $0.blindCalls) = (materials, 0, [:])
            $0.allowed["deleteMaterial"] = 1
        }
        return room
    }

    @Test(
        "material that is there again is not deleted again, but for people who signed that it may be the second time",
        arguments: [FakeKMS.Loss.answer, .request])
    func twice(_ loss: FakeKMS.Loss) async throws {
        let room = try await Self.left(loss)
        let before = await room.kms.deleted
        let intended = try await room.record().unsettledIntent?.seq
        // As often as it is run.
        for _ in 1...2 {
            guard case .waiting(.activate, 2, _) = try await room.engine().run() else {
                Issue.record("it does not wait for people")
                return
            }
        }
        #expect(await room.kms.deleted == before)
        guard case .activate(let subject)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("nothing to activate is open")
            return
        }
        #expect(subject.revocations?.map(\.intendedBefore) == [intended] && intended != nil)
        #expect(try await room.record().transcript.lines.count { $0.event.kind == .revokeAbandoned } == 1)
        try await room.expectBothSay("NOT CLOSED")
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted == before + ["CURRENT"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("what is gone by the time that it is signed again is taken as deleted, and not asked for")
    func goneMeanwhile() async throws {
        let room = try await Self.left(.request)
        try await room.advance(to: .activate)
        await room.kms.prepare { $0.forget("CURRENT") }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted.isEmpty)
        #expect(try await room.record().slots["payments"]?.revoked?.learned == .byLooking)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("a refusal that an earlier call may be the reason of is not on record: it is looked up")
    func refusedAfterAnother() async throws {
        let room = try await Self.left(.request)
        await room.kms.prepare { $0.refused["deleteMaterial"] = "NotFoundException" }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.remedy.contains("looked up before anything is done again") == true)
        #expect(try await room.record().openIntent?.kind == .revokeIntended)
        await room.kms.prepare { $0.forget("CURRENT") }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("people who end the ceremony during the last wait are heard before KMS is asked")
    func aborted() async throws {
        let room = try await Self.left(.request)
        try await room.advance(to: .activate)
        for name in ["ben", "carol"] { try await room.sign(.activate, as: name) }
        #expect(try await room.engine().run(until: .activate) == .reached(.activate))
        // The look for what an earlier call did, which may take minutes.
        await room.kms.prepare {
            $0.whileLooking = { _ in room.speakers.say(.abort(by: "ada", reason: "not this one")) }
        }
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().aborted != nil)
        #expect(await room.kms.deleted.isEmpty)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("KMS is not asked once the window is over, however long the look took; what was deleted is named then")
    func window() async throws {
        let room = try await Self.signed()
        let after = TestRoom.now.advanced(bySeconds: 3 * 3600)
        await room.kms.prepare { $0.whileLooking = { _ in room.clock.set(after) } }
        await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(await room.kms.deleted.isEmpty)
        #expect(try await room.record().openIntent == nil)
        room.clock.set(TestRoom.now.advanced(bySeconds: 60))
        try await room.advance(to: .close)
        room.clock.set(after)
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.remedy.contains("\(FakeKMS.key) without its material CURRENT") == true, "\(error?.remedy ?? "")")
    }

    @Test("an answer that is lost is looked for; what was not done is done, once")
    func lost() async throws {
        for loss in [FakeKMS.Loss.answer, .request] {
            let room = try await Self.signed()
            await room.kms.prepare { $0.lost["deleteMaterial"] = loss }
            if loss == .request { await #expect(throws: AnswerLost.self) { try await room.advance() } }
            #expect(try await room.advance() == .closed)
            let record = try await room.record()
            let requests = await room.kms.requests["delete"] ?? []
            #expect(requests.count == (loss == .answer ? 0 : 1))
            let learned = loss == .answer ? Learned.byLooking : Learned(request: requests.first)
            #expect(record.slots["payments"]?.revoked?.learned == learned)
            #expect(record.gates.statement(of: .activate)?.attempt == (loss == .request ? 2 : 1))
            #expect(await room.kms.deleted == ["CURRENT"])
            #expect(try room.verdict() == .verified)
        }
    }

    @Test("KMS that shows the deletion late is waited for, and asked for nothing twice")
    func late() async throws {
        let room = try await Self.signed()
        room.kms.settling.withLock { $0 = 30 }
        await room.kms.prepare { ($0.lost["deleteMaterial"], $0.blindCalls["deleteMaterial"]) = (.answer, 20) }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted == ["CURRENT"])
        #expect(try room.verdict() == .verified)
    }

    @Test("a refusal is on record, and the ceremony goes on once it is mended; one that leaves it open is looked up")
    func refused() async throws {
        let room = try await Self.signed()
        await room.kms.prepare { $0.refused["deleteMaterial"] = "AccessDeniedException" }
        await #expect(throws: ServiceRefused.self) { try await room.advance() }
        #expect(try await room.record().transcript.lines.last?.event.kind == .refused)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted == ["CURRENT"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test("what is imported again by somebody while it is looked at is told, and not deleted again")
    func importedAgain() async throws {
        let room = try await Self.signed()
        #expect(try await room.engine().run(until: .activate) == .reached(.activate))
        await room.kms.prepare { $0.lost["deleteMaterial"] = .answer }
        // Looked at before the call, and for the answer that was lost.
        await room.kms.prepare {
            $0.whileLooking = { kms in
                kms.whileLooking = { kms in kms.whileLooking = { $0.materials = Self.materials } }
            }
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("is deleted, and KMS shows it still") == true, "\(error?.what ?? "")")
        await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(await room.kms.deleted == ["CURRENT"])
    }

    @Test("what cannot be deleted so is told when it is planned")
    func planned() async throws {
        let other = "arn:aws:kms:eu-central-1:111122223333:key/other"
        let cases: [(Definition, @Sendable (isolated FakeKMS) -> Void, String)] = [
            (Self.definition(Self.stopping("unknown")), { _ in }, "has no material unknown"),
            (Self.definition(Self.stopping("PENDING_ROTATION")), { _ in }, "waiting for its rotation"),
            (Self.definition(Self.stopping("CURRENT")), { $0.state = "PendingDeletion" }, "the key is PendingDeletion"),
            (Self.definition(Self.stopping("CURRENT")), { $0.state = "Unavailable" }, "the key is Unavailable"),
            (
                Self.definition(Self.stopping("CURRENT")),
                { $0.materials = $0.materials.map(\.forgotten) }, "expired, or was deleted"
            ),
            (
                Self.definition(Self.stopping("CURRENT")), { $0.relatedKeys = [other] }, "one of several Regions"
            ),
            (
                Self.definition(Self.stopping("CURRENT")),
                { $0.aliases["alias/payments"] = $0.point(FakeKey(spec: "HMAC_256", usage: "GENERATE_VERIFY_MAC")) },
                "whose one material KMS does not name"
            ),
            (
                Self.definition(Self.stopping("CURRENT")),
                { $0.aliases["alias/payments"] = $0.point(FakeKey(origin: "AWS_KMS")) }, "the key's origin is AWS_KMS"
            ),
            (
                Self.definition(
                    DefinedKey(
                        alias: "alias/payments", key: other, strategy: .revoke, proof: false, material: "CURRENT")),
                { $0.others[other] = FakeKey(materials: Self.materials) }, "does not resolve to"
            ),
            (
                Self.definition(
                    Self.stopping("CURRENT"), DefinedKey(alias: "alias/other", strategy: .rotate, proof: false)),
                { _ in }, "keys to revoke stand beside others"
            ),
            (
                Self.definition(Self.stopping("CURRENT"), policy: QuorumPolicy(foldsActivate: true)), { _ in },
                "no release that could be signed"
            ),
            (
                Self.definition(DefinedKey(alias: "alias/payments", strategy: .revoke, proof: false)), { _ in },
                "material is named to be deleted by a revoke"
            ),
        ]
        for (definition, change, words) in cases {
            let error = await #expect(throws: CeremonyError.self) {
                try await TestRoom.ready(definition) { kms in
                    kms.materials = Self.materials
                    change(kms)
                }
            }
            #expect(error?.what.contains(words) == true, "\(error?.what ?? "") / \(words)")
        }
    }

    @Test("a machine that takes over finds what the first one deleted, and deletes nothing")
    func otherMachine() async throws {
        let room = try await Self.signed()
        await room.kms.prepare { $0.lost["deleteMaterial"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        // What came late: the request was under way still.
        await room.kms.prepare { $0.forget("CURRENT") }
        room.environment.set(.make(programs: [ProgramDigest(host: "host", program: .init(of: [7]))]))
        let engine = try room.engine()
        let outcome = try await engine.run(moved: Moved(by: "ada", why: "the first one's disk is full"))
        guard case .waiting(.activate, 2, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        guard case .activate(let subject)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("nothing to activate is open")
            return
        }
        #expect(subject.revocations?.first?.intendedBefore != nil)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted.isEmpty)
        #expect(try await room.record().slots["payments"]?.revoked?.learned == .byLooking)
        try await room.expectBothSay("VERIFIED")
    }
}

extension FakeKMS {
    /// Somebody else deletes material, or it expires.
    fileprivate func forget(_ material: String) {
        materials = materials.map { $0.id == material ? $0.forgotten : $0 }
    }

    /// The ARN of a key that is made for it.
    fileprivate func point(_ key: FakeKey = FakeKey()) -> String {
        point("alias/elsewhere", to: key)
        return Self.key + "-\(others.count)"
    }
}
