import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("A ceremony that goes on with a program that was built again", .timeLimit(.minutes(60)))
struct OtherProgramTests {
    /// The program with a byte behind its end, which no loader reads.
    private func rebuilt(in room: CeremonyRoom) async throws -> (path: String, digest: String) {
        let path = room.base.path + "/keyrite"
        try FileManager.default.copyItem(atPath: try CeremonyRoom.program(), toPath: path)
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data([0]))
        try file.close()
        let sum = try await runProcess("sha256sum", [path], environment: ["PATH": "/usr/bin:/bin"])
        return (path, String(sum.stdoutText.prefix(64)))
    }

    @Test("is refused, then asked about at the terminal, goes on record, is read by who signs again, and is verified")
    func rebuilt() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            try await room.approve(.authorize)
            #expect(try await room.run().status == 3)
            try await room.approve(.release)
            #expect(try await room.run("--until", "release").status == 0)
            let program = try await rebuilt(in: room)
            let before = try room.read(Transcript.path)
            func run(_ more: String...) async throws -> ProcessOutcome {
                try await runProcess(
                    "/usr/bin/timeout",
                    ["--kill-after=5", "300", program.path, "run", room.ceremony, "--site", room.room.siteFile] + more,
                    environment: ["PATH": "/usr/bin:/bin"])
            }
            let refused = try await run()
            #expect(refused.status == 1)
            #expect(refused.stderrText.contains("with the program \(program.digest), planned was"))
            #expect(refused.stderrText.contains("keyrite run with --moved \"WHY\" --as ada"))
            #expect(try await run("--moved", "why").status == 2)
            #expect(try await run("--moved", "why", "--as", "ben").status == 2)
            #expect(try room.read(Transcript.path) == before)

            let people = try Attendant(
                program: program.path, ["run", room.ceremony, "--site", room.room.siteFile, "--attended"],
                room: room.room.root, columns: 250)
            defer { people.terminal.signal(SIGKILL) }
            try await people.answer("Administrator: ", "ada")
            try await people.answer("Type go on here: ", "go on here")
            try await people.answer("Why: ", "it was mended")
            try await people.expect(
                "The gate release was passed in attempt 1, and then another machine or program went on")
            let status = try await CeremonyRoom.keyrite(["status", room.ceremony])
            #expect(status.stdoutText.contains("The gate release was passed in attempt 1"), "\(status.stdoutText)")
            let read = try await people.approve("release", as: "ben")
            #expect(
                read.contains("Another machine or program than planned") && read.contains(program.digest), "\(read)")
            try await people.approve("release", as: "carol")
            for name in ["ben", "carol"] { try await people.approve("activate", as: name) }
            for name in ["ben", "carol", "wendy"] { try await people.approve("close", as: name) }
            try #require(try await people.terminal.end().status == 0, "\(people.terminal.unread)")

            let options = [room.ceremony, "--roster", room.rosterDigest, "--expect", "rehearsal"]
            let ours = try await CeremonyRoom.keyrite(["verify"] + options)
            let script = try await runProcess("dash", [TamperedFolder.script] + options)
            #expect(ours.status == 0 && script.status == 0)
            #expect(ours.stdoutText == script.stdoutText)
            #expect(ours.stdoutText.contains("signed      not in the plan: "))
        }
    }
}
