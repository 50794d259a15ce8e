import CryptoPrimitives
import Evidence
import TestSupport
import Testing

@Suite("SSH public keys")
struct SSHPublicKeyTests {
    @Test("A key that ssh-keygen made is read and shown as ssh-keygen shows it", arguments: ["ecdsa", "ed25519"])
    func asSSHKeygen(type: String) async throws {
        let tool = try await SSHKeygen(type: type)
        let file = String(decoding: try tool.folder.read("key.pub"), as: UTF8.self)
        #expect(file == tool.publicKey.line + " a comment\n")
        let listed = try await runProcess(["ssh-keygen", "-l", "-f", tool.folder.path + "/key.pub"])
        let fingerprint = String(decoding: listed.stdout, as: UTF8.self).split(separator: " ")[1]
        #expect(tool.publicKey.fingerprint == fingerprint)
        #expect(try SSHPublicKey(blob: tool.publicKey.blob) == tool.publicKey)
    }

    static let p256 = Fixture.p256Line
    static let ed25519 =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"

    @Test(
        "Any other form of a key's line is refused",
        arguments: [
            "", " ", p256 + " comment", p256 + " ", " " + p256, p256 + "\n", p256.replacing(" ", with: "  "),
            p256.replacing(" ", with: "\t"), p256 + "=", p256 + "AAAA", String(p256.dropLast(4)),
            p256.replacing("ecdsa-sha2-nistp256 ", with: "ssh-ed25519 "),
            p256.replacing("ecdsa-sha2-nistp256 ", with: "ECDSA-SHA2-NISTP256 "),
            "cert-authority " + p256, ed25519.replacing("ssh-ed25519 ", with: "ecdsa-sha2-nistp256 "),
            String(ed25519.dropLast(1)) + "b=", String(ed25519.dropLast(2)), ed25519 + "AAAA",
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQM=", "ssh-ed25519", "ssh-ed25519 ",
        ])
    func refusedLine(_ line: String) {
        #expect(throws: SSHFormatError.self) { try SSHPublicKey(line: line) }
    }

    @Test("A line with the right form is accepted (so that the refusals above mean something)")
    func acceptedLines() throws {
        #expect(try SSHPublicKey(line: Self.p256).line == Self.p256)
        #expect(try SSHPublicKey(line: Self.ed25519).line == Self.ed25519)
    }

    @Test("A point in any other form, or off the curve, is refused")
    func refusedPoint() throws {
        func blob(curve: String = "nistp256", point: [UInt8], tail: [UInt8] = []) -> [UInt8] {
            Wire.string("ecdsa-sha2-nistp256") + Wire.string(curve) + Wire.string(point) + tail
        }
        let point = Fixture.point
        #expect(try SSHPublicKey(blob: blob(point: point)) == .ecdsaP256(P256PublicKey(point: point)))
        let last = try #require(point.last)
        let refused = [
            blob(curve: "nistp384", point: point), blob(point: point, tail: [0]), blob(point: point + [0]),
            blob(point: [2] + point[1..<33]), blob(point: Array(point.dropLast()) + [last ^ 1]), blob(point: [0]),
            blob(point: [6 | (last & 1)] + point.dropFirst()), blob(point: []), Array(blob(point: point).dropLast()),
        ]
        for blob in refused { #expect(throws: SSHFormatError.self) { try SSHPublicKey(blob: blob) } }
    }

    @Test(
        "A length that claims more than there is, is refused",
        arguments: [[], [0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0]])
    func refusedLength(_ blob: [UInt8]) {
        #expect(throws: SSHFormatError.self) { try SSHPublicKey(blob: blob) }
    }
}
