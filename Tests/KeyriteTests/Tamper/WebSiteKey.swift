import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

/// A key for ssh: whose authenticator signs as it does for a web site that shows it a challenge (OpenSSH's PROTOCOL.u2f,
/// "webauthn signatures"): OpenSSH takes these too.
struct WebSiteKey: OtherKey {
    private static let type = "sk-ecdsa-sha2-nistp256@openssh.com"
    private static let application = Array("ssh:".utf8)

    let line: String
    let fingerprint: String
    let userPresence: UserPresence? = .touched
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        let made = try await runProcess([
            "openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", folder.path + "/key",
        ])
        try #require(made.status == 0, "\(made.stderrText)")
        let spki = try await runProcess(["openssl", "ec", "-in", folder.path + "/key", "-pubout", "-outform", "DER"])
        let blob =
            Self.string(Array(Self.type.utf8)) + Self.string(Array("nistp256".utf8))
            + Self.string(Array(spki.stdout.suffix(65))) + Self.string(Self.application)
        let key = try SSHPublicKey(blob: blob)
        line = key.line
        fingerprint = key.fingerprint
    }

    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        let challenge = Base64.encode(SSHSignature.bytesToSign(message: message, namespace: namespace))
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let origin = "https://example.org"
        let client = Array(#"{"type":"webauthn.get","challenge":"\#(challenge)","origin":"\#(origin)"}"#.utf8)
        let flagsAndCounter: [UInt8] = [1, 0, 0, 0, 7]
        let signed =
            SHA256Digest(of: Self.application).bytes + flagsAndCounter + SHA256Digest(of: client).bytes
        let der = try await runProcess(["openssl", "dgst", "-sha256", "-sign", folder.path + "/key"], input: signed)
        try #require(der.status == 0, "\(der.stderrText)")
        let value = try Self.numbers(der.stdout)
        let signature =
            Self.string(Array("webauthn-\(Self.type)".utf8)) + Self.string(value) + flagsAndCounter
            + Self.string(Array(origin.utf8)) + Self.string(client) + Self.string([])
        let key = try SSHPublicKey(line: line).blob
        let blob =
            Array("SSHSIG".utf8) + [0, 0, 0, 1] + Self.string(key) + Self.string(Array(namespace.utf8))
            + Self.string([]) + Self.string(Array("sha512".utf8)) + Self.string(signature)
        let base64 = Array(Base64.encode(blob))
        let lines = stride(from: 0, to: base64.count, by: 70).map { start in
            String(base64[start..<min(start + 70, base64.count)]) + "\n"
        }
        return Array("-----BEGIN SSH SIGNATURE-----\n\(lines.joined())-----END SSH SIGNATURE-----\n".utf8)
    }

    /// The two numbers of an ECDSA signature in DER, whose contents are written as SSH writes them.
    private static func numbers(_ der: [UInt8]) throws -> [UInt8] {
        var rest = der.dropFirst(2)
        var numbers: [UInt8] = []
        for _ in 0..<2 {
            let length = Int(try #require(rest.dropFirst().first))
            numbers += string(Array(rest.dropFirst(2).prefix(length)))
            rest = rest.dropFirst(2 + length)
        }
        return numbers
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        [0, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }
}
