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
    private static let materials = all.map {
        KMSMaterial(id: $0.rawValue, state: .init(rawValue: $0.rawValue) ?? .other, description: nil, onDemand: false)
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
        "deletes just what was planned, be it current, old or pending, and needs no release, and no key of the HSM",
        arguments: all)
    func whole(_ state: RevokedMaterial.State) async throws {
        let room = try await Self.room(state.rawValue)
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted == [state.rawValue])
        #expect(await left(in: room) == Self.all.map(\.rawValue).filter { $0 != state.rawValue })
        let record = try await room.record()
        #expect(record.gates.passed.map(\.statement.gate) == [.authorize, .activate, .close])
        let kinds = record.transcript.lines.map(\.event.kind).filter {
            ![.runStarted, .gateOpened, .approval, .gatePassed, .closed].contains($0)
        }
        #expect(kinds == [.revokeIntended, .revoked, .revocationVerified])
        let keyState = state == .pendingRotation ? "Enabled" : "PendingImport"
        #expect(record.slots["payments"]?.revocationVerified?.keyState == keyState)
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
            #expect(revocation.effect == (state == .pendingRotation ? .unchanged : .unusable))
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
    ]

    @Test(
        "whatever somebody else does before is refused with what to do, and nothing is deleted",
        arguments: 0..<5)
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

    @Test(
        "what happens in the last moment, once the intent is on disk, is noticed by the look directly before the call")
    func lastMoment() async throws {
        let room = try await Self.signed("PENDING_ROTATION")
        // The first look finds it pending; before the second one it was made current.
        await room.kms.prepare {
            $0.whileLooking = { kms in
                kms.whileLooking = { kms in
                    kms.materials = [
                        KMSMaterial(id: "CURRENT", state: .nonCurrent, description: nil, onDemand: false),
                        KMSMaterial(id: "PENDING_ROTATION", state: .current, description: nil, onDemand: true),
                    ]
                }
            }
        }
        for _ in 1...2 {
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            #expect(error?.what.contains("was rotated since the plan") == true, "\(error?.what ?? "")")
            #expect(await room.kms.deleted.isEmpty, "the current material is never hit")
            #expect(await left(in: room) == ["CURRENT", "PENDING_ROTATION"])
        }
        #expect(try await room.record().openIntent?.kind == .revokeIntended)
    }

    @Test("an answer that is lost is looked for; what was not done is done, once")
    func lost() async throws {
        for (loss, learned) in [(FakeKMS.Loss.answer, Learned.byLooking), (.request, Learned(request: "delete-1"))] {
            let room = try await Self.signed()
            await room.kms.prepare { $0.lost["deleteMaterial"] = loss }
            if loss == .request { await #expect(throws: AnswerLost.self) { try await room.advance() } }
            #expect(try await room.advance() == .closed)
            #expect(try await room.record().slots["payments"]?.revoked?.learned == learned)
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
        // Looked at by each of the two looks before, and the one that finds the lost answer.
        await room.kms.prepare {
            $0.whileLooking = { kms in
                kms.whileLooking = { kms in
                    kms.whileLooking = { kms in kms.whileLooking = { $0.materials = Self.materials } }
                }
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
        await room.kms.prepare { $0.materials = $0.materials.map { $0.id == "CURRENT" ? $0.forgotten : $0 } }
        room.environment.set(.make(programs: [ProgramDigest(host: "host", program: .init(of: [7]))]))
        let engine = try room.engine()
        let outcome = try await engine.run(moved: Moved(by: "ada", why: "the first one's disk is full"))
        guard case .waiting(.activate, 2, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try await room.advance() == .closed)
        #expect(await room.kms.deleted.isEmpty)
        #expect(try await room.record().slots["payments"]?.revoked?.learned == .byLooking)
        try await room.expectBothSay("VERIFIED")
    }
}

extension FakeKMS {
    /// The ARN of a key that is made for it.
    fileprivate func point(_ key: FakeKey = FakeKey()) -> String {
        point("alias/elsewhere", to: key)
        return Self.key + "-\(others.count)"
    }
}
