import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("Signing by the system's ssh-keygen")
struct SSHKeySignerTests {
    @Test("a message of any length is signed whole", arguments: [0, 1, (16 << 10) + 1, 1 << 20])
    func anyLength(length: Int) async throws {
        try await withTemporaryFolder { base in
            let file = base.path + "/key"
            let made = try await runProcess("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file])
            try #require(made.status == 0, "\(made.stderrText)")
            let words = try String(contentsOfFile: file + ".pub", encoding: .utf8).split(whereSeparator: \.isWhitespace)
            let key = try SSHPublicKey(line: words.prefix(2).joined(separator: " "))
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let signature = try SSHSignature(
                armored: try await SSHKeySigner(file: file).sign(message, namespace: "keyrite.test"))
            try signature.verify(message: message, namespace: "keyrite.test", key: key)
        }
    }
}
