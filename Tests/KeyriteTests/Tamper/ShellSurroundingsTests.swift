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

        /// Runs scripts/verify.sh in the folder above the copy.
        private func verify(
            _ copy: TamperedFolder, folder: String, shell: String, adding variables: [String: String]
        ) async throws -> ProcessOutcome {
            try await runProcess(
                shell, [TamperedFolder.script, folder, try #require(copy.anchor).hex],
                environment: ["PATH": "/usr/bin:/bin"].merging(variables) { _, given in given },
                directory: URL(filePath: copy.folder.root).deletingLastPathComponent())
        }
    }
}
