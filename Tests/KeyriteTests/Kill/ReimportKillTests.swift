import Ceremony
import Evidence
import Foundation
import Room
import Synchronization
import TestSupport
import Testing

@Suite("Material imported again by processes that are killed", .timeLimit(.minutes(60)))
struct ReimportKillTests {
    /// The lines and calls in which it is not like a rotation.
    private static let own = [
        "journal generate-intended", "hsm.giveCheckUsage", "journal generated", "journal import-intended",
        "kms.importMaterial existing", "journal imported", "journal reimport-verified", "journal settle-intended",
        "hsm.removeCheckUsage", "journal settled",
    ]

    /// After a kill at these nobody knows whether KMS was asked: `release` is signed once more.
    private static let unknown = ["after journal import-intended", "before kms.importMaterial existing"]

    @Test(
        "killed before the call that nobody knows of then, it imports nothing until people have signed once more",
        arguments: unknown)
    func signedAgain(point: String) async throws {
        try await KillRoom.with { room in
            let held = try await HeldCeremony.killed(atEach: ["run 3": [point]], "killed", .reimport, in: room)
            #expect(held.killed.map(\.name) == [point])
            let outcome = try KillOutcome(held, calls: try await room.calls())
            #expect(try await outcome.excess() == (0, 0))
            try await outcome.expectEnd("\(point)")
            let kinds = try held.ceremony.record().transcript.lines.map(\.event.kind)
            let abandoned = try #require(kinds.firstIndex(of: .importAbandoned))
            #expect(kinds[..<abandoned].contains(.importIntended))
            #expect(kinds[abandoned...].count { $0 == .importIntended } == 1)
            #expect(try held.ceremony.record().gates.statement(of: .release)?.attempt == 2)
        }
    }

    @Test(
        "killed before and after each of its own lines and effects, it ends like an undisturbed one", arguments: [1, 2])
    func ownCheckpoints(keys: Int) async throws {
        try await KillRoom.with { room in
            let undisturbed = try await HeldCeremony.undisturbed("undisturbed", .reimport, keys: keys, in: room)
            let normal = try NormalEvidence(of: undisturbed.ceremony.disk, slot: undisturbed.ceremony.name)
            var killed = 0
            // Every other one in one ceremony: what goes on has some way to go before it is killed in its turn.
            for offset in 0..<2 {
                let points = undisturbed.names().mapValues { names in
                    let own = names.filter { name in
                        !Self.unknown.contains(name)
                            && Self.own.contains { name == "before \($0)" || name == "after \($0)" }
                    }
                    return own.indices.filter { $0 % 2 == offset }.map { own[$0] }
                }
                let held = try await HeldCeremony.killed(
                    atEach: points, "killed-\(offset)", .reimport, keys: keys, in: room)
                let comment = Comment(rawValue: held.killed.map(\.description).joined(separator: "; "))
                try await KillOutcome(held, calls: try await room.calls()).expect(likeUndisturbed: normal, comment)
                killed += held.killed.count
            }
            #expect(killed == 2 * Self.own.count - Self.unknown.count)
        }
    }

    @Test(
        "killed and then ended early, it leaves the token's key as it was",
        arguments: ["before hsm.giveCheckUsage", "after hsm.giveCheckUsage", "after journal generated"])
    func endedEarly(point: String) async throws {
        try await KillRoom.with { room in
            let ceremony = try await KillCeremony.freeze("ended", .reimport, in: room)
            #expect(try await ceremony.run().status == 3)
            for person in try #require(try ceremony.wanted()).people {
                try await ceremony.approveHere(.authorize, as: person)
            }
            #expect(try await ceremony.run(["--kill-at", point]).status == -SIGKILL)
            let ports = try room.setting.ports(
                folder: ceremony.disk, progress: Unwatched(), attendance: Ending(), program: room.program)
            let slot = try ceremony.slots[0]
            func isUsed() async throws -> Bool {
                let found = try await ports.hsm.find(label: slot.label, id: slot.id)
                try await ports.hsm.leave()
                return try #require(found.first).attributes.contains(AttributeSetting("CKA_ENCRYPT", "true"))
            }
            #expect(try await isUsed() == (point != "before hsm.giveCheckUsage"))
            // The test's own process is another program than the plan's.
            let moved = Moved(by: "ada", why: "to end it")
            guard case .waiting(.close, _, _) = try await Engine(opening: ports).run(moved: moved) else {
                return _ = Issue.record("close is not open")
            }
            #expect(try await !isUsed())
            for person in try #require(try ceremony.wanted()).people {
                try await ceremony.approveHere(.close, as: person)
            }
            #expect(try await Engine(opening: ports).run() == .closed)
        }
    }
}

/// Ends the ceremony, once.
private final class Ending: AttendancePort {
    private let isSaid = Mutex(false)

    func takeBack(_: [Interjection]) { Issue.record("what was said could not be put on record") }

    func interjections() async throws -> [Interjection] {
        isSaid.withLock { isSaid in
            defer { isSaid = true }
            return isSaid ? [] : [.abort(by: "ada", reason: "it is not wanted")]
        }
    }
}
