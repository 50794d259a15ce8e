import Foundation
import TestSupport
import Testing

@Suite("Output that nobody can have")
struct LostOutputTests {
    @Test("a command whose output cannot be written fails, and says so")
    func full() async throws {
        let outcome = try await run("\"$0\" --version >/dev/full")
        #expect(outcome.status == 1)
        #expect(outcome.stderrText == "keyrite: standard output cannot be written: No space left on device\n")
    }

    @Test("a command whose reader went away ends quietly, without a crash")
    func closed() async throws {
        // The reader is gone before the program is started; the inherited SIGPIPE is ignored, as in every Swift server.
        let outcome = try await run(
            """
            trap '' PIPE
            { sleep 0.5; "$0" --version; echo "$?" >&2; } | :
            """)
        #expect(outcome.stderrText == "1\n")
    }

    private func run(_ script: String) async throws -> ProcessOutcome {
        try await runProcess("/bin/sh", ["-c", script, try CeremonyRoom.program()])
    }
}
