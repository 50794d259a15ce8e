import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A ceremony killed at any instant", .timeLimit(.minutes(60)))
struct KillTests {
    @Test(
        "killed at every kind of checkpoint, one after the other, it ends like an undisturbed one, with nothing twice")
    func everyName() async throws {
        try await KillRoom.with { room in
            let undisturbed = try await HeldCeremony.undisturbed("undisturbed", in: room)
            let normal = try NormalEvidence(of: undisturbed.ceremony.disk, slot: undisturbed.ceremony.name)
            var killed: [String] = []
            // Every third in one ceremony: what goes on has some way to go before it is killed in its turn.
            for offset in 0..<3 {
                try await Turns.take {
                    let held = try await HeldCeremony.killed(
                        atEach: undisturbed.names(every: 3, from: offset), "killed-\(offset)", in: room)
                    try await KillOutcome(held, calls: try await room.calls())
                        .expect(likeUndisturbed: normal, comment(held))
                    killed += held.killed.map(\.name)
                }
            }
            #expect(killed.sorted() == undisturbed.allNames.sorted())
        }
    }

    @Test("killed again and again, in what it resumes too, it still ends like an undisturbed one")
    func againAndAgain() async throws {
        try await KillRoom.with { room in
            let undisturbed = try await HeldCeremony.undisturbed("undisturbed", in: room)
            let normal = try NormalEvidence(of: undisturbed.ceremony.disk, slot: undisturbed.ceremony.name)
            for seed in 1...Self.seeds {
                try await Turns.take {
                    let held = try await HeldCeremony.killed(seed: UInt64(seed), "seed-\(seed)", in: room)
                    try #require(held.killed.count > 10)
                    let calls = try await room.calls()
                    try await KillOutcome(held, calls: calls).expect(likeUndisturbed: normal, comment(held))
                }
            }
        }
    }

    /// How many ceremonies are killed at random, each more than ten times; `scripts/test --long` asks for many.
    private static let seeds = ProcessInfo.processInfo.environment["KEYRITE_TEST_SEEDS"].flatMap(Int.init) ?? 1

    private func comment(_ held: HeldCeremony) -> Comment {
        Comment(rawValue: held.killed.map(\.description).joined(separator: "; "))
    }
}
