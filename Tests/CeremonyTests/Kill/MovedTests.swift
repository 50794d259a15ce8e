import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

extension CutRoom {
    /// Another host, with another build.
    static let spare = ProgramDigest(host: "spare", program: SHA256Digest(of: [9]))

    /// One `keyrite run` on another machine, which remembers nothing.
    func runElsewhere(_ scissors: Scissors = Scissors(), moved: Moved? = nil) async throws -> Outcome {
        environment.set(.make(programs: [Self.spare]))
        let engine = try Engine(opening: try ports(nil, MemoryOfSightings()).checked(by: scissors))
        do { return try await engine.run(moved: moved) } catch {
            try await hsm.leave()
            throw scissors.isCut ? CutOff() : error
        }
    }

    /// Signs and goes on there, until it is closed.
    func finishElsewhere() async throws {
        for _ in 1...12 {
            guard case .waiting(let gate, _, _) = try await runElsewhere() else { return }
            for name in people(at: gate) { try await approve(gate, as: name) }
        }
    }

    /// What the transcript says, line by line.
    func events() throws -> [Event] {
        try Transcript(parsing: try folder.readIfPresent(Transcript.path) ?? []).lines.map(\.event)
    }
}

/// Whatever a machine did and did not put on record, another one goes on under an exception that a quorum signs.
@Suite("A ceremony that is carried on by another machine", .timeLimit(.minutes(60)))
struct MovedTests {
    /// `KEYRITE_EVERY_KILL` has every checkpoint cut off, `KEYRITE_TEST_SEEDS` every 8th; without them, one in each run.
    private static let stride: Int? = {
        let environment = ProcessInfo.processInfo.environment
        return environment["KEYRITE_EVERY_KILL"] != nil ? 1 : environment["KEYRITE_TEST_SEEDS"] != nil ? 8 : nil
    }()
    private static let moved = Moved(by: "ada", why: "the first one's disk is full")

    private static var scenes: [CutScene] {
        get throws {
            let some: [CutScene] = [.rotation(folds: true), .ending(.destroy), try .replacement(.symmetric)]
            guard stride != nil else { return some }
            return try some + [
                .rotation(), .rotation(proof: false, " without a proof"), .firstImport(.hmac256),
                .firstImport(.symmetric, folds: true), .replacement(.p256), .three(folds: false), .three(folds: true),
            ]
        }
    }

    @Test("does nothing twice and nothing unsigned, wherever the first one was cut off", arguments: try scenes)
    func cutOff(_ scene: CutScene) async throws {
        let undisturbed = try await CutRoom.ready(scene)
        let start = try await undisturbed.copy()
        var runs: [(before: CutRoom, points: [String])] = []
        for _ in 1...6 {
            let before = try await undisturbed.copy()
            let scissors = Scissors()
            let outcome = try await undisturbed.run(scissors)
            runs.append((before, scissors.points))
            guard case .waiting(let gate, _, _) = outcome else { break }
            for name in undisturbed.people(at: gate) { try await undisturbed.approve(gate, as: name) }
        }
        #expect(try undisturbed.verdict() == .verified && start.slots.count == undisturbed.slots.count)
        let remains = try await undisturbed.remains()
        for run in runs {
            let stride = Self.stride ?? run.points.count
            for number in Swift.stride(from: .random(in: 1...stride), through: run.points.count, by: stride) {
                try await move(run.before, cutAt: number, run.points, remains)
            }
        }
    }

    private func move(_ before: CutRoom, cutAt number: Int, _ points: [String], _ remains: [String]) async throws {
        let comment = Comment(rawValue: "point \(number), \(points[number - 1])")
        let room = try await before.copy()
        await #expect(throws: CutOff.self, comment) { try await room.run(Scissors(at: number)) }
        guard try room.events().last?.kind != .closed else { return }
        let before = try room.events()
        await #expect(throws: UnplannedMachine.self, comment) { try await room.runElsewhere() }
        #expect(try room.events() == before, comment)
        // Killed right after the exception, what is on record is enough.
        await #expect(throws: CutOff.self, comment) {
            let scissors = Scissors(after: "after journal exception")
            return try await room.runElsewhere(scissors, moved: Self.moved)
        }
        do { try await room.finishElsewhere() } catch { Issue.record("\(error), \(comment)") }
        #expect(try room.verdict() == .verified, comment)
        #expect(try await room.remains() == remains, comment)
        expectSigned(try room.events(), comment)
    }

    /// Nothing that needs a gate stands between the exception and the next gate that was passed.
    private func expectSigned(_ events: [Event], _ comment: Comment) {
        let moved = events.firstIndex { if case .exception(let said) = $0 { said.machine != nil } else { false } }
        guard let moved, let passed = events[moved...].firstIndex(where: { $0.kind == .gatePassed }) else {
            Issue.record(comment)
            return
        }
        let between = Set(events[(moved + 1)..<passed].map(\.kind))
        let harmless: Set<EventKind> = [
            .runStarted, .gateOpened, .approval, .exception, .exhibit, .fetchIntended, .fetched,
        ]
        #expect(between.isSubset(of: harmless), comment)
        #expect(
            events[..<passed].last(where: { $0.kind == .gateOpened })?.exceptions.contains { $0.machine != nil } == true
        )
        #expect(events.count { if case .exception(let said) = $0 { said.machine != nil } else { false } } == 1, comment)
    }
}

extension Event {
    /// The exceptions that a gate opened with.
    fileprivate var exceptions: [Deviation] {
        if case .gateOpened(let statement) = self { statement.exceptions.map(\.exception) } else { [] }
    }
}
