import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite(
    "A host's key with a passphrase, which ssh-keygen asks for at the command's terminal",
    .enabled("the kernel lets nobody here be without a network: unshare --net is refused") {
        try await AirGapRoom.canIsolate()
    }, .timeLimit(.minutes(30)))
struct HostPassphraseTests {
    private static let passphrase = "only at the terminal"

    @Test("signs the card, the plan and a hand-over, and without a terminal nothing, which says what to do")
    func everyCommand() async throws {
        try await AirGapRoom.with { room in
            // With the keys as they are: who makes the card is not the matter yet.
            try await room.plan(out: room.connected.root + "/other")
            for host in [room.hsm, room.connected] {
                try await OwnKeys.sshKeygen("-q", "-p", "-P", "", "-N", Self.passphrase, "-f", host.gap.key)
            }
            let card = [
                "host", "card", "--site", room.hsm.siteFile, "--key-spec", "SYMMETRIC_DEFAULT", "--out",
                room.hsm.root + "/again.card",
            ]
            let silent = try await runProcess(
                "/usr/bin/setsid", ["--wait", try CeremonyRoom.program()] + card,
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
            #expect(silent.status == 1)
            #expect(silent.stderrText.contains("Nothing was signed with \(room.hsm.gap.key)"), "\(silent.stderrText)")
            #expect(silent.stderrText.contains("run the command at a terminal, or have an SSH agent hold the key"))
            #expect(access(room.hsm.root + "/again.card", F_OK) != 0)

            #expect(try await at(room.hsm, card, room, asked: 2) == 0)
            let plan = [
                "plan", "--definition", room.connected.root + "/definition.yaml", "--site", room.connected.siteFile,
                "--roster", room.rosterFolder, "--out", room.connected.ceremony, "--hsm-host",
                room.connected.root + "/vault.card",
            ]
            #expect(try await at(room.connected, plan, room, asked: 1) == 0)
            let run = ["run", room.connected.ceremony, "--site", room.connected.siteFile]
            #expect(try await at(room.connected, run, room, asked: 0) == 3)
            try await room.approve(.authorize, on: room.connected)
            #expect(try await at(room.connected, run, room, asked: 1) == 3)
            #expect(try DiskFolder(at: room.connected.ceremony).files().contains("handovers/1.json.sig"))
        }
    }

    /// Runs a command at a terminal of its own, where somebody knows the passphrase.
    ///
    /// - Parameter asked: How often they are asked.
    /// - Returns: Its exit status.
    private func at(
        _ host: AirGapRoom.Host, _ arguments: [String], _ room: AirGapRoom, asked: Int
    ) async throws -> Int32 {
        let command = room.command(on: host, [try CeremonyRoom.program()] + arguments)
        let terminal = try Pseudoterminal(
            command[0].hasPrefix("/") ? command : ["/usr/bin/env"] + command,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb"])
        defer { terminal.signal(SIGKILL) }
        for _ in 0..<asked {
            try await terminal.expect("It may ask for its passphrase.")
            try await terminal.expect("Enter passphrase")
            try await terminal.expect(": ")
            terminal.type(Self.passphrase + "\n")
        }
        let status = try await terminal.end().status
        #expect(!terminal.words.contains(Self.passphrase))
        if asked == 0 { #expect(!terminal.words.contains("passphrase")) }
        return status
    }
}
