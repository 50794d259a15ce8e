import CryptoPrimitives
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("keyrite rehearse")
struct RehearseTests {
    @Test(
        "prints the ceremony's folder alone, and what lies there verifies against the right roster",
        arguments: [("rotate", 1), ("rotate", 3), ("import", 1), ("replace", 2)])
    func printsTheFolder(strategy: String, keys: Int) async throws {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let out = base.path + "/ada's rehearsal"
                let rehearsed = try await CeremonyRoom.keyrite([
                    "rehearse", "--auto", "--strategy", strategy, "--keys", "\(keys)", "--wrapping-key-spec",
                    "RSA_2048", "--out", out,
                ])
                try #require(rehearsed.status == 0, "\(rehearsed.stderrText)")
                #expect(rehearsed.stdoutText == "\(out)/ceremony\n")
                let digest = SHA256Digest(of: try DiskFolder(at: out).read("ceremony/roster.json")).hex

                let verified = try await verify(out, "--roster", digest, "--expect", "rehearsal", "--format", "json")
                #expect(verified.status == 0)
                #expect(verified.stdoutText.contains(#""verdict":"verified""#))
                let unanchored = try await verify(out)
                #expect(unanchored.status == 4)
                #expect(unanchored.stdoutText.contains("CONSISTENT, NOT TRUSTED"))
                #expect(try await verify(out, "--roster", digest, "--expect", "live").status == 4)
                #expect(try await verify(out, "--roster", String(repeating: "0", count: 64)).status == 4)
                #expect(try await verify(out, "--roster", String(digest.dropLast())).status == 2)
                #expect(try await verify(out, "--roster", digest.uppercased()).status == 2)
                #expect(try await status(out).slots.map(\.done.last) == Array(repeating: "settled", count: keys))

                let pasted = try await paste(rehearsed.stderrText, after: "To verify the evidence:\n")
                #expect(pasted.stdoutText.contains("VERIFIED"), "\(pasted.stderrText)")
                let again = try await CeremonyRoom.keyrite(["run", out + "/ceremony", "--site", out + "/site.yaml"])
                let unanchoredToo = try await paste(again.stderrText, after: "without which nothing is trusted. Next: ")
                #expect(unanchoredToo.stdoutText == unanchored.stdoutText)

                let second = try await CeremonyRoom.keyrite(["rehearse", "--auto", "--out", out])
                #expect(second.status == 2)
                #expect(
                    second.stderrText.contains(
                        "\(out) has an earlier rehearsal, which is over, or was killed. It is not resumed: its HSM and its KMS "
                            + "ended with it. Name another folder"), "\(second.stderrText)")
            }
        }
    }

    @Test("across an air gap two hosts hold it in turns, with roles apart too, and neither has the other's half")
    func acrossTheGap() async throws {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let out = base.path + "/rehearsal"
                let rehearsed = try await CeremonyRoom.keyrite([
                    "rehearse", "--auto", "--gap", "--roles", "--keys", "2", "--wrapping-key-spec", "RSA_2048", "--out",
                    out,
                ])
                try #require(rehearsed.status == 0, "\(rehearsed.stderrText)")
                #expect(rehearsed.stdoutText == "\(out)/vault/ceremony\n")
                let pasted = try await paste(rehearsed.stderrText, after: "To verify the evidence:\n")
                #expect(pasted.stdoutText.contains("5 hand-overs") && pasted.stdoutText.contains("\nVERIFIED: "))
                let script = try await runProcess(
                    "dash",
                    [
                        TamperedFolder.script, out + "/vault/ceremony", "--roster",
                        SHA256Digest(of: try DiskFolder(at: out).read("roster/roster.json")).hex,
                    ])
                #expect(script.stdoutText == pasted.stdoutText, "\(script.stdoutText)\(script.stderrText)")

                let sites = try ["vault", "office"].map { host in
                    String(decoding: try DiskFolder(at: out).read("\(host)/site.yaml"), as: UTF8.self)
                }
                #expect(sites[0].contains("hsm:\n") && !sites[0].contains("aws:\n"))
                #expect(sites[1].contains("aws:\n") && !sites[1].contains("hsm:\n"))
            }
        }
    }

    @Test("what plan says to do next can be copied into a shell, wherever the program lies")
    func nextAfterPlan() async throws {
        try await CeremonyRoom.with { room in
            let planned = try await room.plan()
            let run = try await paste(planned.stderrText, after: "Next: ")
            #expect(run.status == 3, "\(run.stderrText)")
            #expect(run.stderrText.contains("The gate authorize, attempt 1, waits for"))
        }
    }

    @Test(
        "refuses a folder that exists, before it misses a terminal, and leaves it as it is",
        arguments: [[], ["--auto"]])
    func existingFolder(_ more: [String]) async throws {
        try await withTemporaryFolder { base in
            try Data("mine".utf8).write(to: base.appending(path: "file"))
            let refused = try await CeremonyRoom.keyrite(["rehearse", "--out", base.path] + more)
            #expect(refused.status == 2)
            #expect(refused.stdout.isEmpty)
            #expect(
                refused.stderrText
                    == "keyrite: \(base.path) exists already. Name one that does not exist yet for the rehearsal's room\n"
            )
            #expect(try FileManager.default.contentsOfDirectory(atPath: base.path) == ["file"])
        }
    }

    @Test("refuses numbers of keys that it cannot hold a ceremony for", arguments: ["0", "1001", "-1", "many"])
    func numberOfKeys(keys: String) async throws {
        try await withTemporaryFolder { base in
            let refused = try await CeremonyRoom.keyrite([
                "rehearse", "--auto", "--keys=\(keys)", "--out", base.path + "/rehearsal",
            ])
            #expect(refused.status == 2)
            #expect(!FileManager.default.fileExists(atPath: base.path + "/rehearsal"))
        }
    }

    @Test("leaves no server and no socket behind when a signal ends it", arguments: [SIGTERM, SIGINT, SIGKILL])
    func endsWithItsServers(signal: Int32) async throws {
        try await Turns.take {
            try await withTemporaryFolder { base in
                let process = Process()
                process.executableURL = URL(filePath: try CeremonyRoom.program())
                process.arguments = ["rehearse", "--auto", "--keys", "200", "--out", base.path + "/rehearsal"]
                process.standardOutput = FileHandle.nullDevice
                process.standardError = FileHandle.nullDevice
                try process.run()
                let pid = process.processIdentifier
                defer { kill(pid, SIGKILL) }
                // The ceremony has begun: its room is complete, its handlers stand.
                try await waitUntil { FileManager.default.fileExists(atPath: base.path + "/rehearsal/ceremony") }
                let yaml = try String(contentsOfFile: base.path + "/rehearsal/site.yaml", encoding: .utf8)
                guard case .socket(let socket) = try Site(yaml: yaml, file: "site.yaml").module else {
                    Issue.record("the site has no socket")
                    return
                }
                #expect(access(socket, F_OK) == 0)
                let children = ProcessMemory.children(of: pid)
                #expect(children.count == 2, "the token server and the emulator")
                let descendants = children + children.flatMap(ProcessMemory.children)

                kill(pid, signal)
                try await waitUntil { !process.isRunning }
                #expect(process.terminationReason == .uncaughtSignal)
                #expect(process.terminationStatus == signal)
                try await waitUntil {
                    descendants.allSatisfy { [nil, "Z", "X"].contains(ProcessMemory.state(of: $0)) }
                }
                // Nobody can clear up after SIGKILL.
                #expect((access(socket, F_OK) == 0) == (signal == SIGKILL))
                try? FileManager.default.removeItem(at: URL(filePath: socket).deletingLastPathComponent())
            }
        }
    }

    /// Runs, with a plain shell, what the program said to run: all that it printed last.
    private func paste(_ said: String, after words: String) async throws -> ProcessOutcome {
        let parts = said.components(separatedBy: words)
        try #require(parts.count == 2, "\(said)")
        return try await runProcess("sh", ["-c", parts[1]], environment: ["PATH": "/usr/bin:/bin"])
    }

    private func verify(_ out: String, _ more: String...) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(["verify", out + "/ceremony"] + more)
    }

    private func status(_ out: String) async throws -> StatusReport {
        try StatusReport(try await CeremonyRoom.keyrite(["status", out + "/ceremony", "--format", "json"]))
    }
}

/// Waits for what must come true within five minutes.
func waitUntil(_ condition: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while try !condition() {
        try #require(ContinuousClock.now < deadline, "it did not come true")
        try await Task.sleep(for: .milliseconds(2))
    }
}
