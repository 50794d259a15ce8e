import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("Material that a key had before comes back from the HSM key that it came from, and from no other")
struct ReimportTests {
    static let label = "keyrite/earlier/payments"
    static let id = Hex.encode([UInt8](repeating: 7, count: 16))
    static let month = Expiry.at(TestRoom.now.advanced(bySeconds: 30 * 86_400))

    /// A key that the HSM kept, and KMS's name of its material.
    struct Kept {
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

    static func definition(
        _ keys: DefinedKey..., policy: QuorumPolicy = QuorumPolicy(), hours: Int = 1
    ) -> Definition {
        Definition(
            title: "Again", windowHours: hours, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys, policy: policy)
    }

    static let old = KMSMaterial(id: "old", state: .nonCurrent, description: nil, onDemand: false)
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
    var current: KMSMaterial {
        KMSMaterial(id: id, state: .current, description: description, onDemand: onDemand)
    }
}
