import Foundation
import KeyriteCommands
import TestSupport
import Testing

@Suite("What a command tells people")
struct PeopleTextTests {
    private static let text =
        "keyrite: /home/ada/room/ceremony holds no decision that ben signed on authorize. It would be ben.json with "
        + "ben.json.sig"

    private func wrapped(_ text: String, _ width: Int) -> [String] {
        PeopleText.wrapped(text, width: width, program: "/opt/keyrite/bin/keyrite").components(separatedBy: "\n")
    }

    @Test("is broken between words, and has all of them", arguments: [20, 40, 79, 200])
    func words(width: Int) {
        let lines = wrapped(Self.text, width)
        #expect(lines.joined(separator: " ") == Self.text)
        #expect(lines.allSatisfy { $0.count <= width || !$0.contains(" ") }, "\(lines)")
    }

    @Test("keeps a command line whole, which somebody copies, wherever it stands")
    func commands() {
        let own = "/opt/keyrite/bin/keyrite verify /home/ada/room/ceremony --expect rehearsal"
        #expect(wrapped("The ceremony is closed. Next: \(own)", 30) == ["The ceremony is closed. Next:", own])
        #expect(wrapped(own, 30) == [own])
        let cut = "truncate -s -1 '/home/ada/a folder/ben.json'"
        #expect(
            wrapped("It ends in a line feed. Take it off with: \(cut). Then import it again, once more", 30)
                == ["It ends in a line feed. Take", "it off with:", cut, "Then import it again, once", "more"])
    }

    @Test("breaks the usage of a command between words, too")
    func usage() {
        #expect(
            wrapped("Usage: keyrite verify <folder> [--roster <sha256>] [--format <format>]", 40)
                == ["Usage: keyrite verify <folder> [--roster", "<sha256>] [--format <format>]"])
    }

    @Test("keeps what was laid out before as it is: tables, what is indented, and lines that go on")
    func laidOut() {
        for line in [
            "NAME   ROLE   SHA256:0123456789012345678901234567890", "  indented by two, and longer than a line",
            "/opt/keyrite/bin/keyrite verify /home/ada/room \\",
        ] {
            #expect(wrapped(line, 20) == [line])
        }
    }

    @Test("is as wide as the terminal behind standard error, and one line where there is none")
    func terminal() async throws {
        try await withTemporaryFolder { base in
            let arguments = ["verify", base.path + "/no-such-folder", "--expect", "rehearsal"]
            let piped = try await CeremonyRoom.keyrite(arguments)
            #expect(piped.stderrText.split(separator: "\n").count == 1, "\(piped.stderrText)")
            for columns: UInt16 in [40, 60] {
                let terminal = try Pseudoterminal(
                    [try CeremonyRoom.program()] + arguments, environment: ["PATH": "/usr/bin:/bin", "TERM": "dumb"],
                    columns: columns)
                let ended = try await terminal.end()
                #expect(ended.status == piped.status)
                let lines = terminal.shown.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
                #expect(lines.count > 1)
                #expect(lines.joined(separator: " ") + "\n" == piped.stderrText)
                #expect(lines.allSatisfy { $0.count <= columns || !$0.contains(" ") }, "\(lines)")
            }
        }
    }
}
