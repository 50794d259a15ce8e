import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// ceremony/formats.md, and the evidence beside it.
///
/// With `KEYRITE_REWRITE_FORMATS` set, the page gets what its commands print now: for whoever made the example anew with
/// `scripts/rehearse --auto --roles --wrapping-key-spec RSA_2048`.
@Suite("The page on formats can be followed by hand")
struct FormatsTests {
    private static let ceremony = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../ceremony").standardizedFileURL
    private static let page = ceremony.appending(path: "formats.md")
    private static let example = ceremony.appending(path: "example").path

    /// Of the format before, whose transcripts do not say who called.
    private static let earlier = ceremony.appending(path: "../Tests/EvidenceTests/Golden/example-1").standardizedFileURL
        .path

    @Test(
        "both verifiers accept the example, and that of the format before, in the same words",
        arguments: [example, earlier])
    func verifies(example: String) async throws {
        let digest = Roster.digest(of: try DiskFolder(at: example).read(Roster.path)).hex
        let options = [example, "--roster", digest, "--expect", "rehearsal"]
        let ours = try await CeremonyRoom.keyrite(["verify"] + options)
        let script = try await runProcess("dash", [TamperedFolder.script] + options)
        #expect(ours.status == 0, "the format has changed: \(ours.stdoutText)")
        #expect(script.status == 0, "the format has changed: \(script.stdoutText)")
        #expect(ours.stdoutText == script.stdoutText)
    }

    @Test("its commands print what it says that they print")
    func commands() async throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let consoles = text.components(separatedBy: "```console\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        let commands = consoles.flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("$ ") }
            .map { String($0.dropFirst(2)) }
        try #require(commands.count > 20)
        let script = commands.map { "\($0)\nprintf '\\001'\n" }.joined()
        let run = try await runProcess(
            "dash", ["-c", "exec 2>&1\n" + script], environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"],
            directory: URL(filePath: Self.example))
        let printed = run.stdoutText.components(separatedBy: "\u{1}").dropLast()
        try #require(printed.count == commands.count)
        var made = text
        var rest = Array(zip(commands, printed))[...]
        for console in consoles {
            let count = console.split(separator: "\n").count { $0.hasPrefix("$ ") }
            let session = rest.prefix(count).map { "$ \($0)\n\($1)" }.joined()
            rest = rest.dropFirst(count)
            made = made.replacing("```console\n\(console)```", with: "```console\n\(session)```", maxReplacements: 1)
        }
        if ProcessInfo.processInfo.environment["KEYRITE_REWRITE_FORMATS"] != nil {
            try Data(made.utf8).write(to: Self.page)
        }
        #expect(made == text)
    }
}
