import Ceremony
import CryptoPrimitives
import Evidence
import Synchronization
import Testing

@Suite("First imports and replacements, with an HSM and a KMS that refuse to do anything twice")
struct StrategyTests {
    static let fresh = "arn:aws:kms:eu-central-1:111122223333:key/fresh"
    private static let made = FakeKMS.key + "-1"
    private static let replica = "arn:aws:kms:eu-west-1:111122223333:key/1"

    private static func definition(_ keys: DefinedKey...) -> Definition {
        Definition(title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys)
    }

    private static let firstImport = DefinedKey(alias: "alias/new", key: fresh, strategy: .import, proof: true)
    private static let replacement = DefinedKey(alias: "alias/payments", strategy: .replace, proof: true)

    /// A room with a key that waits for its first material, and a plan for it.
    static func importing(_ key: DefinedKey = firstImport) async throws -> TestRoom {
        try await TestRoom.ready(definition(key)) { kms in
            kms.others[fresh] = FakeKey()
            kms.aliases["alias/new"] = .some(nil)
        }
    }

    static func replacing(_ key: DefinedKey = replacement) async throws -> TestRoom {
        try await TestRoom.ready(definition(key)) { $0.grants = [grant] }
    }

    private static let grant = PlanGrant(
        id: "g1", name: "backups", grantee: "arn:aws:iam::111122223333:role/backup", retiring: nil,
        operations: ["Decrypt"], constraints: nil)

    @Test("a first import is proved, gets its alias, and verifies")
    func firstImport() async throws {
        let room = try await Self.importing()
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
        let slot = try #require(try await room.record().slots["new"])
        #expect(slot.aliasSet?.target == Self.fresh)
        #expect(slot.rotated == nil)
        #expect(slot.verified?.oldMaterial == nil)
        #expect(slot.verified?.newMaterial == slot.imported?.material)
        #expect(await room.kms.aliases["alias/new"] == Self.fresh)
        #expect(await room.kms.allowed["rotate"] == 1)
    }

    @Test("the release of a first import says that it takes effect at the import, and others that it does not")
    func takesEffect() async throws {
        for (room, effect) in [
            (try await Self.importing(), TakesEffect.atImport), (try await Self.replacing(), .atActivation),
            (try await TestRoom.ready(), .atActivation),
        ] {
            try await room.advance(to: .release)
            guard case .release(let subject)? = try await room.record().gates.open?.statement.subject else {
                Issue.record("no release is open")
                continue
            }
            #expect(subject.slots.map(\.takesEffect) == [effect])
        }
    }

    @Test("a first import behind an alias that points to the key already changes no alias; one without an alias none")
    func noAliasToMake() async throws {
        for key in [
            DefinedKey(alias: "alias/there", strategy: .import, proof: false),
            DefinedKey(alias: nil, key: Self.fresh, strategy: .import, proof: false),
        ] {
            let room = try await TestRoom.ready(Self.definition(key)) { kms in
                kms.others[Self.fresh] = FakeKey()
                kms.aliases["alias/there"] = Self.fresh
            }
            #expect(try await room.advance() == .closed)
            #expect(try room.verdict() == .verified)
            #expect(await room.kms.allowed["createAlias"] == 1)
            let slot = try #require(try await room.record().slots.values.first)
            #expect(slot.aliasSet == nil)
            #expect(slot.verified?.alias == key.alias)
        }
    }

    @Test("an alias that another made while people signed stops the ceremony before it is touched")
    func aliasMadeByAnother() async throws {
        let room = try await Self.importing()
        try await room.advance(to: .activate)
        for name in ["ben", "carol"] { try await room.sign(.activate, as: name) }
        #expect(try await room.engine().run(until: .activate) == .reached(.activate))
        await room.kms.prepare { $0.aliases["alias/new"] = FakeKMS.key }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("alias/new does not resolve to what the activation was signed for") == true)
        #expect(await room.kms.allowed["createAlias"] == 1)
    }

    @Test("a replacement makes the key that people authorized, moves the alias, keeps the old key, and verifies")
    func replacement() async throws {
        let room = try await Self.replacing()
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
        let record = try await room.record()
        let slot = try #require(record.slots["payments"])
        #expect(slot.created?.key == Self.made)
        #expect(slot.aliasSet?.target == Self.made)
        #expect(slot.verified?.oldMaterial == "old")
        #expect(slot.verified?.newMaterial == slot.imported?.material)
        let made = try #require(await room.kms.others[Self.made])
        #expect(made.settings.description == "the old key")
        #expect(made.settings.tags.map(\.key) == ["Service", "keyrite"])
        #expect(made.settings.tags.last?.value == record.plan.slots[0].label)
        #expect(await room.kms.materials.map(\.id) == ["old"], "the old key is as it was")
        #expect(await room.kms.allowed["rotate"] == 1)
    }

    @Test("what the new key will be, how it differs from the old one, and the old key's grants are shown to authorize")
    func differencesShown() async throws {
        let changes = KeyChanges(
            policy: "{\n \"Statement\": [1]\n}", description: "the new key", tags: ["Owner": "ops"])
        let room = try await Self.replacing(
            DefinedKey(alias: "alias/payments", strategy: .replace, proof: true, changes: changes))
        try await room.advance(to: .authorize)
        guard case .authorize(let subject)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("nothing to authorize is open")
            return
        }
        let slot = subject.slots[0]
        #expect(slot.new?.policy == "{%0A \"Statement\": [1]%0A}")
        #expect(slot.new?.policyDigest == SHA256Digest(of: Array("{\n \"Statement\": [1]\n}".utf8)))
        #expect(slot.grants == [Self.grant])
        #expect(
            subject.differences == [
                Difference(
                    slot: "payments", what: "key policy", planned: slot.new?.policyDigest.hex ?? "",
                    observed: slot.policy.hex),
                Difference(
                    slot: "payments", what: "lines of the key policy", planned: "2:  \"Statement\": [1]",
                    observed: "2:  \"Statement\": []"),
                Difference(slot: "payments", what: "description", planned: "the new key", observed: "the old key"),
                Difference(slot: "payments", what: "tag Owner, added", planned: "ops", observed: ""),
                Difference(slot: "payments", what: "tag Service, left out", planned: "", observed: "payments"),
                Difference(slot: "payments", what: "tag keyrite, added", planned: slot.label, observed: ""),
            ])
    }

    @Test("a key whose answer was lost is found by its tag, and not made again")
    func createAnswerLost() async throws {
        let room = try await Self.replacing()
        await room.kms.prepare { $0.lost["createKey"] = .answer }
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().slots["payments"]?.created?.learned == .byLooking)
        #expect(try room.verdict() == .verified)
    }

    @Test("a key that KMS does not show at once is waited for before another is made")
    func createShownLater() async throws {
        let room = try await Self.replacing()
        await room.kms.prepare {
            $0.lost["createKey"] = .answer
            $0.blindSearches = 1
            $0.settling.withLock { $0 = 120 }
        }
        let start = room.clock.now()
        #expect(try await room.advance() == .closed)
        #expect(room.clock.now().epochSeconds - start.epochSeconds == 120)
        #expect(await room.kms.others.count == 1)
    }

    @Test(
        "a request that was lost leaves its intent open, and the next run settles it",
        arguments: ["createKey", "updateAlias"])
    func requestLost(call: String) async throws {
        let room = try await Self.replacing()
        await room.kms.prepare { $0.lost[call] = .request }
        await #expect(throws: AnswerLost(call: call)) { try await room.advance() }
        #expect(try await room.record().openIntent != nil)
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
        #expect(await room.kms.others.count == 1)
    }

    @Test("an alias whose answer was lost is looked up", arguments: [true, false])
    func aliasAnswerLost(replaces: Bool) async throws {
        let room = replaces ? try await Self.replacing() : try await Self.importing()
        await room.kms.prepare { $0.lost[replaces ? "updateAlias" : "createAlias"] = .answer }
        #expect(try await room.advance() == .closed)
        #expect(try await room.record().slots.values.first?.aliasSet?.learned == .byLooking)
        #expect(try room.verdict() == .verified)
    }

    @Test("two keys with the ceremony's tag stop it, and so does one that may be among keys that cannot be read")
    func ambiguous() async throws {
        for unreadable in [0, 3] {
            let room = try await Self.replacing()
            let tag = try await room.record().plan.slots[0].marker
            await room.kms.prepare { kms in
                kms.lost["createKey"] = .request
                kms.unreadable = unreadable
                guard unreadable == 0 else { return }
                for name in ["x", "y"] {
                    kms.others["arn:aws:kms:eu-central-1:111122223333:key/\(name)"] = FakeKey(
                        settings: KeySettings(description: "", multiRegion: false, policy: "{}", tags: [tag]))
                }
            }
            let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
            let message = unreadable == 0 ? "2 keys carry the tag" : "3 keys do not let their tags be read"
            #expect(error?.what.contains(message) == true, "\(String(describing: error))")
            #expect(await room.kms.allowed["createKey"] == 1)
        }
    }

    @Test("a key found by its tag that is not what the plan says is not taken")
    func foundOtherwise() async throws {
        let room = try await Self.replacing()
        await room.kms.prepare { $0.lost["createKey"] = .answer }
        await room.kms.prepare { $0.blindSearches = 1 }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        await room.kms.prepare {
            $0.others[Self.made]?.materials = [
                KMSMaterial(id: "x", state: .current, description: nil, onDemand: false)
            ]
        }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains("is not what the plan says") == true)
        #expect(try await room.record().slots["payments"]?.created == nil)
    }

    @Test("a policy that KMS reads back otherwise, or that changed, is a difference of the release, line by line")
    func policyReadOtherwise() async throws {
        let room = try await Self.replacing()
        await room.kms.prepare {
            $0.policyReadAs = "{}"
            $0.policy = PolicyText("{\n}")
        }
        try await room.advance(to: .release)
        guard case .release(let subject)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("no release is open")
            return
        }
        #expect(subject.slots.map(\.key) == [Self.made])
        #expect(
            subject.differences.map(\.what) == [
                "policy of the new key", "lines of the policy of the new key", "policy of the old key",
                "lines of the policy of the old key",
            ])
        let digests = ["{}", "{\n}"].map { SHA256Digest(of: Array($0.utf8)).hex }
        #expect(subject.differences.map(\.observed) == [digests[0], "1: {}", digests[1], ""])
        #expect(subject.differences.last?.planned == "2:  \"Statement\": []")
    }

    @Test("a replica of the old key that somebody makes after the plan stops the ceremony before its release")
    func replicatedAfterPlan() async throws {
        let room = try await Self.replacing()
        await room.kms.prepare { $0.relatedKeys = [Self.replica] }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(
            error?.description == "The old key of payments has replicas since the plan: \(Self.replica). "
                + "alias/payments was not touched: they would stay behind. Find out who made them")
        #expect(try await room.record().nextGate == .release)
        #expect(await room.hsm.allowed["wrap"] == 1)
    }

    @Test("what changed after *activate* was signed stops before the alias moves", arguments: Change.allCases)
    func changedAfterActivate(_ change: Change) async throws {
        let room = try await Self.replacing()
        try await room.advance(to: .activate)
        for name in ["ben", "carol"] { try await room.sign(.activate, as: name) }
        #expect(try await room.engine().run(until: .activate) == .reached(.activate))
        await room.kms.prepare { change.happen(in: $0) }
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains(change.message) == true, "\(String(describing: error))")
        #expect(await room.kms.allowed["updateAlias"] == 1)
    }

    enum Change: CaseIterable {
        case aliasMoved, policy, newMaterial, oldMaterial, replicated

        func happen(in kms: isolated FakeKMS) {
            let other = [KMSMaterial(id: "x", state: .current, description: nil, onDemand: false)]
            switch self {
            case .aliasMoved: kms.aliases["alias/payments"] = "arn:aws:kms:eu-central-1:111122223333:key/x"
            case .policy:
                kms.others[made]?.settings = KeySettings(description: "", multiRegion: false, policy: "[]", tags: [])
            case .newMaterial: kms.others[made]?.materials = other
            case .oldMaterial: kms.materials = other
            case .replicated: kms.relatedKeys = [replica]
            }
        }

        var message: String {
            switch self {
            case .aliasMoved: "does not resolve to what the activation was signed for"
            case .replicated: "has replicas since the plan"
            case .policy, .newMaterial, .oldMaterial: "no longer as the activation was signed"
            }
        }
    }

    @Test("nothing is fetched for a key that is still to be made, while people sign *authorize*")
    func noFetchBeforeCreate() async throws {
        let room = try await Self.replacing()
        let engine = try room.engine()
        _ = try await engine.run()
        try await engine.fetchWhilePeopleSign()
        #expect(await engine.record.transcript.lines.map(\.event.kind) == [.runStarted, .gateOpened])
    }

    @Test("one ceremony can import, rotate and replace, each key by its strategy")
    func mixed() async throws {
        let rotation = DefinedKey(alias: "alias/ledger", strategy: .rotate, proof: false)
        let old = "arn:aws:kms:eu-central-1:111122223333:key/o"
        let definition = Self.definition(Self.firstImport, rotation, Self.replacement)
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
        #expect(try room.verdict() == .verified)
        let slots = try await room.record().slots
        #expect(slots.mapValues { $0.rotated != nil } == ["new": false, "ledger": true, "payments": false])
        #expect(slots.mapValues { $0.aliasSet != nil } == ["new": true, "ledger": false, "payments": true])
    }
}

@Suite("A plan is held to what its strategies need, whoever wrote it")
struct PlanSlotTests {
    private static let other = String(repeating: "5", count: 64)

    @Test(
        "a slot with a field of another strategy, or without one of its own, is refused",
        arguments: [
            (Strategy.replace, "rotationsUsed", JSONValue.integer(0)), (.replace, "grants", nil),
            (.replace, "old", nil), (.replace, "createsAlias", .bool(false)), (.replace, "probe", nil),
            (.rotate, "rotationsUsed", nil), (.rotate, "alias", nil), (.rotate, "grants", .array([])),
            (.import, "createsAlias", nil), (.import, "alias", nil), (.import, "currentMaterial", .string("x")),
        ] as [(Strategy, String, JSONValue?)])
    func fields(strategy: Strategy, field: String, value: JSONValue?) async throws {
        try await expectRefusal("has not the fields of \(strategy.rawValue)", of: strategy) { $0[field] = value }
    }

    @Test(
        "a new key's settings must be whole and fit together",
        arguments: [
            ("new", "policy", JSONValue.string("{}"), "the new key of payments has a policy of another digest"),
            (
                "new", "policy", .string("%7B"),
                "the new key of payments has a policy that is not percent-encoded in its one form"
            ),
            ("old", "policyDigest", .string(other), "the old key of payments has another policy than the slot"),
            ("new", "tags", .array([]), "has not the tag by which it is found again"),
        ])
    func settings(whose: String, field: String, value: JSONValue, message: String) async throws {
        try await expectRefusal(message, of: .replace) { slot in
            guard case .object(var settings)? = slot[whose] else { return }
            settings[field] = value
            slot[whose] = .object(settings)
        }
    }

    @Test("tags that are not sorted, or that stand twice, are refused", arguments: [["b", "a"], ["a", "a"]])
    func tags(keys: [String]) async throws {
        try await expectRefusal("has tags that are not sorted", of: .replace) { slot in
            guard case .object(var old)? = slot["old"] else { return }
            old["tags"] = .array(keys.map { .object(["key": .string($0), "value": .string("")]) })
            slot["old"] = .object(old)
        }
    }

    /// Changes the one slot of a good plan, and reads it back.
    private func expectRefusal(
        _ message: String, of strategy: Strategy, _ change: (inout [String: JSONValue]) -> Void
    ) async throws {
        let fresh = FakeKMS.key + "-fresh"
        let key = DefinedKey(
            alias: "alias/payments", key: strategy == .import ? fresh : nil, strategy: strategy, proof: true)
        let definition = Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"), keys: [key])
        let room = try await TestRoom.ready(definition) { kms in
            guard strategy == .import else { return }
            kms.others[fresh] = FakeKey()
            kms.aliases["alias/payments"] = .some(nil)
        }
        guard case .object(var plan) = try CanonicalJSON.parse(try room.folder.read(Plan.path)),
            case .array(let slots)? = plan["slots"], case .object(var slot)? = slots.first
        else { throw EvidenceError(Plan.path, "a test wanted a plan with a slot") }
        change(&slot)
        plan["slots"] = .array([.object(slot)])
        try room.folder.write(try CanonicalJSON.encode(JSONValue.object(plan)), to: Plan.path)
        let error = #expect(throws: EvidenceError.self) { try FrozenCeremony(reading: room.folder) }
        #expect(error?.path == Plan.path)
        #expect(error?.reason.contains(message) == true, "\(String(describing: error))")
    }
}
