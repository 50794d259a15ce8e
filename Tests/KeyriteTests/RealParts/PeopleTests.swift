import CryptoPrimitives
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
            #expect(try await status(of: room).next == .init(gate: nil, attempt: nil, who: ["ada"], run: true))
            #expect(try await room.run().status == 3)
            #expect(
                try await status(of: room).next
                    == .init(gate: "authorize", attempt: 1, who: ["ben", "carol", "dan"]))
            try await room.approve(.authorize, as: "carol")
            let signed = StatusReport.Next(gate: "authorize", attempt: 1, who: ["ben", "dan"], signed: ["carol"])
            #expect(try await status(of: room).next == signed, "before the run has recorded it, too")
            #expect(try await room.run().status == 3)
            #expect(
                try await status(of: room).next == .init(gate: "authorize", attempt: 1, who: ["ben", "dan"]))
            #expect(try await status(of: room).passed.isEmpty)
            let next = try approveAtTerminal(room, .authorize, as: "ben", kind: "xterm")
            defer { next.terminal.signal(SIGKILL) }
            try await next.expect("authorize: 1 custodian of ben, dan")
            try await room.approve(.authorize, as: "dan")
            let late = try approveAtTerminal(room, .authorize, as: "ben", kind: "xterm")
            defer { late.terminal.signal(SIGKILL) }
            try await late.expect("authorize")
            #expect(!late.terminal.words.contains("custodian of"), "\(late.terminal.shown)")
            let due = try await status(of: room).next
            #expect(
                due == .init(gate: "authorize", attempt: 1, who: ["ada"], signed: ["dan"], run: true))
            let text = try await CeremonyRoom.keyrite(["status", room.ceremony]).stdoutText
            #expect(
                text.contains("is open. Signed since the last run by: dan. Next: ada with keyrite run\n"), "\(text)")

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
            let carol = try approveAtTerminal(room, .authorize, as: "carol", kind: "xterm")
            defer { carol.terminal.signal(SIGKILL) }
            let standing = ". Step 1 of 11, authorize: 1 custodian of carol, dan"
            try await carol.expect(standing)
            try await carol.leaf()
            try await carol.expect(standing)
            try await carol.answer("authorize, no, read or back: ", "no")
            try await carol.expect(standing)
            try await carol.answer("Reason: ", "wrong day")
            try await carol.expect(standing)
            try await carol.answer("PIN: ", try carol.pin(of: "carol"))
            #expect(try await carol.terminal.end().status == 0, "\(carol.terminal.shown)")

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

    @Test("a mistyped PIN loses neither a refusal nor its reason: the PIN is asked for again, and the reason is signed")
    func mistypedPIN() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            let ben = try approveAtTerminal(room, .authorize, as: "ben")
            defer { ben.terminal.signal(SIGKILL) }
            try await ben.leaf()
            try await ben.answer("authorize, no, read or back: ", "no")
            try await ben.answer("Reason: ", "the serial is another one")
            try await ben.answer("PIN: ", "1234567")
            try await ben.expect("The PIN is wrong")
            try await ben.answer("PIN: ", try ben.pin(of: "ben"))
            #expect(try await ben.terminal.end().status == 0, "\(ben.terminal.shown)")
            let approval = try CanonicalJSON.decode(
                Approval.self, from: try DiskFolder(at: room.ceremony).read(Approval.path(.authorize, 1, "ben")))
            #expect(approval.decision == .refuse)
            #expect(try approval.reason.map { try PercentEncoding.decode($0) } == "the serial is another one")
        }
    }

    @Test("at a terminal only the gate's name approves: not Enter, not yes, not another gate")
    func terminal() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            let undecided = try approveAtTerminal(room, .authorize, as: "ben")
            defer { undecided.terminal.signal(SIGKILL) }
            try await undecided.leaf()
            let question = "authorize, no, read or back: "
            for typed in ["", "yes", "y", "release", "Authorize"] {
                try await undecided.answer(question, typed)
                try await undecided.expect("approves nothing")
            }
            try await undecided.answer(question, "no")
            try await undecided.answer("Reason: ", "")
            try await undecided.answer(question, "back")
            #expect(try await undecided.terminal.end().status == 1)
            #expect(undecided.terminal.words.contains("Nothing was signed"))

            let wrong = try approveAtTerminal(room, .authorize, as: "ben")
            defer { wrong.terminal.signal(SIGKILL) }
            try await wrong.leaf()
            try await wrong.answer(question, "authorize")
            for _ in 1...3 {
                try await wrong.answer("PIN: ", "1234567")
                try await wrong.expect("The PIN is wrong")
            }
            #expect(try await wrong.terminal.end().status == 1)
            #expect(wrong.terminal.words.contains("Nothing was signed"))
            #expect(access(room.ceremony + "/approvals", F_OK) != 0)

            let signed = try approveAtTerminal(room, .authorize, as: "ben")
            defer { signed.terminal.signal(SIGKILL) }
            try await signed.leaf()
            try await signed.answer(question, "authorize")
            // A slip and a cursor key: what they leave behind is not the PIN's.
            try await signed.answer("PIN: ", "x\u{7F}" + (try signed.pin(of: "ben")) + "\u{1B}[D")
            #expect(try await signed.terminal.end().status == 0, "\(signed.terminal.shown)")
            #expect(signed.terminal.words.contains("keyrite.statement/1"), "what is signed is shown")
            #expect(access(room.ceremony + "/approvals/authorize-1/ben.json.sig", F_OK) == 0)
        }
    }

    @Test("on a screen of 40 columns and 20 rows the last question and the SHA-256 stay, whatever is typed")
    func smallScreen() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            let digest = SHA256Digest(of: try room.read(Statement.path(.authorize, 1))).hex
            let ben = try approveAtTerminal(room, .authorize, as: "ben", kind: "xterm", columns: 40, rows: 20)
            defer { ben.terminal.signal(SIGKILL) }
            try await ben.leaf()
            let prompt = "authorize, no, read or back: "
            try await ben.expect(prompt)
            for typed in ["", "yes"] {
                ben.terminal.type(typed + "\n")
                try await ben.expect("approves nothing")
                try await ben.expect(prompt)
                let screen = ben.screen.map { $0.trimmingCharacters(in: .whitespaces) }
                #expect(screen.count <= 20, "\(screen)")
                #expect(screen.joined(separator: " ").contains("ben: do you approve the gate authorize?"), "\(screen)")
                #expect(screen.joined().contains(digest), "\(screen)")
            }
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
            #expect(try await approve(room, "release", "ben", "--auto").status == 2)
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

    /// `keyrite approve` at a terminal of its own.
    private func approveAtTerminal(
        _ room: CeremonyRoom, _ gate: Gate, as name: String, kind: String = "dumb", columns: UInt16 = 80,
        rows: UInt16 = 24
    ) throws -> Attendant {
        try Attendant(
            [
                "approve", room.ceremony, "--gate", gate.rawValue, "--as", name, "--site", room.room.siteFile,
            ], room: room.room.root, kind: kind, columns: columns, rows: rows)
    }

    private func status(of room: CeremonyRoom) async throws -> StatusReport {
        try StatusReport(try await CeremonyRoom.keyrite(["status", room.ceremony, "--format", "json"]))
    }
}
