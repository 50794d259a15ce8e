import Evidence
import Foundation
import TestSupport
import Testing

@Suite("Processes that are killed at random", .timeLimit(.minutes(60)))
struct RandomKillTests {
    /// How many kills there are in all; `scripts/test --long` and `scripts/bench/chaos` ask for many.
    private static let kills = number("KEYRITE_TEST_KILLS") ?? 12
    /// Where chance begins, so that what failed can be had again.
    private static let seed = number("KEYRITE_TEST_SEED") ?? 1
    /// A file to which each ceremony's numbers are added, a JSON object a line.
    private static let report = ProcessInfo.processInfo.environment["KEYRITE_KILL_REPORT"]

    private static func number(_ variable: String) -> Int? {
        ProcessInfo.processInfo.environment[variable].flatMap(Int.init)
    }

    private struct Line: Encodable {
        let killed: Int
        let resumed: Int
        let duplicates: Int
        let orphans: Int
        /// Milliseconds of each run that went on after a kill.
        let resumes: [Int]
    }

    @Test("at any instant and checkpoint, whatever the strategy, nothing is done twice, and nothing is left over")
    func atRandom() async throws {
        try await KillRoom.with { room in
            var chance = SeededChance(state: UInt64(Self.seed))
            var normals: [Int: (evidence: NormalEvidence, durations: [String: Duration])] = [:]
            var (killed, number) = (0, 0)
            while killed < Self.kills {
                let index = number % KillKind.all.count
                let kind = KillKind.all[index]
                if normals[index] == nil {
                    let undisturbed = try await HeldCeremony.undisturbed("undisturbed-\(index)", kind, in: room)
                    let name = undisturbed.ceremony.name
                    normals[index] = (
                        try NormalEvidence(of: undisturbed.ceremony.disk, slot: name), undisturbed.durations
                    )
                }
                let normal = try #require(normals[index])
                let held = try await HeldCeremony.killed(
                    atRandom: &chance, most: Self.kills - killed, lasting: normal.durations, "random-\(number)", kind,
                    in: room)
                try await expectSound(held, normal.evidence, isShown: number % 4 == 0, calls: try await room.calls())
                killed += held.killed.count
                number += 1
            }
        }
    }

    private func expectSound(
        _ held: HeldCeremony, _ normal: NormalEvidence, isShown: Bool, calls: [KillRoom.Call]
    ) async throws {
        let comment = Comment(rawValue: held.killed.map(\.description).joined(separator: "; "))
        let outcome = try KillOutcome(held, calls: calls)
        let (duplicates, orphans) = try await outcome.excess()
        #expect(duplicates == 0 && orphans == 0, comment)
        try Self.add(
            Line(
                killed: held.killed.count, resumed: held.resumes.count, duplicates: duplicates, orphans: orphans,
                resumes: held.resumes.map { Int($0 / .milliseconds(1)) }))
        try await outcome.expectSound(likeUndisturbed: normal, isShown: isShown, comment)
    }

    private static func add(_ line: Line) throws {
        guard let report else { return }
        let file = URL(filePath: report)
        let before = (try? Data(contentsOf: file)) ?? Data()
        try (before + (try JSONEncoder().encode(line)) + Data("\n".utf8)).write(to: file)
    }
}
