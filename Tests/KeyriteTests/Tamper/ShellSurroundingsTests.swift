import CryptoPrimitives
import Evidence
import Foundation
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
