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

    @Test(
        "what builds Keyrite installs the libraries and pkg-config, by which SwiftPM finds where Debian has p11-kit's headers",
        arguments: ["scripts/test", "scripts/rehearse", "scripts/bench/cold-start", "scripts/bench/one-key"])
    func buildPackages(script: String) async throws {
        try await withTemporaryFolder { clone in
            try put("scripts/install", in: clone, as: Data("#!/bin/sh\necho \"$@\" >&2\nexit 7\n".utf8))
            try put(script, in: clone, as: try Data(contentsOf: Self.root.appending(path: script)))
            let run = try await runProcess("sh", [script], environment: ["PATH": "/usr/bin:/bin"], directory: clone)
            #expect(run.status == 7)
            let packages = Set(run.stderrText.split(whereSeparator: \.isWhitespace))
            #expect(packages.isSuperset(of: ["libssl-dev", "libp11-kit-dev", "pkgconf"]), "\(packages)")
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
