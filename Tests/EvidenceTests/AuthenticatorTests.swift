import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

@Suite("Keys on FIDO2 authenticators")
struct AuthenticatorTests {
    static let types = ["ecdsa-sk", "ed25519-sk"]
    static let namespace = Fixture.namespace
    static let message = Fixture.message

    /// A key of the software authenticator in a folder of its own.
    struct Enrolled {
        let folder: TemporaryFolder
        let key: SSHPublicKey
        var file: String { folder.path + "/key" }

        init(_ type: String, options: [String] = []) async throws {
            folder = try TemporaryFolder()
            key = try SSHPublicKey(
                line: try await SoftwareAuthenticator.enrol(type, at: folder.path + "/key", options: options))
        }

        func sign(flags: UInt8? = nil, hash: String = "sha512") async throws -> [UInt8] {
            try await SoftwareAuthenticator.sign(
                message, with: file, namespace: namespace, hash: hash, flags: flags)
        }
    }

    @Test(
        "What ssh-keygen signs with one verifies here and there, and is written back byte for byte",
        arguments: types, ["sha512", "sha256"])
    func asSSHKeygen(type: String, hash: String) async throws {
        let enrolled = try await Enrolled(type, options: ["application=ssh:keyrite"])
        let file = try await enrolled.sign(hash: hash)
        let signature = try SSHSignature(armored: file)
        try signature.verify(message: Self.message, namespace: Self.namespace, key: enrolled.key)
        #expect(signature.armored == file)
        #expect(signature.assertion?.userWasPresent == true && signature.assertion?.userWasVerified == false)
        #expect(signature.assertion?.counter == 7)
        #expect(enrolled.key.application?.bytes == Array("ssh:keyrite".utf8))
        #expect(try await accepts(file, by: enrolled.key))
        let listed = try await runProcess(["ssh-keygen", "-l", "-f", enrolled.file + ".pub"])
        #expect(enrolled.key.fingerprint == listed.stdoutText.split(separator: " ")[1])
        #expect(throws: SSHSignatureError.doesNotVerify(key: enrolled.key.fingerprint)) {
            try signature.verify(message: Self.message + [0], namespace: Self.namespace, key: enrolled.key)
        }
    }

    @Test("Every bit of a signature file matters, those of flags and counter too", arguments: types)
    func everyBit(type: String) async throws {
        let enrolled = try await Enrolled(type)
        let file = try await enrolled.sign()
        for index in file.indices {
            for bit in 0..<8 {
                var changed = file
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: SSHSignatureError.self, "byte \(index), bit \(bit)") {
                    try SSHSignature(armored: changed)
                        .verify(message: Self.message, namespace: Self.namespace, key: enrolled.key)
                }
            }
        }
    }

    @Test("A flag with another meaning than presence is refused, though ssh-keygen takes it", arguments: types)
    func otherFlags(type: String) async throws {
        let enrolled = try await Enrolled(type)
        for flags: UInt8 in [0x00, 0x01, 0x04, 0x05] {
            let signature = try SSHSignature(armored: try await enrolled.sign(flags: flags))
            #expect(signature.assertion?.flags == flags)
            try signature.verify(message: Self.message, namespace: Self.namespace, key: enrolled.key)
        }
        for flags: UInt8 in [0x03, 0x09, 0x11, 0x21, 0x41, 0x81] {
            let file = try await enrolled.sign(flags: flags)
            #expect(try await accepts(file, by: enrolled.key))
            #expect(throws: SSHSignatureError.self, "flags \(flags)") { try SSHSignature(armored: file) }
        }
    }

    @Test("Signatures that were made once, by keys that were thrown away, verify for ever", arguments: golden)
    func goldenVector(line: String, armored: String) async throws {
        let key = try SSHPublicKey(line: line)
        #expect(key.line == line)
        let signature = try SSHSignature(armored: Array(armored.utf8))
        try signature.verify(message: Self.message, namespace: Self.namespace, key: key)
        #expect(signature.assertion?.flags == 0x05)
        #expect(try await accepts(Array(armored.utf8), by: key))
    }

    @Test("A key for another application than ssh: is refused, and one in another form")
    func refusedKeys() throws {
        func blob(_ application: [UInt8], point: [UInt8] = Fixture.point, tail: [UInt8] = []) -> [UInt8] {
            Wire.string("sk-ecdsa-sha2-nistp256@openssh.com") + Wire.string("nistp256") + Wire.string(point)
                + Wire.string(application) + tail
        }
        func blob(ed25519 key: [UInt8]) -> [UInt8] {
            Wire.string("sk-ssh-ed25519@openssh.com") + Wire.string(key) + Wire.string("ssh:")
        }
        let longest = Array("ssh:".utf8) + [UInt8](repeating: 0x7E, count: 60)
        let usual = Array("ssh:".utf8)
        let sound = [
            blob(usual), blob(Array("ssh:a!~".utf8)), blob(longest),
            blob(ed25519: [2] + .init(repeating: 0, count: 31)),
        ]
        for blob in sound { #expect(try SSHPublicKey(blob: blob).blob == blob) }
        let applications = [
            "", "ssh", "SSH:", "web:x", "xssh:", "ssh: ", "ssh:a b", "ssh:\n", "ssh:\u{7F}", "ssh:\u{E9}", "ssh:\0",
        ]
        let refused =
            applications.map { blob(Array($0.utf8)) } + [
                blob(longest + [0x7E]), blob(usual, tail: [0]), Array(blob(usual).dropLast(8)),
                blob(usual, point: [2] + Fixture.point[1..<33]), blob(ed25519: [1] + .init(repeating: 0, count: 31)),
                blob(ed25519: [0xED] + .init(repeating: 0xFF, count: 30) + [0x7F]), blob(ed25519: [2]),
            ]
        for blob in refused { #expect(throws: SSHFormatError.self, "\(blob)") { try SSHPublicKey(blob: blob) } }
    }

    @Test("A signature that an authenticator made for a web site is none here")
    func madeForWebSite() async throws {
        let enrolled = try await Enrolled("ecdsa-sk")
        let file = try await enrolled.sign()
        let body = String(decoding: file, as: UTF8.self).split(separator: "\n").dropFirst().dropLast().joined()
        let blob = [UInt8](try #require(Data(base64Encoded: body)))
        let type = Array("sk-ecdsa-sha2-nistp256@openssh.com".utf8)
        let at = try #require(blob.indices.dropLast(type.count).last { blob[$0...].starts(with: type) })
        let inner =
            Wire.string("webauthn-" + String(decoding: type, as: UTF8.self)) + blob[(at + type.count)...]
            + Wire.string("https://example.org") + Wire.string("{}") + Wire.string("")
        let error = #expect(throws: SSHSignatureError.self) {
            try SSHSignature(armored: Wire.armor(Array(blob[..<(at - 8)]) + Wire.string(inner)))
        }
        #expect(error?.description.contains("the signature's type") == true)
    }

    private func accepts(_ signature: [UInt8], by key: SSHPublicKey) async throws -> Bool {
        try await SSHKeygen.accepts(
            signature, of: Self.message, by: "carol", namespace: Self.namespace,
            allowedSigners: Array("carol \(key.line)\n".utf8))
    }

    static let golden = [
        (
            "sk-ecdsa-sha2-nistp256@openssh.com "
                + "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBGu4XjnR"
                + "kBigR2QO/43DfoakLXQS0j+3beu3nejlYyi5DFbQw8iMNoRMWwrfvoCkxPi1v00DXAodBFspsDv4hN4AAAAEc3NoOg==",
            """
            -----BEGIN SSH SIGNATURE-----
            U1NIU0lHAAAAAQAAAH8AAAAic2stZWNkc2Etc2hhMi1uaXN0cDI1NkBvcGVuc3NoLmNvbQ
            AAAAhuaXN0cDI1NgAAAEEEa7heOdGQGKBHZA7/jcN+hqQtdBLSP7dt67ed6OVjKLkMVtDD
            yIw2hExbCt++gKTE+LW/TQNcCh0EWymwO/iE3gAAAARzc2g6AAAAGWtleXJpdGUuZ2F0ZS
            52MS5yZWhlYXJzYWwAAAAAAAAABnNoYTUxMgAAAHgAAAAic2stZWNkc2Etc2hhMi1uaXN0
            cDI1NkBvcGVuc3NoLmNvbQAAAEkAAAAgBmoKcT41BxmbkZib1ollh8g06s63GMGODxp0Kl
            JqaVoAAAAhAOmEwMDxvmKFsd9lKO/7NecG7aNB9y/p5fcajIbe5xkuBQAAAAc=
            -----END SSH SIGNATURE-----

            """
        ),
        (
            "sk-ssh-ed25519@openssh.com "
                + "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIPezCntsQVHpJRg9E92n6KjXMvU8Fq2j4o9Z"
                + "EzLRuKieAAAABHNzaDo=",
            """
            -----BEGIN SSH SIGNATURE-----
            U1NIU0lHAAAAAQAAAEoAAAAac2stc3NoLWVkMjU1MTlAb3BlbnNzaC5jb20AAAAg97MKe2
            xBUeklGD0T3afoqNcy9TwWraPij1kTMtG4qJ4AAAAEc3NoOgAAABlrZXlyaXRlLmdhdGUu
            djEucmVoZWFyc2FsAAAAAAAAAAZzaGE1MTIAAABnAAAAGnNrLXNzaC1lZDI1NTE5QG9wZW
            5zc2guY29tAAAAQA6R/19uo59/38E2/X1HEGXzNdBC8IMKSeBFyFtW81txnayBWWQrhiKc
            x2Q4/KXsJIDR79DTyln503J9YIaS5woFAAAABw==
            -----END SSH SIGNATURE-----

            """
        ),
    ]
}
