import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("The blobs of a rehearsal")
struct OpenSSLTests {
    @Test("openssl opens them under OAEP with SHA-256 to the 32 bytes of the committed key, and not under SHA-1")
    func blobsOpenUnderSHA256Alone() async throws {
        try await CeremonyRoom.with { room in
            let key = room.base.path + "/wrapping.pem"
            try await openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
            let spki = try await openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
            // KMS, but for the wrapping key: that is one whose private half the test has.
            let ceremony = try await InProcessCeremony(in: room) { inner in
                AlteredKMS(
                    inner: inner,
                    parameters: {
                        ImportParameters(
                            publicKey: spki, token: try SecureRandom.bytes(count: 64),
                            validUntil: SystemClock().now().advanced(bySeconds: 3600), request: "unknown", tlsLeaf: nil
                        )
                    })
            }
            let record = try await ceremony.hold(until: .wrap)

            let generated = try #require(record.slots[CeremonyRoom.slot]?.generated)
            let nonce = try #require(Hex.decode(record.plan.nonce))
            for purpose in [Purpose.import, .proof] {
                let blob = try room.read(FolderLayout.blob(CeremonyRoom.slot, purpose))
                let opened = try await openssl(Self.decrypt(key, "sha256", "sha256"), input: blob)
                try #require(opened.count == 32)
                let material = try opened.withUnsafeBytes { try SecretBytes(copying: $0) }
                let zero = try AES256.encryptECB([UInt8](repeating: 0, count: 16), key: material)
                #expect(Hex.encode(zero.prefix(3)) == generated.checkValues?.ecb)
                let block = Commitment.block(nonce: nonce, slot: CeremonyRoom.slot)
                #expect(Hex.encode(try AES256.encryptECB(block, key: material)) == generated.commitment)
                for (hash, mask) in [("sha1", "sha1"), ("sha256", "sha1"), ("sha1", "sha256")] {
                    let refused = try await runProcess("openssl", Self.decrypt(key, hash, mask), input: blob)
                    #expect(refused.status != 0 && refused.stdout.isEmpty)
                }
            }
        }
    }

    @Test("control: the same openssl command opens what was wrapped under SHA-1")
    func controlSHA1() async throws {
        try await withTemporaryFolder { folder in
            let key = folder.path + "/wrapping.pem"
            try await openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
            let message = Array("thirty-two bytes, no key at all.".utf8)
            let encrypt = ["pkeyutl", "-encrypt", "-inkey", key] + Self.padding("sha1", "sha1")
            let blob = try await openssl(encrypt, input: message)
            #expect(try await openssl(Self.decrypt(key, "sha1", "sha1"), input: blob) == message)
        }
    }

    private static func decrypt(_ key: String, _ hash: String, _ mask: String) -> [String] {
        ["pkeyutl", "-decrypt", "-inkey", key] + padding(hash, mask)
    }

    private static func padding(_ hash: String, _ mask: String) -> [String] {
        [
            "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:\(hash)", "-pkeyopt",
            "rsa_mgf1_md:\(mask)",
        ]
    }

    @discardableResult
    private func openssl(_ arguments: String...) async throws -> [UInt8] { try await openssl(arguments, input: []) }

    /// What openssl, which must succeed, puts out.
    private func openssl(_ arguments: [String], input: [UInt8]) async throws -> [UInt8] {
        let outcome = try await runProcess("openssl", arguments, input: input)
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        return outcome.stdout
    }
}
