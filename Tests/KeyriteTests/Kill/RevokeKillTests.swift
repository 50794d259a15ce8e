import Evidence
import TestSupport
import Testing

/// The rest of its way is that of a rotation, which another kill test enumerates whole.
@Suite("An emergency stop that is killed where it is not like a rotation", .timeLimit(.minutes(60)))
struct RevokeKillTests {
    @Test("killed around its deletion's lines, and after the call, it ends like an undisturbed one, and deletes once")
    func ownCheckpoints() async throws {
        try await KillRoom.with { room in
            let undisturbed = try await HeldCeremony.undisturbed("undisturbed", .revoke, in: room)
            let normal = try NormalEvidence(of: undisturbed.ceremony.disk, slot: undisturbed.ceremony.name)
            let points = [
                "before journal revoke-intended", "after kms.deleteMaterial", "before journal revoked",
                "after journal revoked", "before journal revocation-verified", "after journal revocation-verified",
            ]
            let held = try await HeldCeremony.killed(atEach: ["run 3": points], "killed", .revoke, in: room)
            #expect(held.killed.map(\.name) == points)
            try await KillOutcome(held, calls: try await room.calls())
                .expect(likeUndisturbed: normal, "\(held.killed)")
        }
    }

    @Test(
        "killed before the call that nobody knows of then, it deletes nothing until people have signed once more",
        arguments: ["after journal revoke-intended", "before kms.deleteMaterial"])
    func unknown(point: String) async throws {
        try await KillRoom.with { room in
            let held = try await HeldCeremony.killed(atEach: ["run 3": [point]], "killed", .revoke, in: room)
            #expect(held.killed.map(\.name) == [point])
            let outcome = try KillOutcome(held, calls: try await room.calls())
            #expect(try await outcome.excess() == (0, 0))
            try await outcome.expectEnd("\(point)")
            let lines = try held.ceremony.record().transcript.lines
            let signed = lines.filter { line in
                if case .gateOpened(let statement) = line.event { statement.gate == .activate } else { false }
            }
            let kinds = lines.map(\.event.kind)
            let abandoned = try #require(kinds.firstIndex(of: .revokeAbandoned))
            #expect(signed.count == 2 && kinds[..<abandoned].contains(.revokeIntended))
            #expect(kinds[abandoned...].count { $0 == .revokeIntended } == 1)
        }
    }
}
