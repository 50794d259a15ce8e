import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What voids the approvals of an open gate, and what does not")
struct GateLedgerTests {
    @Test("a refusal voids them all, and is remembered")
    func refusal() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await room.sign(.release, as: "ben")
        try await room.sign(.release, as: "carol", .refuse(reason: "no"))
        _ = try await room.engine().run()
        let gates = try await room.record().gates
        #expect(gates.open?.statement.attempt == 2)
        #expect(gates.open?.approvals.isEmpty == true)
        #expect(gates.decisions.suffix(2).map(\.decision) == [.approve, .refuse])
    }

    @Test("a run in a changed environment voids them, one in the same does not")
    func environment() async throws {
        let both = [TestRoom.program, ProgramDigest(host: "host", program: SHA256Digest(of: [3]))]
        let room = try await TestRoom.ready(in: .make(programs: both))
        var record = try await record(openAt: .release, in: room)
        for (programs, remains) in [(both, true), ([TestRoom.program], false)] {
            let run = RunStarted(
                ceremony: record.plan.ceremony, plan: record.planDigest, roster: record.rosterDigest,
                environment: .make(programs: programs))
            try record.take(.runStarted(run))
            #expect((record.gates.open != nil) == remains)
        }
    }

    @Test("a fetch while *authorize* is open is inert")
    func fetchDuringAuthorize() async throws {
        var record = try await record(openAt: .authorize)
        try record.fetch()
        #expect(record.gates.open?.statement.gate == .authorize)
    }

    @Test("an effect voids them: a fetch while *release* is open")
    func fetchDuringRelease() async throws {
        var record = try await record(openAt: .release)
        try record.fetch()
        #expect(record.gates.open == nil)
        #expect(record.gates.nextAttempt(at: .release) == 2)
    }

    @Test("a fetch after *release* was passed takes it back, and the blobs with it")
    func fetchAfterRelease() async throws {
        let room = try await TestRoom.ready()
        await room.kms.prepare { $0.lost["import"] = .request }
        await #expect(throws: AnswerLost.self) { try await room.advance() }
        // As it was before the import was intended.
        var record = try await room.replayed(dropping: 1)
        #expect(record.gates.isPassed(.release))
        #expect(record.slots["payments"]?.blobs.count == 2)
        try record.fetch()
        #expect(!record.gates.isPassed(.release))
        #expect(record.slots["payments"]?.blobs.isEmpty == true)
        #expect(record.nextGate == .release)
        #expect(record.gates.nextAttempt(at: .release) == 2)
    }

    @Test("what a gate misses is told by role")
    func missing() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .close)
        try await room.sign(.close, as: "dan")
        _ = try await room.engine().run()
        let record = try await room.record()
        #expect(
            record.missing == [
                GateRequirement(role: .custodian, count: 1), GateRequirement(role: .witness, count: 1),
            ])
    }

    private func record(openAt gate: Gate, in room: TestRoom? = nil) async throws -> Record {
        var room = room
        if room == nil { room = try await TestRoom.ready() }
        let ready = try #require(room)
        try await ready.advance(to: gate)
        return try await ready.record()
    }
}

@Suite("A line that breaks a rule is refused, with the rule it breaks")
struct RecordRuleTests {
    private static let serial = FakeHSM.token.serial
    private static let digest = SHA256Digest(of: [7])

    @Test(
        "before *authorize* was passed",
        arguments: [
            (Event.selfTestIntended(SelfTestIntended(token: serial)), "a self-test before *authorize* was passed"),
            (.generateIntended(GenerateIntended(slot: "payments", label: "", id: "")), "a key before *authorize*"),
            (.wrapIntended(WrapIntended(release: 1, orders: [])), "a wrap before *release* was passed"),
            (
                .importIntended(
                    ImportIntended(slot: "payments", key: "", blob: digest, token: digest, description: "")),
                "an import before *release* was passed"
            ),
            (.rotateIntended(RotateIntended(slot: "payments", key: "", from: "", to: "")), "before *activate*"),
            (
                .settleIntended(SettleIntended(slot: "payments", retention: .retain)),
                "before the activation was verified"
            ),
            (.closed(Closed(manifest: digest)), "closed before *close* was passed"),
            (.fetchIntended(FetchIntended(slot: "other", purpose: .import)), "no slot other in the plan"),
            (.selfTested(SelfTested(token: serial, held: [], findings: [])), "of something not intended"),
            (
                .activationVerified(
                    ActivationVerified(slot: "payments", alias: "", aliasTarget: "", oldMaterial: "", newMaterial: "")),
                "verified before *activate* was passed"
            ),
            (.gatePassed(GatePassed(gate: .release, attempt: 1, counted: [])), "a gate was passed that is not open"),
            (.gatePassed(GatePassed(gate: .authorize, attempt: 2, counted: [])), "a gate was passed that is not open"),
            (
                .gatePassed(GatePassed(gate: .authorize, attempt: 1, counted: [])),
                "the quorum of the roster is not there"
            ),
            (
                .gatePassed(
                    GatePassed(
                        gate: .authorize, attempt: 1,
                        counted: [CountedApproval(name: "ben", approval: digest, signature: digest)])),
                "it does not list the approvals that were recorded"
            ),
            (
                .approval(
                    RecordedApproval(
                        gate: .release, attempt: 1, name: "ben", decision: .approve, approval: digest, signature: digest
                    )),
                "an approval for a gate or an attempt that is not open"
            ),
        ])
    func authorizeOpen(event: Event, reason: String) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        try await expectRefusal(of: event, reason, in: room)
    }

    @Test(
        "before *release* was passed",
        arguments: [
            (Event.selfTestIntended(SelfTestIntended(token: serial)), "a second self-test"),
            (.generateIntended(GenerateIntended(slot: "payments", label: "", id: "")), "a second key for the slot"),
            (.wrapIntended(WrapIntended(release: 1, orders: [])), "a wrap before *release* was passed"),
        ])
    func releaseOpen(event: Event, reason: String) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .release)
        try await expectRefusal(of: event, reason, in: room)
    }

    @Test(
        "after *activate* was opened",
        arguments: [
            (
                Event.fetchIntended(FetchIntended(slot: "payments", purpose: .proof)),
                "a fetch for what was done already"
            ),
            (.wrapIntended(WrapIntended(release: 2, orders: [])), "a wrap under another release"),
            (.wrapIntended(WrapIntended(release: 1, orders: [])), "a wrap that the release does not name"),
            (
                .importIntended(
                    ImportIntended(slot: "payments", key: "", blob: digest, token: digest, description: "")),
                "a second import"
            ),
            (
                .proveIntended(
                    ProveIntended(slot: "payments", material: "", blob: digest, token: digest, description: "")),
                "a second proof"
            ),
        ])
    func activateOpen(event: Event, reason: String) async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .activate)
        try await expectRefusal(of: event, reason, in: room)
    }

    @Test("a run of another ceremony, plan or roster")
    func otherRun() async throws {
        let room = try await TestRoom.ready()
        try await room.advance(to: .authorize)
        let record = try await room.record()
        let runs = [
            (
                RunStarted(
                    ceremony: "other", plan: record.planDigest, roster: record.rosterDigest, environment: .example),
                "transcript.jsonl:3: it belongs to ceremony other"
            ),
            (
                RunStarted(
                    ceremony: record.plan.ceremony, plan: Self.digest, roster: record.rosterDigest,
                    environment: .example),
                "plan.json: the transcript was written under another plan"
            ),
            (
                RunStarted(
                    ceremony: record.plan.ceremony, plan: record.planDigest, roster: Self.digest, environment: .example),
                "roster.json: the transcript was written under another roster"
            ),
            (
                RunStarted(
                    ceremony: record.plan.ceremony, plan: record.planDigest, roster: record.rosterDigest,
                    environment: .make(region: "us-east-1")),
                "transcript.jsonl:3: it ran in other surroundings than the plan's"
            ),
        ]
        for (run, message) in runs {
            var copy = record
            let error = #expect(throws: EvidenceError.self) { try copy.take(.runStarted(run)) }
            #expect(error?.description == message)
        }
    }

    private func expectRefusal(of event: Event, _ reason: String, in room: TestRoom) async throws {
        var record = try await room.record()
        let line = record.transcript.lines.count + 1
        let error = #expect(throws: EvidenceError.self) { try record.take(event, folder: room.folder) }
        #expect(error?.path == Transcript.path && error?.line == line)
        #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
    }
}

extension Record {
    /// Takes in the line that would come next.
    mutating func take(_ event: Event, folder: MemoryFolder = MemoryFolder()) throws {
        let (line, bytes) = try transcript.next(event, at: TestRoom.now, host: "host")
        try apply(line, digest: SHA256Digest(of: bytes), folder: folder)
    }

    mutating func fetch() throws {
        try take(
            .fetchIntended(
                FetchIntended(slot: "payments", purpose: .import, caller: CeremonyEnvironment.example.aws.caller)))
        let digest = SHA256Digest(of: [1])
        try take(
            .fetched(
                Fetched(
                    slot: "payments", purpose: .import, spki: digest, token: digest, validUntil: TestRoom.now,
                    request: "r", tlsLeaf: nil)))
    }
}

extension TestRoom {
    /// The record without the transcript's last lines.
    func replayed(dropping count: Int) async throws -> Record {
        let lines = try folder.read(Transcript.path).split(separator: UInt8(ascii: "\n")).dropLast(count)
        var record = try FrozenCeremony(reading: folder).emptyRecord
        try record.replay(
            try Transcript(parsing: lines.flatMap { Array($0) + [UInt8(ascii: "\n")] }), folder: folder)
        return record
    }
}
