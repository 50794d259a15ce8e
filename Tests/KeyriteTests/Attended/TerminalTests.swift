import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("The terminal of an attended ceremony")
struct TerminalTests {
    @Test("the screen fits whatever size it has, also when that changes", arguments: [UInt16(80), 120])
    func resize(columns: UInt16) async throws {
        try await Attendant.rehearse(kind: "xterm-256color", columns: columns) { people, _ in
            try await people.expect("Who signs? ")
            try await waitForScreen(people, columns: Int(columns))
            for narrower in [UInt16(60), 40, 20] {
                people.terminal.resize(columns: narrower, rows: 30)
                // Below 40 columns lines are wrapped as for 40.
                try await waitForScreen(people, columns: max(40, Int(narrower)))
            }
            // What was typed before stays, and the pages are made anew.
            people.terminal.type("be")
            for letter in ["b", "e"] { try await people.expect(letter) }
            people.terminal.resize(columns: 80, rows: 24)
            try await people.expect("Who signs? be")
            people.terminal.type("n\n")
            try await people.expect("Page 1 of ")
            people.terminal.resize(columns: 50, rows: 24)
            try await people.expect("Page 1 of ")
            try await waitForScreen(people, columns: 50)
            people.terminal.type(Attendant.key("C"))
            try await people.answer("resume, abort or leave: ", "leave")
            #expect(try await people.terminal.end().status == 3)
        }
    }

    /// Waits until the last screen that was painted is no wider than that, nor higher than the terminal, and asks.
    private func waitForScreen(_ people: Attendant, columns: Int) async throws {
        try await waitUntil {
            let lines = people.screen
            let asks = lines.last?.hasPrefix("Who signs? ") == true || lines.last?.hasPrefix("Page ") == true
            return !lines.contains { $0.contains("\u{1B}") } && (6...30).contains(lines.count) && asks
                && lines.allSatisfy { $0.count <= columns }
        }
    }

    @Test(
        "there is plain text alone on a dumb terminal, without one that is named, and under NO_COLOR",
        arguments: [("dumb", [:]), ("", [:]), ("xterm-256color", ["NO_COLOR": "1"])])
    func plain(kind: String, environment: [String: String]) async throws {
        try await Attendant.rehearse(kind: kind, environment: environment) { people, _ in
            try await people.press("C", at: "Who signs? ")
            try await people.answer("resume, abort or leave: ", "leave")
            #expect(try await people.terminal.end().status == 3)
            #expect(!people.terminal.shown.utf8.contains(0x1B))
        }
    }

    @Test("a colourful terminal is painted in place; each page there tells where people are, and the time goes on")
    func painted() async throws {
        try await Attendant.rehearse(kind: "xterm-256color") { people, _ in
            try await people.expect("Who signs? ")
            // In its own row, the second, and the cursor put back.
            let row = try await people.terminal.expect("\u{1B}8")
            #expect(row.hasSuffix("s\u{1B}[0m\u{1B}8"))
            #expect(row.hasPrefix("\u{1B}7\u{1B}[2;1H\u{1B}[2K\u{1B}[2mElapsed "))
            people.terminal.type("ben\n")
            let standing = ". Step 1 of 11, authorize: 2 custodians of ben, carol, dan"
            try await people.expect(standing)
            try await people.leaf()
            try await people.expect(standing)
            try await people.answer("authorize, no, read or back: ", "authorize")
            try await people.expect(standing)
            try await people.answer("PIN: ", "")
            try await people.expect("ben stepped back.")
            try await people.press("C", at: "Who signs? ")
            try await people.answer("resume, abort or leave: ", "leave")
            #expect(try await people.terminal.end().status == 3)
            #expect(people.terminal.shown.contains("\u{1B}[H\u{1B}[J"))
        }
    }

    @Test(
        "told to end, it ends by that signal, gives the terminal back and leaves no server",
        arguments: [SIGTERM, SIGHUP])
    func signals(number: Int32) async throws {
        try await Attendant.rehearse { people, room in
            let before = people.terminal.settingsBefore
            #expect(before.echoes)
            try await people.expect("Who signs? ")
            #expect(!people.terminal.settings.echoes)
            let pid = people.terminal.processIdentifier
            let children = ProcessMemory.children(of: pid)
            #expect(children.count == 2, "the token server and the emulator")
            let yaml = try String(contentsOfFile: room + "/site.yaml", encoding: .utf8)
            guard case .socket(let socket) = try Site(yaml: yaml, file: "site.yaml").module else {
                Issue.record("the site has no socket")
                return
            }
            people.terminal.signal(number)
            #expect(try await people.terminal.end().status == -number)
            #expect(people.terminal.settings == before)
            #expect(access(socket, F_OK) != 0)
            try await waitUntil { children.allSatisfy { [nil, "Z", "X"].contains(ProcessMemory.state(of: $0)) } }
            #expect(try AttendedTests.record(of: room).openIntent == nil)
        }
    }

    @Test("even a trap gives the terminal back")
    func trap() async throws {
        try await Attendant.rehearse { people, room in
            let before = people.terminal.settingsBefore
            try await people.expect("Who signs? ")
            people.terminal.signal(SIGABRT)
            #expect(try await people.terminal.end().status == -SIGABRT)
            #expect(people.terminal.settings == before)
            // Nobody could clear up.
            let yaml = try String(contentsOfFile: room + "/site.yaml", encoding: .utf8)
            guard case .socket(let socket) = try Site(yaml: yaml, file: "site.yaml").module else { return }
            try FileManager.default.removeItem(at: URL(filePath: socket).deletingLastPathComponent())
        }
    }

    @Test("told to end while it works, it has the present effect and no other")
    func signalAtWork() async throws {
        try await Attendant.rehearse(keys: 3) { people, room in
            let before = people.terminal.settingsBefore
            try await people.approve("authorize", as: "ben")
            try await people.approve("authorize", as: "carol")
            try await people.expect("generate: ")
            people.terminal.signal(SIGTERM)
            #expect(try await people.terminal.end().status == -SIGTERM)
            #expect(people.terminal.settings == before)
            let record = try AttendedTests.record(of: room)
            #expect(record.openIntent == nil)
            #expect(record.slots.values.contains { $0.settled == nil })
        }
    }

    @Test("without its terminal it ends, with the ceremony whole")
    func terminalGone() async throws {
        try await Attendant.rehearse { people, room in
            try await people.expect("Who signs? ")
            people.terminal.hangUp()
            #expect(try await people.terminal.end().status == -SIGHUP)
            #expect(try AttendedTests.record(of: room).openIntent == nil)
        }
    }

    @Test("an attended run of a ceremony that was left goes on where it stood")
    func resumed() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            let arguments = ["run", room.ceremony, "--site", room.room.siteFile, "--attended"]
            let first = try Attendant(arguments, room: room.room.root)
            defer { first.terminal.signal(SIGKILL) }
            try await first.approve("authorize", as: "ben")
            try await first.approve("authorize", as: "dan")
            try await first.press("C", at: "Who signs? ")
            try await first.answer("resume, abort or leave: ", "leave")
            #expect(try await first.terminal.end().status == 3)
            #expect(try room.record().gates.isPassed(.authorize))

            let second = try Attendant(arguments, room: room.room.root)
            defer { second.terminal.signal(SIGKILL) }
            for gate in ["release", "activate", "close"] {
                try await second.approve(gate, as: "ben")
                try await second.approve(gate, as: "dan")
            }
            try await second.approve("close", as: "wendy")
            #expect(try await second.terminal.end().status == 0)
            #expect(try room.record().closed)
        }
    }

    @Test("without a terminal nothing is held, and nothing is made")
    func noTerminal() async throws {
        try await withTemporaryFolder { base in
            let refused = try await CeremonyRoom.keyrite(["rehearse", "--out", base.path + "/room"])
            #expect(refused.status == 2)
            #expect(
                refused.stderrText.contains(
                    "There is no terminal to ask at. Rehearse at a terminal, or add --auto: then the participants answer for "
                        + "themselves"), "\(refused.stderrText)")
            #expect(!FileManager.default.fileExists(atPath: base.path + "/room"))
        }
        try await CeremonyRoom.with { room in
            try await room.plan()
            let refused = try await room.run("--attended")
            #expect(refused.status == 2)
            #expect(
                refused.stderrText.contains(
                    "There is no terminal to ask at. Run it at a terminal, or without --attended: then people sign with keyrite "
                        + "approve"), "\(refused.stderrText)")
            #expect(access(room.ceremony + "/transcript.jsonl", F_OK) != 0)
        }
    }
}
