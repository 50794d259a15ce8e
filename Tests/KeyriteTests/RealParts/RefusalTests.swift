import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("What the program refuses before it does anything")
struct RefusalTests {
    @Test("a live site, and a rehearsal's that leads off this machine", arguments: ["live", "far"])
    func site(which: String) async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            let before = try contents(of: room.ceremony)
            let own = try String(contentsOfFile: room.room.siteFile, encoding: .utf8)
            let changed =
                which == "live"
                ? own.replacing("mode: rehearsal", with: "mode: live")
                : own.replacing(room.room.site.endpoint, with: "https://kms.eu-central-1.amazonaws.com")
            try #require(changed != own)
            let site = room.base.path + "/other.yaml"
            try Data(changed.utf8).write(to: URL(filePath: site))
            let commands = [
                ["run", room.ceremony], ["approve", room.ceremony, "--gate", "authorize", "--as", "ben", "--auto"],
                [
                    "plan", "--definition", room.base.path + "/definition.yaml", "--roster", room.room.rosterFolder,
                    "--out", room.base.path + "/second",
                ],
            ]
            for command in commands {
                let refused = try await CeremonyRoom.keyrite(command + ["--site", site])
                #expect(refused.status == 2, "\(command[0]): \(refused.stderrText)")
            }
            #expect(try contents(of: room.ceremony) == before)
            #expect(access(room.base.path + "/second", F_OK) != 0)
        }
    }

    @Test("a folder that is no ceremony, and one that does not exist")
    func folder() async throws {
        try await CeremonyRoom.with { room in
            let nonsense = try DiskFolder.create(at: room.base.path + "/nonsense")
            try nonsense.write(Array("{}".utf8), to: "plan.json")
            let refused = try await CeremonyRoom.keyrite(["run", nonsense.root, "--site", room.room.siteFile])
            #expect(refused.status == 4)
            #expect(refused.stderrText.contains("roster.json: it is missing"), "\(refused.stderrText)")
            #expect(try nonsense.files() == ["plan.json"])
            let missing = try await room.run()
            #expect(missing.status == 2)
            #expect(missing.stderrText.contains("No such file or directory"))
            #expect(access(room.ceremony, F_OK) != 0)
        }
    }

    @Test("a second run beside one that works")
    func secondRun() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            let first = Process()
            first.executableURL = URL(filePath: try CeremonyRoom.program())
            first.arguments = ["run", room.ceremony, "--site", room.room.siteFile, "--stop-at", "1"]
            first.standardError = FileHandle.nullDevice
            try first.run()
            let pid = first.processIdentifier
            defer { if first.isRunning { kill(pid, SIGKILL) } }
            try await waitUntil { ProcessMemory.state(of: pid) == "T" }
            let second = try await room.run()
            #expect(second.status == 1)
            #expect(second.stderrText.contains("Another keyrite run works on"))
            #expect(second.stderrText.contains("If nobody sits at it any more, end it, then run again: "))
            kill(pid, SIGCONT)
            try await waitUntil { !first.isRunning }
            #expect(first.terminationStatus == 3)
        }
    }

    /// Every file below a folder, with its bytes.
    private func contents(of path: String) throws -> [String: [UInt8]] {
        let folder = try DiskFolder(at: path)
        return Dictionary(uniqueKeysWithValues: try folder.files().map { ($0, try folder.read($0)) })
    }
}
