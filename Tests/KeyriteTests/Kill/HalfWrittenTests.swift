import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A person's approval that was killed while it was written", .timeLimit(.minutes(60)))
struct HalfWrittenTests {
    @Test("stops nobody, at whichever gate: others sign, and the ceremony is sealed without it")
    func stopsNobody() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            for gate in Gate.allCases {
                #expect(try await room.run().status == 3)
                try leaveHalf(of: gate, as: "dan", in: room)
                try await room.approve(gate)
            }
            let closed = try await room.run()
            #expect(closed.status == 0, "\(closed.stderrText)")
            let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
            #expect(verified.status == 0, "\(verified.stdoutText)")
            let partials = try DiskFolder(at: room.ceremony).files().filter { $0.hasSuffix(Manifest.partialSuffix) }
            #expect(partials == [])
        }
    }

    @Test("and can be made good by the same person")
    func signedAgain() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            try leaveHalf(of: .authorize, as: "ben", in: room)
            try await room.approve(.authorize)
            #expect(try await room.run("--until", "authorize").status == 0)
        }
    }

    /// Leaves what `keyrite approve` leaves that is killed in the middle of writing the approval.
    private func leaveHalf(of gate: Gate, as name: String, in room: CeremonyRoom) throws {
        let attempt = try #require(try room.record().gates.open?.statement.attempt)
        let folder = URL(filePath: room.ceremony).appending(path: Approval.folder(gate, attempt))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let partial = folder.appending(path: ".\(name).json\(Manifest.partialSuffix)")
        try Data(#"{"at":"2026-11-23T18:33:00Z","deci"#.utf8).write(to: partial)
    }
}
