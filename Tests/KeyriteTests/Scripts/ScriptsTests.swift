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
            "scripts/bench/one-key", "scripts/bench/chaos",
        ])
    func cdpath(script: String) async throws {
        try await withTemporaryFolder { scratch in
            let (ours, theirs) = (scratch.appending(path: "ours"), scratch.appending(path: "theirs"))
            for folder in [ours, theirs] {
                for step in Self.steps where step != script { try await put(step, in: folder, failing: folder.path) }
                try await put(script, in: folder, as: try Data(contentsOf: Self.root.appending(path: script)))
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
        arguments: [
            "scripts/test", "scripts/rehearse", "scripts/bench/cold-start", "scripts/bench/one-key",
            "scripts/bench/chaos",
        ])
    func buildPackages(script: String) async throws {
        try await withTemporaryFolder { clone in
            try await put("scripts/install", in: clone, as: Data("#!/bin/sh\necho \"$@\" >&2\nexit 7\n".utf8))
            try await put(script, in: clone, as: try Data(contentsOf: Self.root.appending(path: script)))
            let run = try await runProcess("sh", [script], environment: ["PATH": "/usr/bin:/bin"], directory: clone)
            #expect(run.status == 7)
            let packages = Set(run.stderrText.split(whereSeparator: \.isWhitespace))
            #expect(packages.isSuperset(of: ["libssl-dev", "libp11-kit-dev", "pkgconf"]), "\(packages)")
        }
    }

    @Test("cold-start gives each of its two builds a cache of its own with nothing in it")
    func coldCaches() async throws {
        try await withTemporaryFolder { scratch in
            let clone = scratch.appending(path: "clone")
            // A second each, or there is nothing to divide by.
            let build = Data(
                """
                #!/bin/sh
                echo "$XDG_CACHE_HOME $(ls -A "$XDG_CACHE_HOME" | wc -l)" >> \(scratch.path)/caches
                mkdir -p "$XDG_CACHE_HOME/org.swift.swiftpm"
                sleep 1

                """.utf8)
            try await put("swift", in: scratch, as: build)
            try await put("scripts/rehearse", in: clone, as: build)
            try await put("scripts/install", in: clone, as: Data("#!/bin/sh\n".utf8))
            for path in ["Package.swift", "scripts/bench/cold-start"] {
                try await put(path, in: clone, as: try Data(contentsOf: Self.root.appending(path: path)))
            }
            let commit = "git init -q && git add . && git -c user.name=a -c user.email=a@b commit -q -m all"
            let run = try await runProcess(
                "sh", ["-c", "\(commit) && scripts/bench/cold-start"],
                environment: ["PATH": "\(scratch.path):/usr/bin:/bin", "HOME": scratch.path], directory: clone)
            try #require(run.status == 0, "\(run.stderrText)")
            let caches = try String(contentsOf: scratch.appending(path: "caches"), encoding: .utf8)
                .split(separator: "\n").map { $0.split(separator: " ") }
            #expect(caches.map(\.last) == ["0", "0"])
            #expect(Set(caches.map(\.first)).count == 2)
            #expect(caches.allSatisfy { $0.first?.hasPrefix("/") == true })
        }
    }

    private func put(_ path: String, in folder: URL, failing said: String) async throws {
        try await put(path, in: folder, as: Data("#!/bin/sh\necho \(said) >&2\nexit 7\n".utf8))
    }

    private func put(_ path: String, in folder: URL, as content: Data) async throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try await writeExecutable(Array(content), to: file.path)
    }
}
