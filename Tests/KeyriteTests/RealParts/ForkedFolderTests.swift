import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("Two folders that were forked from one")
struct ForkedFolderTests {
    @Test("whoever signed in one is refused in the other, by approve and by run, and told to find out which is true")
    func forked() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            let fork = room.base.path + "/fork"
            try FileManager.default.copyItem(atPath: room.ceremony, toPath: fork)
            #expect(try await room.run().status == 3)
            try await room.approve(.authorize, as: "ben")

            // A host that has not seen the first one goes on with the other.
            let (own, other) = (room.room.siteFile, room.base.path + "/other.yaml")
            let site = try String(contentsOfFile: own, encoding: .utf8)
            let elsewhere = site.replacing(room.room.site.memory, with: room.base.path + "/elsewhere")
            try #require(elsewhere != site)
            try Data(elsewhere.utf8).write(to: URL(filePath: other))
            // Its lines have another time.
            try await Task.sleep(for: .seconds(1.1))
            #expect(try await CeremonyRoom.keyrite(["run", fork, "--site", other]).status == 3)

            let before = try snapshot(of: URL(filePath: fork))
            let approve = ["approve", fork, "--gate", "authorize", "--as", "ben", "--auto", "--site"]
            for arguments in [approve + [own], ["run", fork, "--site", own]] {
                let refused = try await CeremonyRoom.keyrite(arguments)
                #expect(refused.status == 4)
                #expect(
                    refused.stderrText.contains(
                        ": another line stood here before, with the gate authorize, attempt 1. "),
                    "\(refused.stderrText)")
                #expect(
                    refused.stderrText.contains(
                        "This machine saw or signed another folder of this ceremony, or this one when it had more. Find out "
                            + "which of them is the ceremony's"))
                #expect(!refused.stderrText.contains("restore the file"))
            }
            #expect(try snapshot(of: URL(filePath: fork)) == before)
            // Another machine, which remembers nothing, is not kept from it.
            #expect(try await CeremonyRoom.keyrite(approve + [other]).status == 0)
        }
    }
}
