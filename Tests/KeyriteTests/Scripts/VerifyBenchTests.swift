import Foundation
import TestSupport
import Testing

@Suite("scripts/bench/verify says by its exit code whether the verifiers do what they should")
struct VerifyBenchTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../scripts/bench/verify").standardizedFileURL

    @Test("it succeeds where both verify, with the same words")
    func agreed() async throws {
        let run = try await bench(["1", "1"], keyrite: "echo verified", script: "echo verified")
        #expect(run.status == 0, "\(run.stderrText)")
        #expect(run.stdout.contains("KEYS"))
    }

    @Test("it fails where either does not verify, and shows what that one said", arguments: [true, false])
    func refused(byKeyrite: Bool) async throws {
        let (refusing, verifying) = ("echo it does not hold >&2; exit 4", "echo verified")
        let run = try await bench(
            ["1", "1"], keyrite: byKeyrite ? refusing : verifying, script: byKeyrite ? verifying : refusing)
        #expect(run.status == 1)
        #expect(run.stderrText.contains("it does not hold"))
        #expect(run.stderrText.contains("does not verify the evidence of 1 keys"))
    }

    @Test("it fails where the two disagree")
    func disagreed() async throws {
        let run = try await bench(["1", "1"], keyrite: "echo verified", script: "echo verified otherwise")
        #expect(run.status == 1)
        #expect(run.stderrText.contains("the verifiers disagree on the evidence of 1 keys"))
    }

    @Test("it fails where either takes far longer for each key when there are more", arguments: [true, false])
    func notLinear(isKeyrite: Bool) async throws {
        let (slow, quick) = ("sleep \"$(cat \"$2/seconds\")\"; echo verified", "sleep 0.2; echo verified")
        let run = try await bench(
            ["1", "1", "2"], keyrite: isKeyrite ? slow : quick, script: isKeyrite ? quick : slow)
        #expect(run.status == 1)
        #expect(
            run.stderrText.contains("\(isKeyrite ? "keyrite verify" : "verify.sh") is not linear: at 2 keys"),
            "\(run.stderrText)")
        #expect(run.stdout.contains("2 keys: keyrite verify"))
    }

    @Test("anything but numbers is bad usage", arguments: [["many"], ["1", "1", "x"]])
    func usage(arguments: [String]) async throws {
        let run = try await bench(arguments, keyrite: "exit 1", script: "exit 1")
        #expect(run.status == 2)
        #expect(run.stderrText.contains("usage: scripts/bench/verify"))
    }

    /// Runs it over two verifiers that are scripts; the folder that is verified is their second argument, and first one.
    private func bench(_ arguments: [String], keyrite: String, script: String) async throws -> Run {
        try await withTemporaryFolder { clone in
            // A ceremony of two keys takes 20 times as long as one of one key, where somebody looks at its file.
            let rehearse = """
                if [ "$1" = rehearse ]; then
                    mkdir -p "$8/ceremony"
                    echo line > "$8/ceremony/transcript.jsonl"
                    echo roster > "$8/ceremony/roster.json"
                    [ "$4" = 1 ] && echo 0.1 > "$8/ceremony/seconds" || echo 2 > "$8/ceremony/seconds"
                    exit 0
                fi

                """
            try await put("scripts/bench/verify", in: clone, String(contentsOf: Self.script, encoding: .utf8))
            try await put("scripts/install", in: clone, "#!/bin/sh\n")
            try await put("bin/swift", in: clone, "#!/bin/sh\n")
            try await put(".build/release/keyrite", in: clone, "#!/bin/sh\n\(rehearse)\(keyrite)\n")
            try await put("scripts/verify.sh", in: clone, "#!/bin/sh\nset -- verify \"$@\"\n\(script)\n")
            let run = try await runProcess(
                "sh", ["scripts/bench/verify"] + arguments,
                environment: ["PATH": "\(clone.path)/bin:/usr/bin:/bin"], directory: clone)
            return Run(
                status: run.status, stdout: String(decoding: run.stdout, as: UTF8.self), stderrText: run.stderrText)
        }
    }

    private struct Run {
        let status: Int32
        let stdout: String
        let stderrText: String
    }

    private func put(_ path: String, in folder: URL, _ content: String) async throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try await writeExecutable(Array(content.utf8), to: file.path)
    }
}
