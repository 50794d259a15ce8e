import Foundation
import TestSupport
import Testing

@Suite("The certificates of a time stamp's authority")
struct EncryptedAuthorityTests {
    @Test("are refused where they say that they are encrypted: nobody is asked for a passphrase")
    func encrypted() async throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        let kept = tests.appending(path: "DecodersTests/Findings/timeStampAuthorities-encrypted").path
        let example = tests.appending(path: "../ceremony/example").standardizedFileURL.path
        let terminal = try Pseudoterminal(
            [try CeremonyRoom.program(), "verify", example, "--timestamp-ca", kept],
            environment: ["PATH": "/usr/bin:/bin", "TERM": "dumb"])
        defer { terminal.signal(SIGKILL) }
        try await terminal.expect("a certificate in it cannot be read")
        #expect(try await terminal.end().status == 2)
        #expect(!terminal.words.contains("pass phrase"))
    }
}
