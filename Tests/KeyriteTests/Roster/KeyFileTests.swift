import CryptoPrimitives
import Disk
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("The file of the key that somebody signs with")
struct KeyFileTests {
    @Test("tells whose it is, as a private key and as a .pub file, with a passphrase and without, of every kind")
    func publicHalf() async throws {
        try await withTemporaryFolder { folder in
            let desk = RosterDesk(base: folder)
            for (kind, passphrase) in [("ed25519", ""), ("ed25519", "secret"), ("ecdsa", ""), ("ecdsa", "secret")] {
                let name = kind + passphrase
                let made = try await runProcess(
                    "ssh-keygen", ["-q", "-t", kind, "-N", passphrase, "-C", "a comment", "-f", desk.path(name)])
                #expect(made.status == 0, "\(made.stderrText)")
                let line = try String(contentsOfFile: desk.path(name) + ".pub", encoding: .utf8)
                let key = try SSHPublicKey(line: line.split(separator: " ").prefix(2).joined(separator: " "))
                #expect(try SSHKeyFile(desk.path(name)).publicKey == key)
                #expect(try SSHKeyFile(desk.path(name) + ".pub").publicKey == key)
            }
        }
    }

    @Test("says nothing where it is cut off, changed, or of another form, however long; it must be there")
    func otherForms() async throws {
        try await withTemporaryFolder { folder in
            let desk = RosterDesk(base: folder)
            try await desk.makeKey("ben")
            let whole = try Data(contentsOf: URL(filePath: desk.path("ben")))
            let key = try #require(try SSHKeyFile(desk.path("ben")).publicKey)
            // The public half ends in its third line.
            for count in 0..<160 {
                try whole.prefix(count).write(to: URL(filePath: desk.path("cut")))
                #expect(try SSHKeyFile(desk.path("cut")).publicKey == nil, "\(count)")
            }
            let text = String(decoding: whole, as: UTF8.self)
            for other in [
                text.replacing("OPENSSH", with: "RSA"), text.replacing("b3BlbnNz", with: "b3BlbnNy"),
                "ssh-ed25519", "ssh-rsa AAAA", "\0", String(repeating: "ssh-ed25519 ", count: 10_000),
            ] {
                try Data(other.utf8).write(to: URL(filePath: desk.path("other")))
                let read = try SSHKeyFile(desk.path("other")).publicKey
                #expect(read == nil && read != key)
            }
            #expect(throws: DiskError.self) { try SSHKeyFile(desk.path("none")) }
            #expect(throws: DiskError.self) { try SSHKeyFile(folder.path) }
        }
    }

    @Test("nothing of the private key stays in memory, neither as it stands in the file nor decoded")
    func memory() async throws {
        try await withTemporaryFolder { folder in
            let desk = RosterDesk(base: folder)
            try await desk.makeKey("ben")
            let needles = try Self.secrets(in: desk.path("ben"))
            #expect(try needles.map { try OwnMemory.occurrences(of: $0) } == [1, 1])
            let key = try SSHKeyFile(desk.path("ben")).publicKey
            #expect(key != nil)
            #expect(try needles.map { try OwnMemory.occurrences(of: $0) } == [1, 1])
            withExtendedLifetime(needles) {}
        }
    }

    @Test("how ssh-keygen ended is known, also where whoever started the program has children's ends ignored")
    func ignoredChildren() async throws {
        try await withTemporaryFolder { folder in
            let desk = RosterDesk(base: folder)
            try await desk.define(
                "one.yaml", ["ada administrator", "ben custodian", "carol custodian", "wendy witness"])
            let made = try await desk.keyrite("new", "--definition", desk.path("one.yaml"), "--out", desk.path("one"))
            try #require(made.status == 0, "\(made.stderrText)")
            let locked = try await runProcess(
                "ssh-keygen", ["-q", "-p", "-P", "", "-N", "never typed", "-f", desk.path("ben")])
            try #require(locked.status == 0, "\(locked.stderrText)")
            let accepted = try await runProcess(
                "env",
                [
                    "--ignore-signal=CHLD", CeremonyRoom.program(), "roster", "accept", desk.path("one"), "--as", "ben",
                    "--ssh-key", desk.path("ben"), "--auto", "--memory", desk.path("memory"),
                ], environment: ["SSH_ASKPASS_REQUIRE": "never"])
            #expect(accepted.status == 1)
            #expect(accepted.stderrText.contains("ssh-keygen ended with status"), "\(accepted.stderrText)")
        }
    }

    /// A piece of an unprotected Ed25519 key's private part, as it stands in its file and decoded, in locked memory alone.
    private static func secrets(in path: String) throws -> [SecretBytes] {
        let file = try SecretBytes(capacity: 4096) { buffer in
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            return read(descriptor, buffer.baseAddress, buffer.count)
        }
        return try file.withUnsafeBytes { bytes in
            // The private part begins in the third line; in the fourth there is nothing else.
            let fourth = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 4)[3].prefix(32)
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
            let digits = try SecretBytes(copying: UnsafeRawBufferPointer(rebasing: fourth))
            let decoded = try SecretBytes(capacity: 24) { buffer in
                for (index, digit) in fourth.enumerated() {
                    let value = UInt32(alphabet.firstIndex(of: digit) ?? 0)
                    for bit in 0..<6 where value & (32 >> UInt32(bit)) != 0 {
                        let place = index * 6 + bit
                        buffer[place / 8] |= 128 >> UInt8(place % 8)
                    }
                }
                return 24
            }
            return [digits, decoded]
        }
    }
}
