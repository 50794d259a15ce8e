import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("A release that is signed for the activation too")
struct FoldingTests {
    private static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
    private static let folded = QuorumPolicy(foldsActivate: true)
    private static let rotation = DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true)

    private static func definition(
        _ keys: DefinedKey..., policy: QuorumPolicy = folded, windowHours: Int = 1
    ) -> Definition {
        Definition(
            title: "A test", windowHours: windowHours, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys,
            policy: policy)
    }

    private static func release(of room: TestRoom) async throws -> ReleaseSubject {
        let record = try await room.record()
        guard
            case .release(let subject)? = (record.gates.statement(of: .release) ?? record.gates.open?.statement)?
                .subject
        else { throw Unprepared(call: "no release") }
        return subject
    }

    @Test("names everything of it but the material, for which it has the commitment, and no gate activate opens")
    func rotated() async throws {
        let room = try await TestRoom.ready(Self.definition(Self.rotation))
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        let record = try await room.record()
        #expect(record.gates.passed.map(\.statement.gate) == [.authorize, .release, .close])
        let slot = try #require(record.slots["payments"])
        let said = try #require(try await Self.release(of: room).activations?.first)
        #expect(said.commitment == slot.generated?.commitment)
        #expect(
            [said.alias, said.aliasTargetBefore, said.aliasTargetAfter] == ["alias/payments", FakeKMS.key, FakeKMS.key])
        #expect(said.materialBefore == "old" && said.rotationsUsed == 0)
        #expect(record.activation(of: "payments")?.materialAfter == slot.imported?.material)
        #expect(slot.verified?.newMaterial == slot.imported?.material)
    }

    @Test("is had for a first import, a rotation and a replacement in one ceremony")
    func mixed() async throws {
        let old = "arn:aws:kms:eu-central-1:111122223333:key/o"
        let definition = Self.definition(
            DefinedKey(alias: "alias/new", key: Self.fresh, strategy: .import, proof: true),
            DefinedKey(alias: "alias/ledger", strategy: .rotate, proof: false),
            DefinedKey(alias: "alias/payments", strategy: .replace, proof: true))
        let room = try await TestRoom.ready(definition) { kms in
            kms.others[Self.fresh] = FakeKey()
            kms.others[old] = FakeKey(
                materials: [KMSMaterial(id: "o", state: .current, description: nil, onDemand: false)])
            kms.aliases = ["alias/new": nil, "alias/payments": old]
            kms.allowed["import"] = 3
            kms.allowed["prove"] = 2
        }
        await room.hsm.prepare { $0.allowed = ["generate": 3, "wrap": 1, "removeCheckUsage": 3] }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        #expect(try await Self.release(of: room).activations?.map(\.slot) == ["new", "ledger", "payments"])
    }

    @Test("needs what both gates need")
    func bothQuorums() async throws {
        let rules = [
            RaisedRule(gate: .release, requirements: [GateRequirement(role: .custodian, count: 3)]),
            RaisedRule(gate: .activate, requirements: [GateRequirement(role: .witness, count: 1)]),
        ]
        let room = try await TestRoom.ready(
            Self.definition(Self.rotation, policy: QuorumPolicy(rules: rules, foldsActivate: true)))
        try await room.advance(to: .release)
        let needs = [GateRequirement(role: .custodian, count: 3), GateRequirement(role: .witness, count: 1)]
        #expect(try await room.record().missing == needs)
        for name in ["ben", "carol", "dan", "wendy"] { try await room.sign(.release, as: name) }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    /// What somebody does to KMS between the release's signatures and the first effect of the activation.
    enum Change: CaseIterable {
        case aliasMoved, policy, rotation, material

        func happen(in kms: isolated FakeKMS) {
            switch self {
            case .aliasMoved: kms.aliases["alias/payments"] = "arn:aws:kms:eu-central-1:111122223333:key/x"
            case .policy: kms.policy = PolicyText("{}")
            case .rotation:
                kms.materials.append(KMSMaterial(id: "x", state: .nonCurrent, description: nil, onDemand: true))
            case .material: kms.materials.removeAll { $0.state == .pendingRotation }
            }
        }
    }

    @Test("lets nothing be activated that is not found as it was signed", arguments: Change.allCases)
    func changed(_ change: Change) async throws {
        let room = try await TestRoom.ready(Self.definition(Self.rotation))
        try await room.advance(until: .prove)
        await room.kms.prepare { change.happen(in: $0) }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        let message =
            change == .material
            ? "KMS does not show the imported material of payments"
            : "alias/payments is not what the release was signed to activate"
        #expect(error?.what.contains(message) == true, "\(String(describing: error))")
        #expect(await room.kms.allowed["rotate"] == 1)
        #expect(try await room.record().slots["payments"]?.rotated == nil)
    }

    @Test("is signed anew with everything in it when a proof's wrapping key expired, and carries out that one")
    func releasedAgain() async throws {
        let room = try await TestRoom.ready(Self.definition(Self.rotation, windowHours: 48))
        await room.hsm.prepare { $0.allowed["wrap"] = 2 }
        try await room.advance(until: .import)
        let late = TestRoom.now.advanced(bySeconds: 25 * 3600)
        room.clock.set(late)
        await room.kms.prepare { $0.now = late }
        #expect(try await room.advance() == .closed)
        let release = try await Self.release(of: room)
        #expect(release.slots.map { $0.import == nil } == [true])
        #expect(release.activations?.map(\.slot) == ["payments"])
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "of a key that is not retained waits for the exhibit and the exception", arguments: [Retention.lock, .destroy])
    func notRetained(_ retention: Retention) async throws {
        let custody = Custody(retention: retention, backup: "backup.pdf")
        let key = DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true, custody: custody)
        let room = try await TestRoom.ready(Self.definition(key))
        let first = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            first?.description
                == "The plan is to \(retention.rawValue) payments and folds activate into release, and there "
                + "is not on record the exhibit backup.pdf, which shows a restored backup of the key. Put it on record; "
                + "nothing is released before. Without a backup, freeze a plan that retains it")
        #expect(try await room.record().gates.open == nil)
        room.speakers.say(.exhibit(by: "ada", name: "backup.pdf", what: "a backup", bytes: [1]))
        await #expect(throws: CeremonyError.self) { try await room.advance() }
        room.speakers.say(
            .exception(by: "ada", what: "\(retention.rawValue) payments", why: "the law", remedy: "the backup"))
        #expect(try await room.advance() == .closed)
        #expect(try await Self.release(of: room).activations?.first?.backup == SHA256Digest(of: [1]))
        try await room.expectBothSay("VERIFIED")
    }

    @Test("cannot be had where the plan separates activate from another gate")
    func separated() async throws {
        let policy = QuorumPolicy(separate: [Separation(.authorize, .activate)], foldsActivate: true)
        let error = await #expect(throws: CeremonyError.self) {
            try await TestRoom.ready(Self.definition(Self.rotation, policy: policy))
        }
        #expect(
            error?.description == "policy.separate: activate is separated from another gate, and folded into release. "
                + "Separate release in its place")
    }
}
