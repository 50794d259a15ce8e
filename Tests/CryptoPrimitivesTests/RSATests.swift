import CryptoPrimitives
import TestSupport
import Testing

@Suite("RSA-OAEP, with openssl as the second opinion")
struct RSATests {
    static let secret = hex("00ff", "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d00")

    private static func options(_ hash: OAEPHash, mgf: OAEPHash? = nil) -> [String] {
        func name(_ hash: OAEPHash) -> String { hash == .sha1 ? "sha1" : "sha256" }
        return [
            "-keyform", "DER", "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:\(name(hash))",
            "-pkeyopt", "rsa_mgf1_md:\(name(mgf ?? hash))",
        ]
    }

    @Test(
        "What we wrap, openssl unwraps, and the other way round", arguments: [2048, 3072, 4096],
        [OAEPHash.sha256, .sha1])
    func bothWays(bits: Int, hash: OAEPHash) async throws {
        let key = try RSAPrivateKey(bits: bits)
        #expect(key.publicKey.bits == bits && key.publicKey.exponent == [1, 0, 1])
        let folder = try TemporaryFolder()
        let privateKey = try folder.write(try key.pkcs8().exposed, to: "key")
        let publicKey = try folder.write(key.publicKey.spki, to: "public")

        let wrapped = try key.publicKey.encryptOAEP(try .of(Self.secret), hash: hash)
        #expect(wrapped.count == bits / 8)
        #expect(try key.decryptOAEP(wrapped, hash: hash).exposed == Self.secret)
        let unwrapped = try await runProcess(
            ["openssl", "pkeyutl", "-decrypt", "-inkey", privateKey] + Self.options(hash), input: wrapped)
        #expect(unwrapped.status == 0 && unwrapped.stdout == Self.secret, "\(unwrapped.stderrText)")

        let theirs = try await runProcess(
            ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey] + Self.options(hash), input: Self.secret)
        try #require(theirs.status == 0, "\(theirs.stderrText)")
        #expect(try key.decryptOAEP(theirs.stdout, hash: hash).exposed == Self.secret)
    }

    @Test("A blob made with another hash, another MGF hash or a label is refused")
    func otherParameters() async throws {
        let key = try RSAPrivateKey(bits: 2048)
        let folder = try TemporaryFolder()
        let publicKey = try folder.write(key.publicKey.spki, to: "public")
        let encrypt = ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey]
        let others = [
            Self.options(.sha1), Self.options(.sha256, mgf: .sha1), Self.options(.sha1, mgf: .sha256),
            Self.options(.sha256) + ["-pkeyopt", "rsa_oaep_label:00"],
        ]
        for options in others {
            let blob = try await runProcess(encrypt + options, input: Self.secret)
            try #require(blob.status == 0, "\(blob.stderrText)")
            #expect(throws: CryptoError.self) { try key.decryptOAEP(blob.stdout, hash: .sha256) }
        }
    }

    @Test(
        "A blob with a hash of its own in MGF1 opens when both are named, and only then",
        arguments: [(OAEPHash.sha256, OAEPHash.sha1), (.sha1, .sha256)])
    func otherMGF(hash: OAEPHash, mgf1: OAEPHash) async throws {
        let key = try RSAPrivateKey(bits: 2048)
        let folder = try TemporaryFolder()
        let publicKey = try folder.write(key.publicKey.spki, to: "public")
        let blob = try await runProcess(
            ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", publicKey] + Self.options(hash, mgf: mgf1),
            input: Self.secret)
        try #require(blob.status == 0, "\(blob.stderrText)")
        #expect(try key.decryptOAEP(blob.stdout, hash: hash, mgf1: mgf1).exposed == Self.secret)
        for (hash, other) in [(hash, hash), (mgf1, mgf1), (mgf1, hash)] {
            #expect(throws: CryptoError.self) { try key.decryptOAEP(blob.stdout, hash: hash, mgf1: other) }
        }
    }

    @Test("A changed, cut or lengthened blob, or another key's, is refused")
    func tampering() throws {
        let key = try RSAPrivateKey(bits: 2048)
        let blob = try key.publicKey.encryptOAEP(try .of(Self.secret), hash: .sha256)
        for index in stride(from: 0, to: blob.count, by: 16) {
            #expect(throws: CryptoError.self) { try key.decryptOAEP(blob.flipping(index), hash: .sha256) }
        }
        for bad in [[], Array(blob.dropLast()), blob + [0], [UInt8](repeating: 0, count: 256)] {
            #expect(throws: CryptoError.self) { try key.decryptOAEP(bad, hash: .sha256) }
        }
        let other = try RSAPrivateKey(bits: 2048)
        #expect(throws: CryptoError.self) { try other.decryptOAEP(blob, hash: .sha256) }
    }

    @Test("As much is wrapped as OAEP has room for, and not a byte more")
    func room() throws {
        let key = try RSAPrivateKey(bits: 2048)
        let most = try SecretBytes.random(count: 256 - 2 * 32 - 2)
        let blob = try key.publicKey.encryptOAEP(most, hash: .sha256)
        #expect(try key.decryptOAEP(blob, hash: .sha256).isEqual(to: most))
        let more = try SecretBytes.random(count: most.count + 1)
        #expect(throws: CryptoError.self) { try key.publicKey.encryptOAEP(more, hash: .sha256) }
        let none = try SecretBytes.of([])
        #expect(try key.decryptOAEP(key.publicKey.encryptOAEP(none, hash: .sha256), hash: .sha256).count == 0)
    }

    @Test("Other key sizes are not generated", arguments: [0, 512, 1024, 2047, 8192])
    func sizes(_ bits: Int) {
        #expect(throws: CryptoError.self) { try RSAPrivateKey(bits: bits) }
    }
}
