import CryptoPrimitives
import Evidence
import TestSupport
import Testing

@Suite("SSH signatures")
struct SSHSignatureTests {
    static let message = Array("what is approved\n".utf8)
    static let namespace = "keyrite.gate.v1.rehearsal"

    @Test(
        "A signature by ssh-keygen verifies, and is written back byte for byte",
        arguments: ["ecdsa", "ed25519"], ["sha512", "sha256"])
    func bySSHKeygen(type: String, hash: String) async throws {
        let tool = try await SSHKeygen(type: type)
        let file = try await tool.sign(Self.message, namespace: Self.namespace, hash: hash)
        let signature = try SSHSignature(armored: file)
        try signature.verify(message: Self.message, namespace: Self.namespace, key: tool.publicKey)
        #expect(signature.hash.rawValue == hash)
        #expect(signature.armored == file)
        if case .ecdsaP256(let key) = tool.publicKey {
            let again = try SSHSignature(
                ecdsaP256: signature.rawSignature, key: key, namespace: Self.namespace, hash: signature.hash)
            #expect(again.armored == file)
        }
    }

    @Test("A signature counts for its message, its purpose and its key alone", arguments: ["ecdsa", "ed25519"])
    func countsForNothingElse(type: String) async throws {
        let tool = try await SSHKeygen(type: type)
        let other = try await SSHKeygen(type: type)
        let signature = try SSHSignature(armored: try await tool.sign(Self.message, namespace: Self.namespace))
        #expect(throws: SSHSignatureError.doesNotVerify(key: tool.publicKey.fingerprint)) {
            try signature.verify(message: Self.message + [0], namespace: Self.namespace, key: tool.publicKey)
        }
        let live = "keyrite.gate.v1.live"
        #expect(throws: SSHSignatureError.otherNamespace(found: Self.namespace, expected: live)) {
            try signature.verify(message: Self.message, namespace: live, key: tool.publicKey)
        }
        let (found, expected) = (tool.publicKey.fingerprint, other.publicKey.fingerprint)
        #expect(throws: SSHSignatureError.otherKey(found: found, expected: expected)) {
            try signature.verify(message: Self.message, namespace: Self.namespace, key: other.publicKey)
        }
    }

    @Test("Every bit of a signature file matters", arguments: ["ecdsa", "ed25519"])
    func everyBit(type: String) async throws {
        let tool = try await SSHKeygen(type: type)
        let file = try await tool.sign(Self.message, namespace: Self.namespace)
        for index in file.indices {
            for bit in 0..<8 {
                var changed = file
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: SSHSignatureError.self, "byte \(index), bit \(bit)") {
                    try SSHSignature(armored: changed)
                        .verify(message: Self.message, namespace: Self.namespace, key: tool.publicKey)
                }
            }
        }
    }

    @Test("A token's signature of any shape is written so that ssh-keygen accepts it", arguments: Fixture.shapes)
    func fromToken(shape: String, hex: String) async throws {
        let point = try P256PublicKey(point: Fixture.point)
        let key = SSHPublicKey.ecdsaP256(point)
        let signature = try SSHSignature(
            ecdsaP256: Fixture.bytes(hex), key: point, namespace: Fixture.namespace)
        try signature.verify(message: Fixture.message, namespace: Fixture.namespace, key: key)
        #expect(try SSHSignature(armored: signature.armored) == signature)
        let accepted = try await SSHKeygen.accepts(
            signature.armored, of: Fixture.message, by: "carol", namespace: Fixture.namespace,
            allowedSigners: Array("carol \(key.line)\n".utf8))
        #expect(accepted, "\(shape)")
    }

    @Test("What a token is given to sign is what ssh-keygen verifies", arguments: [SSHSignature.Hash.sha512, .sha256])
    func signedByOpenSSL(hash: SSHSignature.Hash) async throws {
        let tool = try await SSHKeygen(type: "ecdsa")
        guard case .ecdsaP256(let point) = tool.publicKey else { return }
        let pem = tool.folder.path + "/key"
        let converted = try await runProcess(["ssh-keygen", "-q", "-p", "-m", "PEM", "-N", "", "-f", pem])
        try #require(converted.status == 0, "\(converted.stderrText)")
        for attempt in 0..<4 {
            let message = Self.message + [UInt8(attempt)]
            let bytes = SSHSignature.bytesToSign(message: message, namespace: Self.namespace, hash: hash)
            let der = try await runProcess(["openssl", "dgst", "-sha256", "-sign", pem], input: bytes)
            try #require(der.status == 0, "\(der.stderrText)")
            let signature = try SSHSignature(
                ecdsaP256: try Self.raw(der.stdout), key: point, namespace: Self.namespace, hash: hash)
            try signature.verify(message: message, namespace: Self.namespace, key: tool.publicKey)
            let accepted = try await SSHKeygen.accepts(
                signature.armored, of: message, by: "carol", namespace: Self.namespace,
                allowedSigners: Array("carol \(tool.publicKey.line)\n".utf8))
            #expect(accepted)
        }
    }

    @Test("The other signature that anyone can make of an ECDSA signature verifies, here as with ssh-keygen")
    func negated() async throws {
        let point = try P256PublicKey(point: Fixture.point)
        let key = SSHPublicKey.ecdsaP256(point)
        let raw = Fixture.bytes(Fixture.shapes[0].1)
        let one = try SSHSignature(ecdsaP256: raw, key: point, namespace: Fixture.namespace)
        let other = try SSHSignature(
            ecdsaP256: raw.prefix(32) + Fixture.negated(Array(raw.suffix(32))), key: point,
            namespace: Fixture.namespace)
        #expect(SHA256Digest(of: one.armored) != SHA256Digest(of: other.armored))
        try other.verify(message: Fixture.message, namespace: Fixture.namespace, key: key)
        let accepted = try await SSHKeygen.accepts(
            other.armored, of: Fixture.message, by: "carol", namespace: Fixture.namespace,
            allowedSigners: Array("carol \(key.line)\n".utf8))
        #expect(accepted)
    }

    /// r ‖ s out of the DER that OpenSSL writes.
    private static func raw(_ der: [UInt8]) throws -> [UInt8] {
        var rest = der.dropFirst(2)
        var raw: [UInt8] = []
        for _ in 0..<2 {
            let length = Int(rest[rest.startIndex + 1])
            let number = rest.dropFirst(2).prefix(length).drop { $0 == 0 }
            raw += [UInt8](repeating: 0, count: 32 - number.count) + number
            rest = rest.dropFirst(2 + length)
        }
        try #require(raw.count == 64 && rest.isEmpty)
        return raw
    }
}
