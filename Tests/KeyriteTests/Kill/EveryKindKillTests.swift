import Ceremony
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

/// What CutTests does in memory, with processes.
///
/// In each ceremony processes are killed at the first checkpoint after every line that is journaled, in the next ceremony at
/// the second, and so on: whoever is killed next has come by the line before as if nothing had been.
@Suite("A ceremony of any kind whose processes are killed", .timeLimit(.minutes(60)))
struct EveryKindKillTests {
    private static let isEvery = ProcessInfo.processInfo.environment["KEYRITE_EVERY_KILL"] != nil
    private static let isRoot = getuid() == 0

    /// All kinds for `scripts/test --long`, which takes hours; KEYRITE_KILL_KIND leaves those whose name has that in it.
    private static var every: [KillKind] {
        let wanted = ProcessInfo.processInfo.environment["KEYRITE_KILL_KIND"] ?? ""
        let all = KillKind.onSoftHSM + KillKind.acrossGap + (isRoot ? KillKind.onOpenCryptoki : [])
        return all.filter { wanted.isEmpty || $0.testDescription.contains(wanted) }
    }

    @Test(
        "at every checkpoint, it ends like an undisturbed one, with nothing twice, nothing left over and nothing signed again",
        .enabled(if: isEvery, "it takes hours: scripts/test --long"), arguments: every)
    func everyCheckpoint(_ kind: KillKind) async throws {
        try await KillRoom.with(kind) { room in
            let undisturbed = try await HeldCeremony.undisturbed("undisturbed", kind, in: room)
            let normal = try NormalEvidence(of: undisturbed.ceremony.disk, slot: undisturbed.ceremony.name)
            let (known, unknown) = Self.divided(undisturbed.placed, of: kind.strategy)
            var killed: [KillCeremony.Point] = []
            for position in Set(known.compactMap(\.place?.position)).sorted() {
                killed += try await Turns.take {
                    let points = known.filter { $0.place?.position == position }
                    let held = try await HeldCeremony.killed(at: points, "killed-\(position)", kind, in: room)
                    let outcome = try KillOutcome(held, calls: try await room.calls())
                    try await outcome.expect(likeUndisturbed: normal, Self.comment(kind, held))
                    #expect(try await outcome.excess() == (0, 0), Self.comment(kind, held))
                    return held.killed
                }
            }
            #expect(Set(killed) == Set(known) && killed.count == known.count, "each checkpoint killed one process")
            for (number, point) in unknown.enumerated() {
                try await Turns.take { try await holdSignedAgain(kind, at: point, "unknown-\(number)", in: room) }
            }
        }
    }

    /// At these nobody knows whether KMS was asked: people sign once more, and nothing else is otherwise.
    private func holdSignedAgain(
        _ kind: KillKind, at point: KillCeremony.Point, _ name: String, in room: KillRoom
    ) async throws {
        let held = try await HeldCeremony.killed(at: [point], name, kind, in: room)
        let outcome = try KillOutcome(held, calls: try await room.calls())
        try await outcome.expectEnd(Self.comment(kind, held))
        #expect(try await outcome.excess() == (0, 0), Self.comment(kind, held))
        #expect(try outcome.wasSignedAgain(), Self.comment(kind, held))
    }

    @Test(
        "at random, it is held to its end, with nothing twice and nothing left over: one kind on SoftHSM, another each time",
        arguments: KillKind.onSoftHSM.randomElement().map { [$0] } ?? [])
    func atRandom(_ kind: KillKind) async throws { try await holdAtRandom(kind) }

    @Test("so it is across an air gap", arguments: KillKind.acrossGap.randomElement().map { [$0] } ?? [])
    func acrossGapAtRandom(_ kind: KillKind) async throws { try await holdAtRandom(kind) }

    @Test(
        "so it is on a token of another make",
        .enabled(if: isRoot, "opencryptoki's daemon needs namespaces of its own, which root alone can make"),
        arguments: KillKind.onOpenCryptoki.randomElement().map { [$0] } ?? [])
    func onOtherTokenAtRandom(_ kind: KillKind) async throws { try await holdAtRandom(kind) }

    private func holdAtRandom(_ kind: KillKind) async throws {
        try await KillRoom.with(kind) { room in
            try await Turns.take {
                let seed = UInt64.random(in: 0...UInt64.max)
                var chance = SeededChance(state: seed)
                let held = try await HeldCeremony.killed(
                    atRandom: &chance, most: 6, mostOfRun: 2, lasting: [:], "killed", kind, in: room)
                let comment = Comment(rawValue: "seed \(seed), \(Self.comment(kind, held))")
                let outcome = try KillOutcome(held, calls: try await room.calls())
                #expect(try await outcome.excess() == (0, 0), comment)
                try await outcome.expectSound(likeUndisturbed: nil, isShown: true, comment)
            }
        }
    }

    @Test("with NSS's softoken, which says that it did not make its keys, each that goes on refuses it and makes none")
    func softoken() async throws {
        try await SoftokenTests.withToken { token in
            try await KillRoom.with(token) { room in
                let ceremony = try await KillCeremony.freeze("unfit", in: room)
                #expect(try await ceremony.run().status == 3)
                for person in try #require(try ceremony.wanted()).people {
                    try await ceremony.approveHere(.authorize, as: person)
                }
                let stride = Self.isEvery ? 1 : 8
                var number = Int.random(in: 1...stride)
                var ended = try await ceremony.run(["--kill-at", "\(number)"])
                while ended.status == -SIGKILL {
                    number += stride
                    ended = try await ceremony.run(["--kill-at", "\(number)"])
                }
                #expect(ended.status == 1 && number > 8, "\(ended.stderrText)")
                #expect(ended.stderrText.contains("A key came out with another CKA_LOCAL"), "\(ended.stderrText)")
                let changes = ["CreateKey", "ImportKeyMaterial", "RotateKeyOnDemand", "UpdateAlias"]
                #expect(try await room.calls().allSatisfy { !changes.contains($0.operation) })
                let ports = try room.setting.ports(
                    folder: ceremony.disk, progress: Unwatched(), program: room.program)
                for slot in try ceremony.slots {
                    #expect(try await ports.hsm.find(label: slot.label, id: slot.id).isEmpty)
                }
                try await ports.hsm.leave()
                #expect(try ceremony.record().gates.passed.map(\.statement.gate) == [.authorize])
            }
        }
    }

    /// The points after which it is known what was done, and the others. What a host remembers of a line is no call yet.
    private static func divided(
        _ points: [KillCeremony.Point], of strategy: Strategy
    ) -> (known: [KillCeremony.Point], unknown: [KillCeremony.Point]) {
        var divided: (known: [KillCeremony.Point], unknown: [KillCeremony.Point]) = ([], [])
        var isUnknown = false
        for point in points {
            if !point.name.contains(" memory.remember ") {
                isUnknown = KillOutcome.signedAgain[strategy]?.contains(point.name) == true
            }
            if isUnknown { divided.unknown.append(point) } else { divided.known.append(point) }
        }
        return divided
    }

    private static func comment(_ kind: KillKind, _ held: HeldCeremony) -> Comment {
        Comment(rawValue: "\(kind.testDescription): " + held.killed.map(\.description).joined(separator: "; "))
    }
}
