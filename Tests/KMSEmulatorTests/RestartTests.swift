import Foundation
import Testing

/// The program as it is started by hand, with a state file.
@Suite("keyrite emulator --state")
struct RestartTests {
    @Test(
        "killed at any instant, it starts again with everything that it answered for, and refuses what is no such file")
    func killed() async throws {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let program = tests.deletingLastPathComponent().appending(path: "keyrite").path
        try #require(FileManager.default.isExecutableFile(atPath: program), "keyrite is not built: \(program)")
        // The access key of RehearsalCredentials, which is known to all.
        let outcome = try await PythonScript.run(
            "restart", endpoint: "", accessKeyID: "AKIAREHEARSALEXAMPLE",
            secretAccessKey: "rehearsal/secret/access/key/known/to/all",
            environment: ["KEYRITE_TEST_PROGRAM": program])
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(!outcome.output.isEmpty, "the script did not come to its end")
    }
}
