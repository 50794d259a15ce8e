import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("The people at a gate")
struct PeopleTests {
    @Test("status tells who must act, from the plan to the first signature")
    func status() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await status(of: room).next == .init(gate: nil, attempt: nil, who: ["ada"]))
            #expect(try await room.run().status == 3)
            #expect(
                try await status(of: room).next
                    == .init(gate: "authorize", attempt: 1, who: ["ben", "carol", "dan"]))
            try await room.approve(.authorize, as: "carol")
            #expect(try await room.run().status == 3)
            #expect(
                try await status(of: room).next == .init(gate: "authorize", attempt: 1, who: ["ben", "dan"]))
            #expect(try await status(of: room).passed.isEmpty)

            let unsealed = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
            #expect(unsealed.status == 4)
            #expect(unsealed.stdoutText.contains("NOT CLOSED"))
        }
    }

    @Test("a refusal starts a second attempt, which carries it and wants the whole quorum again")
    func refusal() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            try await room.approve(.authorize, as: "ben")
            #expect(try await room.run().status == 3)
            let refused = try await approveAtTerminal(room, .authorize, as: "carol", typing: "no\nwrong day\n")
            #expect(refused.status == 0, "\(refused.stdoutText)")

            let waiting = try await room.run()
            #expect(waiting.status == 3)
            #expect(waiting.stderrText.contains("The gate authorize, attempt 2, waits for 2 custodian"))
            #expect(
                try await status(of: room).next
                    == .init(gate: "authorize", attempt: 2, who: ["ben", "carol", "dan"]))
            let statement = try CanonicalJSON.decode(
                Statement.self, from: try room.read(Statement.path(.authorize, 2)))
            #expect(statement.decisions.map(\.name) == ["ben", "carol"])
            #expect(statement.decisions.map(\.decision) == [.approve, .refuse])
            let refusal = try CanonicalJSON.decode(
                Approval.self, from: try room.read(Approval.path(.authorize, 1, "carol")))
            #expect(refusal.reason == "wrong day")

            try await room.approve(.authorize)
            #expect(try await room.run("--until", "authorize").status == 0)
        }
    }

    @Test("at a terminal only the gate's name approves: not Enter, not yes, not another gate")
    func terminal() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            for typed in ["\n", "yes\n", "y\n", "release\n", "Authorize\n", "no\n\n"] {
                let nothing = try await approveAtTerminal(room, .authorize, as: "ben", typing: typed)
                #expect(nothing.status == 1)
                #expect(nothing.stdoutText.contains("Nothing was signed"), "\(nothing.stdoutText)")
            }
            #expect(access(room.ceremony + "/approvals", F_OK) != 0)
            let signed = try await approveAtTerminal(room, .authorize, as: "ben", typing: "authorize\n")
            #expect(signed.status == 0, "\(signed.stdoutText)")
            #expect(signed.stdoutText.contains("keyrite.statement/1"), "what is signed is shown")
            #expect(access(room.ceremony + "/approvals/authorize-1/ben.json.sig", F_OK) == 0)
        }
    }

    @Test("nobody signs without a terminal, for a gate that is not open, as a stranger, as the administrator, or twice")
    func refusedSignatures() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await approve(room, "authorize", "ben", "--auto").status == 1, "no gate is open")
            #expect(try await room.run().status == 3)
            let silent = try await approve(room, "authorize", "ben")
            #expect(silent.status == 2)
            #expect(silent.stderrText.contains("There is no terminal to ask at"))
            #expect(try await approve(room, "release", "ben", "--auto").status == 1)
            #expect(try await approve(room, "open", "ben", "--auto").status == 2)
            #expect(try await approve(room, "authorize", "mallory", "--auto").status == 2)
            #expect(try await approve(room, "authorize", "ada", "--auto").status == 2)
            #expect(access(room.ceremony + "/approvals", F_OK) != 0)
            #expect(try await approve(room, "authorize", "ben", "--auto").status == 0)
            #expect(try await approve(room, "authorize", "ben", "--auto").status == 1)
        }
    }

    private func approve(
        _ room: CeremonyRoom, _ gate: String, _ name: String, _ more: String...
    ) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(
            ["approve", room.ceremony, "--gate", gate, "--as", name, "--site", room.room.siteFile] + more)
    }

    /// `keyrite approve` at a terminal of its own, with someone who types.
    private func approveAtTerminal(
        _ room: CeremonyRoom, _ gate: Gate, as name: String, typing text: String
    ) async throws -> ProcessOutcome {
        let command = [
            try CeremonyRoom.program(), "approve", room.ceremony, "--gate", gate.rawValue, "--as", name, "--site",
            room.room.siteFile,
        ].joined(separator: " ")
        return try await runProcess(
            "/usr/bin/timeout", ["--kill-after=5", "60", "/usr/bin/script", "-qec", command, "/dev/null"],
            input: Array(text.utf8))
    }

    private func status(of room: CeremonyRoom) async throws -> StatusReport {
        try StatusReport(try await CeremonyRoom.keyrite(["status", room.ceremony, "--format", "json"]))
    }
}
