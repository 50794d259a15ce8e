import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// A ceremony that was held to its end, and what its processes did meanwhile.
struct HeldCeremony: Sendable {
    let ceremony: KillCeremony
    /// What each process went through that was not killed, by its name: `run 1`, `approve authorize ben`.
    private(set) var points: [String: [String]] = [:]
    /// Those processes in the order in which they ended.
    private var processes: [String] = []
    /// Where processes were killed.
    var killed: [KillCeremony.Point] = []
    /// Every checkpoint that any process of the ceremony reached, killed or not.
    private(set) var reached: [String] = []
    /// What each process went through that was killed.
    private(set) var interrupted: [[String]] = []
    /// How long each process took that was not killed.
    private(set) var durations: [String: Duration] = [:]
    /// How long those took that went on after a kill.
    private(set) var resumes: [Duration] = []
    private let isDisturbed: Bool
    private var logs = 0

    private init(_ ceremony: KillCeremony, isDisturbed: Bool) {
        self.ceremony = ceremony
        self.isDisturbed = isDisturbed
    }

    /// A ceremony whose plan is frozen.
    static func frozen(_ name: String, _ kind: KillKind, in room: KillRoom) async throws -> HeldCeremony {
        HeldCeremony(try await KillCeremony.freeze(name, kind, in: room), isDisturbed: true)
    }

    /// Holds a ceremony undisturbed.
    static func undisturbed(_ name: String, _ kind: KillKind, in room: KillRoom) async throws -> HeldCeremony {
        var held = HeldCeremony(try await KillCeremony.freeze(name, kind, in: room), isDisturbed: false)
        try await held.hold { _ in [] }
        return held
    }

    /// The same over keys of one kind.
    static func undisturbed(
        _ name: String, _ strategy: Strategy = .rotate, _ keySpec: KeySpec = .symmetric, keys: Int = 1,
        folds: Bool = false, in room: KillRoom
    ) async throws -> HeldCeremony {
        try await undisturbed(
            name, KillKind(strategy: strategy, keySpec: keySpec, keys: keys, folds: folds), in: room)
    }

    /// Holds a ceremony, processes of which are killed once each at some of these points, in their order.
    static func killed(
        at points: [KillCeremony.Point], _ name: String, _ kind: KillKind, in room: KillRoom
    ) async throws -> HeldCeremony {
        var held = try await frozen(name, kind, in: room)
        try await held.hold { process in points.filter { $0.process == process } }
        return held
    }

    /// Holds a ceremony, a process of which is killed at the first point of one name, what goes on with it at the first
    /// of the next, and so on.
    ///
    /// - Parameter names: Of each process, in an order in which they come.
    static func killed(
        atEach names: [String: [String]], _ name: String, _ strategy: Strategy = .rotate,
        _ keySpec: KeySpec = .symmetric, keys: Int = 1, folds: Bool = false, in room: KillRoom
    ) async throws -> HeldCeremony {
        var held = try await frozen(
            name, KillKind(strategy: strategy, keySpec: keySpec, keys: keys, folds: folds), in: room)
        try await held.hold { process in
            (names[process] ?? []).map { .init(process: process, number: nil, name: $0) }
        }
        return held
    }

    /// Holds a ceremony, run after run of which is killed at a checkpoint that a seed chooses.
    static func killed(seed: UInt64, _ name: String, in room: KillRoom) async throws -> HeldCeremony {
        var held = HeldCeremony(try await KillCeremony.freeze(name, in: room), isDisturbed: true)
        var chance = SeededChance(state: seed)
        while true {
            let log = held.newLog()
            // The longest way from one durable step to the next has 20 checkpoints: each span can be crossed.
            let number = Int.random(in: 1...30, using: &chance)
            let outcome = try await held.ceremony.run(["--checkpoint-log", log, "--kill-at", "\(number)"])
            let points = held.ceremony.points(in: log)
            held.reached += points
            guard outcome.status == -SIGKILL else {
                if outcome.status == 0 { return held }
                try #require(outcome.status == 3, "\(outcome.stderrText)")
                try await held.sign { _ in [] }
                continue
            }
            held.interrupted.append(points)
            held.killed.append(
                KillCeremony.Point(
                    process: "run \(held.interrupted.count)", number: number, name: points.last ?? "none"))
            try #require(held.killed.count < 300, "it does not come to an end")
        }
    }

    private mutating func hold(killing points: (String) -> [KillCeremony.Point]) async throws {
        for turn in 1...20 {
            for point in points("run \(turn)") { try await kill(at: point) { try await $0.run($1) } }
            let status = try await carryOn("run \(turn)") { try await $0.run($1) }
            if status == 0 { return }
            try #require(status == 3)
            if try !ceremony.carryOver() { try await sign(killing: points) }
        }
        Issue.record("\(ceremony.name) did not end in twenty runs")
    }

    private mutating func sign(killing points: (String) -> [KillCeremony.Point]) async throws {
        guard let (gate, people) = try ceremony.wanted() else {
            Issue.record("\(ceremony.name) waits, but no gate is open")
            return
        }
        for person in people {
            let approve = "approve \(gate.rawValue) \(person)"
            for point in points(approve) { try await kill(at: point) { try await $0.approve(gate, as: person, $1) } }
            if try ceremony.wanted()?.people.contains(person) == true { try await signUnkilled(gate, as: person) }
        }
    }

    /// Only the undisturbed ceremony needs the processes' checkpoints; elsewhere the same code signs without one.
    private mutating func signUnkilled(_ gate: Gate, as person: String) async throws {
        guard !isDisturbed else { return try await ceremony.approveHere(gate, as: person) }
        let status = try await carryOn("approve \(gate.rawValue) \(person)") {
            try await $0.approve(gate, as: person, $1)
        }
        try #require(status == 0)
    }

    mutating func carryOn(
        _ process: String, _ start: (KillCeremony, [String]) async throws -> ProcessOutcome
    ) async throws -> Int32 {
        let (log, began) = (newLog(), ContinuousClock.now)
        let outcome = try await start(ceremony, ["--checkpoint-log", log])
        let took = ContinuousClock.now - began
        durations[process] = took
        if killed.last?.process == process { resumes.append(took) }
        try #require([0, 3].contains(outcome.status), "\(killed.last?.description ?? process): \(outcome.stderrText)")
        points[process] = ceremony.points(in: log)
        processes.append(process)
        reached += points[process] ?? []
        return outcome.status
    }

    private mutating func kill(
        at point: KillCeremony.Point, _ start: (KillCeremony, [String]) async throws -> ProcessOutcome
    ) async throws {
        let log = newLog()
        var wanted = point.number.map(String.init) ?? ceremony.named(point.name)
        if let place = point.place {
            wanted = "\(place.lines - (try ceremony.lines))/\(place.times)/\(ceremony.named(point.name))"
        }
        let outcome = try await start(ceremony, ["--checkpoint-log", log, "--kill-at", wanted])
        let points = ceremony.points(in: log)
        try #require(outcome.status == -SIGKILL, "\(point) did not kill: \(outcome.stderrText)")
        try #require(
            [nil, points.count].contains(point.number) && points.last == point.name,
            "it died elsewhere than at \(point)")
        killed.append(point)
        interrupted.append(points)
        reached += points
    }

    private mutating func newLog() -> String {
        logs += 1
        return ceremony.room.scratch.appending(path: ceremony.name + ".log\(logs)").path
    }
}

/// Chance that comes out the same every time (SplitMix64).
struct SeededChance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension HeldCeremony {
    /// The name of every checkpoint of every process that was not killed.
    var allNames: Set<String> { Set(points.values.joined()) }

    /// Every checkpoint of an undisturbed ceremony's processes, in their order, with its place between the lines.
    var placed: [KillCeremony.Point] {
        var lines = 0
        // A run journals, an approval does not: the runs' lines are the transcript's.
        return processes.flatMap { process -> [KillCeremony.Point] in
            var (position, times): (Int, [String: Int]) = (0, [:])
            return (points[process] ?? []).map { name in
                if name.hasPrefix("after journal "), !name.hasSuffix(" \(EventKind.runStarted.rawValue)") {
                    lines += 1
                    (position, times) = (0, [:])
                }
                position += 1
                times[name, default: 0] += 1
                return .init(
                    process: process, number: nil, name: name,
                    place: .init(lines: lines, position: position, times: times[name] ?? 0))
            }
        }
    }

    /// The names of the checkpoints of every process that was not killed, each where it comes first, in their order.
    ///
    /// - Parameters:
    ///   - step: Which of them: every how-manieth of a process.
    ///   - offset: Beginning with this one.
    func names(every step: Int = 1, from offset: Int = 0) -> [String: [String]] {
        var known: Set<String> = []
        var wanted: [String: [String]] = [:]
        for (process, names) in points.sorted(by: { $0.key < $1.key }) {
            let new = names.filter { known.insert($0).inserted }
            wanted[process] = new.indices.filter { $0 % step == offset }.map { new[$0] }
        }
        return wanted
    }

    /// How often an outside call or a write was had, over all processes.
    func count(of call: String) -> Int {
        reached.count { $0 == "after \(call)" }
    }

    /// How many processes were killed after a call was had, and before its result was on disk.
    func unrecorded(_ call: String, result: String) -> Int {
        interrupted.count { points in
            guard let had = points.lastIndex(of: "after \(call)") else { return false }
            return (points.lastIndex(of: "after journal \(result)") ?? -1) < had
        }
    }
}
