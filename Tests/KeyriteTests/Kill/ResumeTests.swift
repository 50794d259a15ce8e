import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("A ceremony that others disturb", .timeLimit(.minutes(60)))
struct ResumeTests {
    @Test("a second run on the folder is refused while the first works, and the first goes on")
    func oneRunAtATime() async throws {
        try await KillRoom.with { room in
            let ceremony = try await KillCeremony.freeze("locked", in: room)
            let pidFile = ceremony.folder + ".pid"
            async let first = runProcess(
                "/bin/sh",
                ["-c", "echo $$ > \"$0\"; exec \"$@\"", pidFile] + ceremony.runCommand(["--stop-at", "3"]))
            let pid = try await stoppedProcess(pidFile)
            let second = try await ceremony.run()
            #expect(second.status == 1)
            #expect(second.stderrText.contains("Another keyrite run works on"))
            #expect(kill(pid, SIGCONT) == 0)
            #expect(try await first.status == 3)
            let kinds = try ceremony.record().transcript.lines.map(\.event.kind)
            #expect(kinds == [.runStarted, .gateOpened, .fetchIntended, .fetched, .fetchIntended, .fetched])
        }
    }

    @Test("the lock of a run that is killed dies with it, and the next goes on")
    func lockOfKilled() async throws {
        try await KillRoom.with { room in
            let ceremony = try await KillCeremony.freeze("killed", in: room)
            let pidFile = ceremony.folder + ".pid"
            async let first = runProcess(
                "/bin/sh",
                ["-c", "echo $$ > \"$0\"; exec \"$@\"", pidFile] + ceremony.runCommand(["--stop-at", "3"]))
            let pid = try await stoppedProcess(pidFile)
            #expect(try await ceremony.run().status == 1)
            #expect(kill(pid, SIGKILL) == 0)
            #expect(try await first.status == -SIGKILL)
            #expect(try await ceremony.run().status == 3)
        }
    }

    @Test("a torn last line is cut off, half-written files are removed, and the end is like an undisturbed one")
    func tornLine() async throws {
        try await KillRoom.with { room in
            let undisturbed = try await HeldCeremony.undisturbed("whole", in: room).ceremony
            let ceremony = try await KillCeremony.freeze("torn", in: room)
            while try await ceremony.run().status == 3 {
                let (gate, people) = try #require(try ceremony.wanted())
                for person in people { try await ceremony.approveHere(gate, as: person) }
                try tear(ceremony)
            }
            let evidence = try NormalEvidence(of: ceremony.disk, slot: ceremony.name)
            let normal = try NormalEvidence(of: undisturbed.disk, slot: undisturbed.name)
            #expect(evidence.firstDifference(from: normal) == nil)
        }
    }

    /// Leaves what a power cut in the middle of two writes would leave.
    private func tear(_ ceremony: KillCeremony) throws {
        let disk = try ceremony.disk
        let transcript = try disk.read(Transcript.path)
        let last = try #require(transcript.dropLast().split(separator: UInt8(ascii: "\n")).last)
        try disk.append(Array(last.prefix(last.count / 2)), to: Transcript.path)
        #expect(throws: EvidenceError.self) { try ceremony.record() }
        try disk.write(Array("half".utf8), to: "statements/.close-1.json.partial")
    }

    /// The process that wrote its id into a file, once it is stopped.
    private func stoppedProcess(_ pidFile: String) async throws -> Int32 {
        let deadline = ContinuousClock.now + .seconds(240)
        var pid: Int32?
        while ContinuousClock.now < deadline {
            let text = (try? String(contentsOfFile: pidFile, encoding: .utf8)) ?? ""
            pid = Int32(text.dropLast())
            if let pid, ProcessMemory.state(of: pid) == "T" { return pid }
            try await Task.sleep(for: .milliseconds(10))
        }
        // Whoever waits for its end would wait for ever, should it stop after all.
        if let pid { kill(pid, SIGKILL) }
        throw CocoaError(.fileReadUnknown)
    }
}
