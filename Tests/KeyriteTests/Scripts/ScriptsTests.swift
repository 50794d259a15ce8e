import Foundation
import TestSupport
import Testing

@Suite("The scripts work in the clone they lie in")
struct ScriptsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL
    /// What any of them starts first, which here says where it is and fails.
    private static let steps = ["scripts/install", "scripts/rehearse", "scripts/test"]

    @Test(
        "and not in another that CDPATH leads to",
        arguments: [
            ".ci/run", "scripts/test", "scripts/fuzz", "scripts/rehearse", "scripts/bench/cold-start",
            "scripts/bench/one-key",
        ])
    func cdpath(script: String) async throws {
        try await withTemporaryFolder { scratch in
            let (ours, theirs) = (scratch.appending(path: "ours"), scratch.appending(path: "theirs"))
            for folder in [ours, theirs] {
                for step in Self.steps where step != script { try put(step, in: folder, failing: folder.path) }
                try put(script, in: folder, as: try Data(contentsOf: Self.root.appending(path: script)))
            }
            let run = try await runProcess(
                "sh", [script], environment: ["PATH": "/usr/bin:/bin", "CDPATH": theirs.path], directory: ours)
            #expect(run.status != 0)
            #expect(run.stdout.isEmpty)
            #expect(run.stderrText == "\(ours.path)\n")
        }
    }

    private func put(_ path: String, in folder: URL, failing said: String) throws {
        try put(path, in: folder, as: Data("#!/bin/sh\necho \(said) >&2\nexit 7\n".utf8))
    }

    private func put(_ path: String, in folder: URL, as content: Data) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
}
