import Evidence
import Foundation
import TestSupport
import Testing

extension HeldCeremony {
    /// Holds a ceremony, processes of which are killed at random: from outside, at an instant, or at a checkpoint.
    ///
    /// - Parameters:
    ///   - most: How many kills at most.
    ///   - mostOfRun: How many of one run.
    ///   - durations: How long an undisturbed ceremony's processes take.
    static func killed(
        atRandom chance: inout SeededChance, most: Int, mostOfRun: Int = 6, lasting durations: [String: Duration],
        _ name: String, _ kind: KillKind, in room: KillRoom
    ) async throws -> HeldCeremony {
        var held = try await HeldCeremony.frozen(name, kind, in: room)
        for turn in 1...20 {
            let run = "run \(turn)"
            try await held.killAtRandom(&chance, 0...mostOfRun, most, run, lasting: durations[run]) {
                $0.runCommand($1)
            }
            let status = try await held.carryOn(run) { try await $0.run($1) }
            if status == 0 { return held }
            try #require(status == 3)
            if try held.ceremony.carryOver() { continue }
            guard let (gate, people) = try held.ceremony.wanted() else {
                Issue.record("\(name) waits, but no gate is open")
                return held
            }
            for person in people {
                let approve = "approve \(gate.rawValue) \(person)"
                try await held.killAtRandom(&chance, 0...1, most, approve, lasting: durations[approve]) {
                    $0.approveCommand(gate, as: person, $1)
                }
                guard try held.ceremony.wanted()?.people.contains(person) == true else { continue }
                try await held.ceremony.approveHere(gate, as: person)
            }
        }
        Issue.record("\(name) did not end in twenty runs")
        return held
    }

    /// - Parameters:
    ///   - times: How often the process is killed.
    ///   - command: The process, given more options.
    private mutating func killAtRandom(
        _ chance: inout SeededChance, _ times: ClosedRange<Int>, _ most: Int, _ process: String,
        lasting duration: Duration?, _ command: (KillCeremony, [String]) -> [String]
    ) async throws {
        let seconds = max(0.05, (duration ?? .milliseconds(500)) / .seconds(1))
        for _ in 0..<Int.random(in: times, using: &chance) where killed.count < most {
            let instant = Double.random(in: 0...seconds, using: &chance)
            let number = Int.random(in: 1...30, using: &chance)
            let outcome: ProcessOutcome
            let place: String
            if Bool.random(using: &chance) {
                place = String(format: "after %.3f s", instant)
                outcome = try await runProcess(
                    "timeout", ["--foreground", "-s", "KILL", String(format: "%.3f", instant)] + command(ceremony, []))
            } else {
                place = "at point \(number)"
                outcome = try await runProcess(command(ceremony, ["--kill-at", "\(number)"]))
            }
            // timeout(1) says 137 of what it had to kill, and 124 of what ended by itself while it was about to. Who was
            // done before goes on below, with nothing to do.
            guard [137, -SIGKILL].contains(outcome.status) else {
                try #require([0, 3, 124].contains(outcome.status), "\(process), \(place): \(outcome.stderrText)")
                return
            }
            killed.append(.init(process: process, number: nil, name: place))
        }
    }
}
