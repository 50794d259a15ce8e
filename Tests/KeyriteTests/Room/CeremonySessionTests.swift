import Foundation
import Room
import TestSupport
import Testing

@Suite("A role's session is named after the ceremony")
struct CeremonySessionTests {
    @Test(
        "that the folder holds, as soon as it holds one",
        arguments: [
            (#"{"ceremony":"2026-07-01-0a1b2c3d","mode":"live"}"#, "keyrite-2026-07-01-0a1b2c3d"),
            (#"{"ceremony":"a b"}"#, "keyrite"), (#"{"mode":"live"}"#, "keyrite"), ("{", "keyrite"), (nil, "keyrite"),
        ] as [(String?, String)])
    func named(plan: String?, name: String) async throws {
        try await withTemporaryFolder { parent in
            let folder = try DiskFolder.create(at: parent.appending(path: "ceremony").path)
            if let plan { try folder.write(Array(plan.utf8), to: "plan.json") }
            #expect(CeremonySession.name(in: folder) == name)
        }
    }
}
