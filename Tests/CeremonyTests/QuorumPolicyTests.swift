import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What a plan asks of the quorum beyond the roster")
struct QuorumPolicyTests {
    /// A policy, and what is said of it beside a roster of three custodians and a witness.
    struct Flaw: Sendable, CustomTestStringConvertible {
        let message: String
        let policy: QuorumPolicy
        var testDescription: String { message }

        init(_ message: String, _ policy: QuorumPolicy) {
            self.message = message
            self.policy = policy
        }

        init(_ message: String, _ rules: [(Gate, [(Role, Int)])]) {
            self.init(
                message,
                QuorumPolicy(
                    rules: rules.map { gate, needs in
                        RaisedRule(gate: gate, requirements: needs.map { GateRequirement(role: $0.0, count: $0.1) })
                    }))
        }
    }

    private static let order =
        "the rules of gates are not in their order, or one stands there twice. Keep one rule a gate"
    private static let fewer = "Enrol more of that role, or ask for fewer"

    static let flaws = [
        Flaw(
            "policy.approvalHours: approvals that count for 0 hours. Choose between 1 and 168 hours, or leave it out",
            QuorumPolicy(approvalHours: 0)),
        Flaw(
            "policy.approvalHours: approvals that count for 169 hours. Choose between 1 and 168 hours, or leave it out",
            QuorumPolicy(approvalHours: 169)),
        Flaw("policy.rules: " + order, [(.close, [(.witness, 1)]), (.close, [(.witness, 1)])]),
        Flaw(
            "policy.rules.release: the rule of release names no role. Name a role and how many of it, or leave the gate out",
            [(.release, [])]),
        Flaw(
            "policy.rules.release: the rule of release names a role twice. Give each role one count",
            [(.release, [(.custodian, 2), (.custodian, 3)])]),
        Flaw(
            "policy.rules.release: the rule of release counts the administrator. Count custodians, witnesses or auditors",
            [(.release, [(.administrator, 1)])]),
        Flaw(
            "policy.rules.release: the rule of release asks for 0 of role witness. Give a count of at least 1, or leave the "
                + "role out", [(.release, [(.witness, 0)])]),
        Flaw(
            "policy.rules.release: the rule of release asks for 1 of role custodian, and the roster for 2. A plan can raise "
                + "what the roster asks, never lower it", [(.release, [(.custodian, 1)])]),
        Flaw(
            "policy.rules.release: release needs 4 of role custodian, and the roster has 3. \(fewer)",
            [(.release, [(.custodian, 4)])]),
        Flaw(
            "policy.rules.release: release needs 1 of role auditor, and the roster has 0. \(fewer)",
            [(.release, [(.auditor, 1)])]),
        Flaw(
            "policy.separate: release is separated from itself. Name two gates",
            QuorumPolicy(separate: [Separation(.release, .release)])),
        Flaw(
            "policy.separate: the pairs of separate gates are not in order, or one stands there twice. Keep each pair once",
            QuorumPolicy(separate: [Separation(.release, .close), Separation(.close, .release)])),
        Flaw(
            "policy.separate: release needs 2 of role custodian, others than the 2 of authorize, and the roster has 3. "
                + fewer, QuorumPolicy(separate: [Separation(.release, .authorize)])),
        Flaw(
            "policy.separate: release needs \(Int.max) of role custodian, others than the 2 of authorize, and the roster "
                + "has 3. \(fewer)",
            QuorumPolicy(
                rules: [
                    RaisedRule(gate: .release, requirements: [GateRequirement(role: .custodian, count: Int.max)])
                ], separate: [Separation(.release, .authorize)])),
    ]

    @Test("people whose keys count at no time of the plan's window are nobody to plan with")
    func ended() async throws {
        let time = TestRoom.now.advanced(bySeconds: 73 * 3600)
        let error = await #expect(throws: CeremonyError.self) { try await TestRoom.ready(at: time) }
        let until = time.advanced(bySeconds: 3600)
        #expect(
            error?.what.contains(
                "authorize needs 2 of role custodian, and the roster has 0 whose keys count between \(time) and \(until)"
            )
                == true, "\(String(describing: error))")
        #expect(error?.remedy == "Enrol more of that role, or ask for fewer")
    }

    @Test(
        "what people cannot keep, or what would lower the roster's rules, is refused when it is planned",
        arguments: flaws)
    func refusedAtPlan(_ flaw: Flaw) async throws {
        let error = await #expect(throws: CeremonyError.self) {
            try await TestRoom.ready(TestRoom.definition(flaw.policy))
        }
        #expect(error?.description == flaw.message)
    }

    @Test("gates that are each separate from others leave enough people for every choice that was made before")
    func separateFromSeveral() async throws {
        let one = [GateRequirement(role: .custodian, count: 1)]
        let rules = GateRules(
            authorize: one, release: one, activate: one, close: one + one.map { _ in Self.witness }, change: one)
        let apart = [Separation(.authorize, .close), Separation(.release, .close)]
        _ = try await TestRoom.ready(TestRoom.definition(QuorumPolicy(separate: apart)), rules: rules)
        let error = await #expect(throws: CeremonyError.self) {
            let raised = RaisedRule(gate: .release, requirements: [GateRequirement(role: .custodian, count: 2)])
            try await TestRoom.ready(
                TestRoom.definition(QuorumPolicy(rules: [raised], separate: apart)), rules: rules)
        }
        #expect(
            error?.description
                == "policy.separate: close needs 1 of role custodian, others than the 1 of authorize and the "
                + "2 of release, and the roster has 3. \(Self.fewer)")
    }

    private static let witness = GateRequirement(role: .witness, count: 1)

    @Test(
        "a gate that the plan raised waits for what it asks, in every account of it, and both verifiers hold it to that"
    )
    func raised() async throws {
        let needs = [GateRequirement(role: .custodian, count: 3), Self.witness]
        let room = try await TestRoom.ready(
            TestRoom.definition(QuorumPolicy(rules: [RaisedRule(gate: .release, requirements: needs)])))
        try await room.advance(to: .release)
        #expect(try await room.record().requirements(at: .release) == needs)
        #expect(try await room.engine().run() == .waiting(gate: .release, attempt: 1, missing: needs))
        for name in ["ben", "carol"] { try await room.sign(.release, as: name) }
        let missing = [GateRequirement(role: .custodian, count: 1), Self.witness]
        #expect(try await room.engine().run() == .waiting(gate: .release, attempt: 1, missing: missing))
        #expect(try await room.record().missing == missing)

        // What the roster asks is there; what the plan asks is not.
        let counted = try #require(try await room.record().gates.open?.approvals)
        let before = try room.folder.read(Transcript.path)
        try await room.append(.gatePassed(GatePassed(gate: .release, attempt: 1, counted: counted)))
        try await room.expectBothSay("REFUSED", "the quorum of the roster is not there")
        try room.folder.write(before, to: Transcript.path)

        for name in ["dan", "wendy"] { try await room.sign(.release, as: name) }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("whoever was counted at a gate cannot approve at the one that is separate from it, and can refuse")
    func separate() async throws {
        let room = try await Self.separated()
        try await room.engine().runToGate()
        try await room.sign(.authorize, as: "dan")
        try await room.engine().runToGate()
        let approvers = try await room.record().approvers(of: .custodian, at: .release).map(\.name)
        #expect(approvers == ["ben", "carol"])

        let error = await #expect(throws: CeremonyError.self) { try await room.sign(.release, as: "dan") }
        #expect(
            error?.description
                == "The approval by dan would not count: dan was counted at authorize, from which the plan "
                + "separates this gate. Nothing was written. Others must sign here; whoever signed there can still refuse"
        )
        try await room.sign(.release, as: "dan", .refuse(reason: "not so"))
        let two = [GateRequirement(role: .custodian, count: 2)]
        #expect(try await room.engine().run() == .waiting(gate: .release, attempt: 2, missing: two))
        try await room.advance()
        try await room.expectBothSay("VERIFIED")
    }

    @Test(
        "an approval that was written by hand to get around the separation does not count, and both verifiers name it")
    func forgedSeparate() async throws {
        let room = try await Self.separated()
        try await room.engine().runToGate()
        try await room.sign(.authorize, as: "dan")
        try await room.engine().runToGate()
        let open = try #require(try await room.record().gates.open)
        let dan = try #require(room.roster.member(named: "dan"))
        let bytes = try CanonicalJSON.encode(
            Approval(
                of: open.statement, digest: open.digest, by: dan, key: try dan.publicKey().fingerprint,
                decision: .approve, reason: nil, at: TestRoom.now))
        let signature = try await room.signer("dan").sign(bytes, namespace: Mode.rehearsal.gateNamespace)
        let path = Approval.path(.release, 1, "dan")
        try room.folder.write(bytes, to: path)
        try room.folder.write(signature, to: path + ".sig")
        try await room.engine().runToGate()
        #expect(room.refusals.all == [path: .countedApart("dan", .authorize)])

        try await room.append(
            .approval(
                RecordedApproval(
                    gate: .release, attempt: 1, name: "dan", decision: .approve, approval: SHA256Digest(of: bytes),
                    signature: SHA256Digest(of: signature))))
        try await room.expectBothSay(
            "REFUSED", "\(path): dan was counted at authorize, from which the plan separates this gate")
    }

    @Test("who signed a release that was taken back afterwards signed it all the same: a separate gate needs others")
    func revokedRelease() async throws {
        let one = [GateRequirement(role: .custodian, count: 1)]
        let room = try await TestRoom.ready(
            TestRoom.definition(QuorumPolicy(separate: [Separation(.release, .close)])),
            rules: GateRules(authorize: one, release: one, activate: one, close: one + [Self.witness], change: one))
        await room.kms.prepare { $0.lost["import"] = .request }
        try await room.engine().runToGate()
        try await room.sign(.authorize, as: "carol")
        try await room.engine().runToGate()
        try await room.sign(.release, as: "ben")
        await #expect(throws: AnswerLost.self) { try await room.engine().run() }
        var record = try await room.replayed(dropping: 1)
        #expect(record.countedApart(from: .close) == ["ben": .release])
        try record.fetch()
        #expect(!record.gates.isPassed(.release))
        #expect(record.countedApart(from: .close) == ["ben": .release])
    }

    @Test("an approval more than a gate needs does not keep its giver from the gate that is separate from it")
    func spare() async throws {
        let room = try await Self.separated()
        try await room.engine().runToGate()
        for name in ["ben", "carol"] { try await room.sign(.authorize, as: name) }
        try await room.engine().runToGate()
        #expect(try await room.record().approvers(of: .custodian, at: .release).map(\.name) == ["carol", "dan"])
        #expect(room.refusals.all == [Approval.path(.authorize, 1, "carol"): .spare("carol", .release)])
        for name in ["carol", "dan"] { try await room.sign(.release, as: name) }
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    /// One custodian authorizes, two others release.
    private static func separated() async throws -> TestRoom {
        let one = [GateRequirement(role: .custodian, count: 1)]
        let two = [GateRequirement(role: .custodian, count: 2)]
        return try await TestRoom.ready(
            TestRoom.definition(QuorumPolicy(separate: [Separation(.authorize, .release)])),
            rules: GateRules(authorize: one, release: two, activate: two, close: two + [witness], change: two))
    }

    @Test("a statement counts for as many hours as the plan gives people; then there is a new attempt")
    func hours() async throws {
        let room = try await TestRoom.ready(TestRoom.definition(QuorumPolicy(approvalHours: 2), windowHours: 24))
        try await room.advance(to: .authorize)
        let open = try #require(try await room.record().gates.open?.statement)
        #expect(open.validity.until == TestRoom.now.advanced(bySeconds: 7200))
        try await room.sign(.authorize, as: "ben")
        try await room.engine().runToGate()
        room.clock.set(open.validity.until)
        try await room.sign(.authorize, as: "carol")
        room.clock.set(open.validity.until.advanced(bySeconds: 1))
        let two = [GateRequirement(role: .custodian, count: 2)]
        #expect(try await room.engine().run() == .waiting(gate: .authorize, attempt: 2, missing: two))
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
    }

    @Test("the policy is what people sign first")
    func signed() async throws {
        let policy = QuorumPolicy(
            rules: [RaisedRule(gate: .close, requirements: [GateRequirement(role: .custodian, count: 3)])],
            approvalHours: 8)
        let room = try await TestRoom.ready(TestRoom.definition(policy))
        try await room.advance(to: .authorize)
        guard case .authorize(let subject)? = try await room.record().gates.open?.statement.subject else {
            Issue.record("authorize is not open")
            return
        }
        #expect(subject.policy == policy)
    }
}

extension TestRoom {
    /// The test's definition with a policy.
    static func definition(_ policy: QuorumPolicy, windowHours: Int = 1) -> Definition {
        Definition(
            title: definition.title, windowHours: windowHours, wrapping: definition.wrapping, keys: definition.keys,
            policy: policy)
    }

    /// Adds a line to the transcript that no run would write.
    func append(_ event: Event) async throws {
        let transcript = try Transcript(parsing: try folder.read(Transcript.path))
        try folder.append(try transcript.next(event, at: clock.now(), host: "host").bytes, to: Transcript.path)
    }

    /// Holds both verifiers to one verdict, and to what they say of it.
    func expectBothSay(_ word: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation) async throws
    {
        try await expectBothSay(word, sourceLocation: sourceLocation)
        let ours = "\(try verdict())"
        #expect(ours.contains(reason), "\(ours)", sourceLocation: sourceLocation)
        let said = try await shellVerdict()
        #expect(said.contains(reason), "\(said)", sourceLocation: sourceLocation)
    }
}

extension Engine {
    /// Runs until it waits for people.
    fileprivate func runToGate() async throws {
        guard case .waiting = try await run() else {
            Issue.record("it did not wait")
            return
        }
    }
}
