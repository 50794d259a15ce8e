import Foundation
import Room
import TestSupport
import Testing

@Suite("A command that takes its time at a terminal", .timeLimit(.minutes(10)))
struct WorkLineTests {
    private static var slow: [String: Any] {
        ["operation": "GetCallerIdentity", "fault": "delay", "milliseconds": 4000]
    }

    private func run(
        _ room: CeremonyRoom, kind: String = "xterm", columns: UInt16 = 80
    ) async throws -> (shown: String, status: Int32) {
        try await keyrite(["run", room.ceremony], room, kind: kind, columns: columns)
    }

    private func keyrite(
        _ command: [String], _ room: CeremonyRoom, kind: String = "xterm", columns: UInt16 = 80
    ) async throws -> (shown: String, status: Int32) {
        let terminal = try Pseudoterminal(
            [try CeremonyRoom.program()] + command + ["--site", room.room.siteFile],
            environment: ["PATH": "/usr/bin:/bin", "HOME": room.base.path, "TERM": kind], columns: columns)
        let ended = try await terminal.end()
        return (terminal.shown, ended.status)
    }

    @Test("says what it is at and for how long, in one line that is gone before anything else is said")
    func told() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try await room.setFaults(Self.slow)
            for columns: UInt16 in [80, 20] {
                let (shown, status) = try await run(room, columns: columns)
                #expect(status == 3, "\(shown)")
                let lines = shown.split(separator: "\r").filter { $0.hasPrefix("looking at what ") }
                let begins = columns == 80 ? "looking at what the site has, " : "looking at what the\u{1B}[K"
                let ends = columns == 80 ? " s\u{1B}[K" : begins
                let first = try #require(lines.first, "\(shown.debugDescription)")
                #expect(first.hasPrefix(begins) && first.hasSuffix(ends), "\(shown.debugDescription)")
                #expect(shown.contains("\r\u{1B}[KThe gate "), "\(shown.debugDescription)")
            }
        }
    }

    @Test("says nothing of it where a terminal knows nothing but lines, nor where there is none")
    func untold() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            try await room.setFaults(Self.slow)
            for kind in ["dumb", ""] { #expect(!(try await run(room, kind: kind).shown.contains("looking at"))) }
            #expect(!(try await room.run().stderrText.contains("looking at")))
        }
    }

    @Test("so does what only looks: the doctor, and who holds a transcript to AWS's record")
    func looking() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            #expect(try await room.run().status == 3)
            try await room.setFaults(Self.slow)
            for command in [["doctor"], ["reconcile", room.ceremony]] {
                let shown = try await keyrite(command, room).shown
                #expect(shown.contains("\rasking AWS, "), "\(shown.debugDescription)")
                #expect(shown.contains("\r\u{1B}[K"), "\(shown.debugDescription)")
            }
        }
    }
}
