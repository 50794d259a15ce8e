import Evidence
import TestSupport
import Testing

/// What a ceremony over one key goes through is killed in the other kill tests, at every checkpoint.
@Suite("A ceremony over two keys that is killed between them", .timeLimit(.minutes(60)))
struct TwoKeyKillTests {
    /// What is done for one key after the other: the line of its result, and that of its intent where it has one.
    private static let effects: [(result: String, intent: String?)] = [
        ("generated", "generate-intended"), ("fetched", "fetch-intended"), ("imported", "import-intended"),
        ("proved", "prove-intended"), ("rotated", "rotate-intended"), ("activation-verified", nil),
        ("settled", "settle-intended"),
    ]

    @Test(
        "killed once the one is done, and on both sides of what is done to the other, it ends like an undisturbed one")
    func betweenTheKeys() async throws {
        try await KillRoom.with { room in
            let undisturbed = try await HeldCeremony.undisturbed("undisturbed", keys: 2, in: room)
            let normal = try NormalEvidence(of: undisturbed.ceremony.disk, slot: undisturbed.ceremony.name)
            let points = Dictionary(
                uniqueKeysWithValues: undisturbed.points.map { ($0.key, Self.boundaries(in: $0.value)) })
            let count = points.values.map(\.count).reduce(0, +)
            #expect(count == 22)
            try await Turns.take {
                let held = try await HeldCeremony.killed(atEach: points, "killed", keys: 2, in: room)
                let comment = Comment(rawValue: held.killed.map(\.description).joined(separator: "; "))
                try await KillOutcome(held, calls: try await room.calls())
                    .expect(likeUndisturbed: normal, comment)
            }
        }
    }

    /// The points, in their order, at which a process has done something for the first key and not for the second.
    ///
    /// What goes on after the first key's result is journaled comes to the second's intent as its own first.
    private static func boundaries(in points: [String]) -> [String] {
        var indices = effects.flatMap { result, intent -> [Int] in
            let results = points.indices.filter { points[$0] == "after journal \(result)" }
            // Half of them are the first key's: a fetch is for the import and for the proof.
            let firsts = Array(results.prefix(results.count / 2))
            guard let first = firsts.last else { return [] }
            let others = [intent.map { "after journal \($0)" }, "before journal \(result)"].compactMap(\.self)
            return firsts + others.compactMap { points[first...].firstIndex(of: $0) }
        }
        if let blob = points.firstIndex(of: "before folder.write wrapped/SLOT-too-import.bin") { indices.append(blob) }
        return indices.sorted().map { points[$0] }
    }
}
