import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("verify.sh looks at the folder it is given, whatever surrounds it")
    struct ShellSurroundingsTests {
        @Test(
            "a folder of the same name that CDPATH leads to is not taken for it, by any shell",
            arguments: ["dash", "bash"])
        func cdpath(shell: String) async throws {
            try await withCopy { copy in
                let ours = URL(filePath: copy.folder.root)
                let elsewhere = ours.deletingLastPathComponent().appending(path: "elsewhere")
                try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: false)
                let theirs = elsewhere.appending(path: ours.lastPathComponent)
                try FileManager.default.copyItem(at: ours, to: theirs)
                try copy.folder.write(Array("more".utf8), to: "extra")

                let run = try await verify(
                    copy, folder: ours.lastPathComponent, shell: shell, adding: ["CDPATH": elsewhere.path])
                #expect(run.status == 4)
                #expect(run.stdoutText.contains("REFUSED: extra: "), "\(run.stdoutText)")
                try copy.folder.remove("extra")
                let whole = try await verify(
                    copy, folder: ours.lastPathComponent, shell: shell, adding: ["CDPATH": elsewhere.path])
                #expect(whole.status == 0, "\(whole.stdoutText)")
                #expect(whole.stdoutText.hasPrefix("STANDING "), "\(whole.stdoutText)")
            }
        }

        @Test(
            "an OpenSSH that cannot tell when a key was valid is named, and no signature is called forged",
            arguments: ["verify-time=*", "verify-time=*Z"])
        func oldOpenSSH(unknown option: String) async throws {
            try await withCopy { copy in
                let tools = URL(filePath: copy.folder.root).deletingLastPathComponent().appending(path: "tools")
                try putKeygen(refusing: option, in: tools)
                let run = try await verify(
                    copy, folder: copy.folder.root, shell: "dash", adding: ["PATH": tools.path + ":/usr/bin:/bin"])
                #expect(run.status == 2)
                #expect(run.stdout.isEmpty)
                #expect(run.stderrText.contains("OpenSSH 9.1 or later is needed"), "\(run.stderrText)")
            }
        }

        @Test("definitions that jq reads from the person's home change nothing")
        func ownDefinitions() async throws {
            try await withCopy { copy in
                let home = URL(filePath: copy.folder.root).deletingLastPathComponent().appending(path: "home")
                try FileManager.default.createDirectory(at: home, withIntermediateDirectories: false)
                try Data("def map(f): []; def test($re): true;\n".utf8).write(to: home.appending(path: ".jq"))
                let run = try await verify(copy, folder: copy.folder.root, shell: "dash", adding: ["HOME": home.path])
                #expect(run.status == 0, "\(run.stdoutText)")
            }
        }

        @Test("a temporary folder that is named from where the auditor stands is no other once the folder is gone into")
        func relativeTemporaryFolder() async throws {
            try await withCopy { copy in
                let run = try await verify(copy, folder: copy.folder.root, shell: "dash", adding: ["TMPDIR": "."])
                #expect(run.status == 0, "\(run.stdoutText)\(run.stderrText)")
                #expect(
                    try FileManager.default.contentsOfDirectory(
                        atPath: URL(filePath: copy.folder.root).deletingLastPathComponent().path
                    ).allSatisfy { !$0.hasPrefix("tmp.") })
            }
        }

        @Test("a temporary folder with a line feed in its name is bad usage, and said to be")
        func brokenTemporaryFolder() async throws {
            try await withCopy { copy in
                let folder = URL(filePath: copy.folder.root).deletingLastPathComponent().appending(path: "a\nb")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
                let run = try await verify(
                    copy, folder: copy.folder.root, shell: "dash", adding: ["TMPDIR": folder.path])
                #expect(run.status == 2)
                #expect(run.stderrText.contains("TMPDIR has a line feed in its name"), "\(run.stderrText)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
            }
        }

        @Test("an option that stands twice is bad usage to both, whichever of its values is the right one")
        func optionTwice() async throws {
            try await withCopy { copy in
                let (right, wrong) = (try #require(copy.anchor).hex, String(repeating: "0", count: 64))
                let program = try CeremonyRoom.program()
                for (first, second) in [(right, wrong), (wrong, right), (right, right)] {
                    for command in [["dash", TamperedFolder.script], [program, "verify"]] {
                        let run = try await runProcess(
                            command + [copy.folder.root, "--roster", first, "--roster", second])
                        #expect(run.status == 2)
                        #expect(run.stdoutText.isEmpty)
                        #expect(run.stderrText.contains("--roster stands twice; give it once"), "\(run.stderrText)")
                    }
                }
            }
        }

        @Test("a file's name that looks like an option is a file's name")
        func optionForName() async throws {
            try await withCopy { copy in
                try copy.folder.write([0], to: "-n.sig")
                try await copy.expectRefusal(at: "-n.sig")
                #expect(try await verify(copy, folder: copy.folder.root, shell: "dash", adding: [:]).stderrText == "")
            }
        }

        @Test("a file that only has the expected roster's digest makes no other roster that roster")
        func strayAnchor() async throws {
            try await withCopy { copy in
                var copy = copy
                try copy.folder.write(Array("{}".utf8), to: "rosters/1.json")
                copy.anchor = SHA256Digest(of: Array("{}".utf8))
                try await copy.expectRefusal(at: "roster.json")
                let said = try await verify(copy, folder: copy.folder.root, shell: "dash", adding: [:]).stdoutText
                #expect(!said.contains("that you gave"), "\(said)")
            }
        }

        @Test("what the auditor may not read is named, and nothing is verified without it", arguments: [false, true])
        func unreadable(isFolder: Bool) async throws {
            try await withCopy { copy in
                // Where everybody gets to: the auditor is one whom the modes of files bind, as they do not bind root.
                let base = "/tmp/kr-unreadable-" + UUID().uuidString
                _ = try await runProcess(["mkdir", base])
                defer { _ = try? FileManager.default.removeItem(atPath: base) }
                _ = try await runProcess(["cp", "-r", copy.folder.root, base + "/folder"])
                _ = try await runProcess(["cp", TamperedFolder.script, base + "/verify.sh"])
                let locked = base + "/folder/" + (isFolder ? "approvals/locked" : "MANIFEST")
                if isFolder { _ = try await runProcess(["mkdir", locked]) }
                _ = try await runProcess(["chmod", "-R", "a+rX", base])
                try #require(chmod(locked, 0) == 0)
                let auditor = getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
                let run = try await runProcess(
                    "env",
                    ["TMPDIR=/tmp"] + auditor + [
                        "dash", base + "/verify.sh", base + "/folder", "--roster", try #require(copy.anchor).hex,
                    ])
                chmod(locked, 0o700)
                #expect(run.status == 4, "\(run.stdoutText)\(run.stderrText)")
                let refusal =
                    isFolder ? "REFUSED: .: it cannot be looked through: " : "REFUSED: MANIFEST: it cannot be read"
                #expect(run.stdoutText.contains(refusal), "\(run.stdoutText)\(run.stderrText)")
            }
        }

        /// An ssh-keygen that has an option not yet, as those before 8.7 (any time) and before 9.1 (a time in UTC).
        private func putKeygen(refusing option: String, in folder: URL) throws {
            let script = """
                #!/bin/sh
                for argument; do
                    case $argument in \(option)) exit 255 ;; esac
                done
                exec /usr/bin/ssh-keygen "$@"

                """
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            let file = folder.appending(path: "ssh-keygen")
            try Data(script.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }

        /// Runs scripts/verify.sh in the folder above the copy.
        private func verify(
            _ copy: TamperedFolder, folder: String, shell: String, adding variables: [String: String]
        ) async throws -> ProcessOutcome {
            try await runProcess(
                shell, [TamperedFolder.script, folder, "--roster", try #require(copy.anchor).hex],
                environment: ["PATH": "/usr/bin:/bin"].merging(variables) { _, given in given },
                directory: URL(filePath: copy.folder.root).deletingLastPathComponent())
        }
    }
}
