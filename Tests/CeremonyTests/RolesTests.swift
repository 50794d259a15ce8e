import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("Who looks, creates, fetches, imports and activates is kept apart")
struct RolesTests {
    private static func session(_ role: String) -> String {
        "arn:aws:sts::111122223333:assumed-role/keyrite-\(role)/keyrite-2026"
    }

    private static func callers(
        create: String? = session("create"), fetch: String = session("fetch"),
        import importing: String = session("import"),
        activate: String = session("activate")
    ) -> RoleCallers {
        RoleCallers(create: create, fetch: fetch, import: importing, activate: activate)
    }

    private static func surroundings(_ callers: RoleCallers? = callers()) -> CeremonyEnvironment {
        .make(caller: session("look"), callers: callers)
    }

    private static func definition(_ policy: QuorumPolicy = QuorumPolicy()) -> Definition {
        Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"),
            keys: [
                DefinedKey(alias: "alias/payments", strategy: .rotate, proof: true),
                DefinedKey(alias: "alias/ledger", strategy: .replace, proof: true),
            ], policy: policy)
    }

    private static func ready(_ policy: QuorumPolicy = QuorumPolicy()) async throws -> TestRoom {
        let room = try await TestRoom.ready(definition(policy), in: surroundings()) {
            $0.allowed = $0.allowed.mapValues { $0 * 2 }
            let key = FakeKey(
                materials: [KMSMaterial(id: "older", state: .current, description: nil, onDemand: false)])
            $0.point("alias/ledger", to: key)
        }
        await room.hsm.prepare { $0.allowed = ["generate": 2, "wrap": 1, "removeCheckUsage": 2] }
        return room
    }

    /// What the lines say of who called, by the kind of line.
    private func called(_ record: Record) -> [String: Set<String?>] {
        Dictionary(
            record.transcript.lines.compactMap { line in line.event.call.map { (line.event.kind.rawValue, [$0.caller]) }
            },
            uniquingKeysWith: { $0.union($1) })
    }

    @Test("every line of what is intended says who called, and what people sign, who will", arguments: [false, true])
    func whole(folds: Bool) async throws {
        let room = try await Self.ready(QuorumPolicy(foldsActivate: folds))
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        let record = try await room.record()
        #expect(
            called(record) == [
                "create-intended": [Self.session("create")], "fetch-intended": [Self.session("fetch")],
                "import-intended": [Self.session("import")], "prove-intended": [Self.session("import")],
                "rotate-intended": [Self.session("activate")], "alias-intended": [Self.session("activate")],
            ])
        let subjects = record.transcript.lines.compactMap { line in
            if case .gateOpened(let statement) = line.event { statement.subject } else { nil }
        }
        for subject in subjects {
            switch subject {
            case .authorize(let authorize): #expect(authorize.aws.callers == Self.callers())
            case .release(let release):
                #expect(release.caller == Self.session("import"))
                #expect(release.activator == (folds ? Self.session("activate") : nil))
            case .activate(let activate): #expect(activate.caller == Self.session("activate"))
            case .close: break
            }
        }
        #expect(subjects.count == (folds ? 3 : 4))
    }

    @Test("one caller that does everything stands on each of these lines, too")
    func oneCaller() async throws {
        let room = try await TestRoom.ready()
        #expect(try await room.advance() == .closed)
        let called = called(try await room.record())
        #expect(called.keys.sorted() == ["fetch-intended", "import-intended", "prove-intended", "rotate-intended"])
        #expect(called.values.allSatisfy { $0 == ["arn:aws:iam::111122223333:user/x"] })
    }

    @Test(
        "another caller who comes in a role's place stops it before anything is intended there; with the right one it goes on",
        arguments: [
            (CallerRole.create, EventKind.createIntended), (.fetch, .fetchIntended), (.import, .importIntended),
            (.activate, .rotateIntended),
        ])
    func impostor(role: CallerRole, kind: EventKind) async throws {
        let room = try await Self.ready()
        // As good as the right one, but for what it is there for.
        let other = Self.session(role == .fetch ? "import" : "fetch")
        room.environment.replace(role, by: other)
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.kind == .environment)
        #expect(
            error?.what
                == "The credentials of the role \(role.rawValue) were renewed and are those of \(other) now; the "
                + "plan's caller is \(Self.session(role.rawValue))")
        let record = try await room.record()
        #expect(record.openIntent == nil)
        #expect(!record.transcript.lines.contains { $0.event.kind == kind })
        room.environment.replace(role, by: nil)
        #expect(try await room.advance() == .closed)
        #expect(try room.verdict() == .verified)
    }

    @Test("the credentials of every role are looked at before a step", arguments: CallerRole.allCases)
    func renewed(role: CallerRole) async throws {
        let room = try await Self.ready()
        room.environment.renew(as: "arn:aws:iam::111122223333:user/eve", in: role, after: 0)
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.hasPrefix("The credentials of the role \(role.rawValue) were renewed") == true)
        #expect(try await room.record().transcript.lines.count == 1, "that the run began, and nothing else")
    }

    @Test(
        "a run by other callers than the plan's is none of its ceremony, and says which they are",
        arguments: [
            (callers(import: session("other")), "the caller in the role import is \(session("other")), planned was"),
            (callers(create: nil), "the caller in the role create is nobody, planned was \(session("create"))"),
            (nil, "the caller in the role activate is \(session("look")), planned was \(session("activate"))"),
        ] as [(RoleCallers?, String)])
    func others(callers: RoleCallers?, message: String) async throws {
        let room = try await Self.ready()
        room.environment.set(Self.surroundings(callers))
        let error = await #expect(throws: CeremonyError.self) { try await room.advance() }
        #expect(error?.what.contains(message) == true, "\(String(describing: error))")
        #expect(room.folder.all()[Transcript.path] == nil)
    }

    @Test(
        "callers that are not apart, or not of the keys' account, are refused when it is planned",
        arguments: [
            (callers(fetch: session("import") + "-2"), "two of its roles have one caller"),
            (callers(activate: session("look")), "two of its roles have one caller"),
            (callers(import: "arn:aws:iam::444455556666:user/x"), "a caller is none of its account"),
            (callers(create: nil), "ledger needs a new key, and the site's roles have none that creates it"),
        ])
    func planned(callers: RoleCallers, message: String) async throws {
        let error = await #expect(throws: CeremonyError.self) {
            try await TestRoom.ready(Self.definition(), in: Self.surroundings(callers)) {
                $0.point("alias/ledger", to: FakeKey(materials: $0.materials))
            }
        }
        #expect(error?.what.contains(message) == true, "\(String(describing: error))")
    }

    @Test("across an air gap the connected host's callers are kept apart as well")
    func gap() async throws {
        let gap = try await GapRoom.ready(callers: Self.callers(create: nil))
        #expect(try await gap.hold() == 5)
        try await gap.room.expectBothSay("VERIFIED")
        #expect(
            called(try await gap.record()) == [
                "fetch-intended": [Self.session("fetch")], "import-intended": [Self.session("import")],
                "prove-intended": [Self.session("import")], "rotate-intended": [Self.session("activate")],
            ])
    }

    @Test("a plan of the format that has no callers is carried out and checked as before")
    func firstFormat() async throws {
        let room = try await TestRoom.ready()
        let text = String(decoding: try room.folder.read(Plan.path), as: UTF8.self)
        try room.folder.write(Array(text.replacing("keyrite.plan/2", with: "keyrite.plan/1").utf8), to: Plan.path)
        #expect(try await room.advance() == .closed)
        try await room.expectBothSay("VERIFIED")
        #expect(called(try await room.record()).values.allSatisfy { $0 == [nil] })
    }
}
