import Foundation
import TestSupport
import Testing

/// The Python that scripts/test sets up, with AWS's own client in it.
enum Python {
    static func path() throws -> String {
        let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
        let path =
            ProcessInfo.processInfo.environment["KEYRITE_TEST_PYTHON"]
            ?? package.appending(path: ".build/python/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: path),
            "no Python at \(path): run scripts/test, or name one that has its peers in KEYRITE_TEST_PYTHON")
        return path
    }

    /// All that a server in Python is given to know.
    static func environment(in scratch: Scratch) -> [String: String] {
        ["PATH": "/usr/bin:/bin", "HOME": scratch.folder.path, "TMPDIR": scratch.folder.path]
    }

    /// Runs a script of the folder Python over JSON.
    static func run<Answer: Decodable>(_ script: String, _ question: some Encodable) async throws -> Answer {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Python").standardized
        let outcome = try await runProcess(
            "/usr/bin/timeout",
            ["--kill-after=5", "280", try path(), "-B", folder.appending(path: "\(script).py").path],
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"],
            input: Array(try JSONEncoder().encode(question)))
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        return try JSONDecoder().decode(Answer.self, from: Data(outcome.stdout))
    }
}
