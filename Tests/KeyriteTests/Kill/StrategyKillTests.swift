import Evidence
import TestSupport
import Testing

/// The rest of their way is that of a rotation, which the other kill test enumerates whole.
@Suite("A first import or a replacement that is killed where it is not like a rotation", .timeLimit(.minutes(60)))
struct StrategyKillTests {
    /// The lines and calls in which these strategies are not like a rotation.
    private static let own = [
        "journal create-intended", "kms.createKey", "journal created", "journal import-intended",
        "kms.importMaterial new", "journal imported", "journal alias-intended", "kms.createAlias", "kms.updateAlias",
        "journal alias-set", "journal activation-verified",
    ]

    /// After a kill at these nobody knows whether KMS was asked: `activate` is signed once more.
    private static let unknown = ["after journal alias-intended", "before kms.createAlias", "before kms.updateAlias"]

    @Test(
        "killed before the change of its alias, of which nobody knows then, it changes nothing until people have signed once more",
        arguments: [
            (Strategy.import, unknown[0]), (.import, unknown[1]), (.replace, unknown[0]), (.replace, unknown[2]),
        ])
    func signedAgain(strategy: Strategy, point: String) async throws {
        try await KillRoom.with { room in
            let held = try await HeldCeremony.killed(atEach: ["run 4": [point]], "killed", strategy, in: room)
            #expect(held.killed.map(\.name) == [point])
            let outcome = try KillOutcome(held, calls: try await room.calls())
            #expect(try await outcome.excess() == (0, 0))
            try await outcome.expectEnd("\(point)")
            let kinds = try held.ceremony.record().transcript.lines.map(\.event.kind)
            let abandoned = try #require(kinds.firstIndex(of: .aliasAbandoned))
            #expect(kinds[..<abandoned].contains(.aliasIntended))
            #expect(kinds[abandoned...].count { $0 == .aliasIntended } == 1)
            #expect(try held.ceremony.record().gates.statement(of: .activate)?.attempt == 2)
        }
    }

    @Test(
        "killed before and after each of its own lines and effects, it ends like an undisturbed one",
        arguments: [(Strategy.import, 12), (.replace, 18)])
    func ownCheckpoints(strategy: Strategy, count: Int) async throws {
        try await expectUndisturbedEnd(strategy, .symmetric, killedAt: Self.own, count: count)
    }

    /// The lines and calls in which keys that have one material for ever are not like symmetric ones.
    private static let ofOneMaterial = [
        "journal generate-intended", "hsm.generate", "hsm.authenticate", "journal generated",
        "journal import-intended", "kms.importMaterial new", "kms.authenticate", "kms.publicKey",
        "journal imported", "journal activation-verified",
    ]

    @Test(
        "so does a first import of a key that KMS shows by what it computes, with the module in either process",
        arguments: [(KeySpec.hmac256, false, 18), (.p256, true, 16)])
    func ownCheckpoints(keySpec: KeySpec, hostsModule: Bool, count: Int) async throws {
        try await expectUndisturbedEnd(
            .import, keySpec, hostsModule: hostsModule, killedAt: Self.ofOneMaterial, count: count)
    }

    @Test("so does a rotation whose release is signed for the activation too, from the proof on")
    func folded() async throws {
        let own = [
            "journal proved", "journal rotate-intended", "kms.rotate", "journal rotated", "journal settle-intended",
        ]
        try await expectUndisturbedEnd(.rotate, .symmetric, folds: true, killedAt: own, count: 10)
    }

    private func expectUndisturbedEnd(
        _ strategy: Strategy, _ keySpec: KeySpec, hostsModule: Bool = false, folds: Bool = false,
        killedAt own: [String], count: Int
    ) async throws {
        try await KillRoom.with(hostsModule: hostsModule) { room in
            let undisturbed = try await HeldCeremony.undisturbed(
                "undisturbed", strategy, keySpec, folds: folds, in: room)
            let normal = try NormalEvidence(of: undisturbed.ceremony.disk, slot: undisturbed.ceremony.name)
            var killed = 0
            // Every other one in one ceremony: what goes on has some way to go before it is killed in its turn.
            for offset in 0..<2 {
                try await Turns.take {
                    let points = undisturbed.names().mapValues { names in
                        let own = names.filter { name in
                            !Self.unknown.contains(name)
                                && own.contains { name == "before \($0)" || name == "after \($0)" }
                        }
                        return own.indices.filter { $0 % 2 == offset }.map { own[$0] }
                    }
                    let held = try await HeldCeremony.killed(
                        atEach: points, "killed-\(offset)", strategy, keySpec, folds: folds, in: room)
                    let comment = Comment(rawValue: held.killed.map(\.description).joined(separator: "; "))
                    try await KillOutcome(held, calls: try await room.calls())
                        .expect(likeUndisturbed: normal, comment)
                    killed += held.killed.count
                }
            }
            #expect(killed == count)
        }
    }
}
