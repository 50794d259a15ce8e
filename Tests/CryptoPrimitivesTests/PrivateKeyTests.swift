import CryptoPrimitives
import TestSupport
import Testing

@Suite("Private keys in software, with openssl as the second opinion")
struct PrivateKeyTests {
    private static let message = Array("a message".utf8)

    /// Each kind with the schemes that AWS has for it.
    static let kinds: [(AsymmetricAlgorithm, [SignatureScheme])] = [
        (.rsa(bits: 2048), [.pkcs1(.sha256), .pkcs1(.sha512), .pss(.sha256), .pss(.sha384)]),
        (.ec(.p256), [.ecdsa(.sha256)]), (.ec(.p384), [.ecdsa(.sha384)]), (.ec(.p521), [.ecdsa(.sha512)]),
        (.ec(.secp256k1), [.ecdsa(.sha256)]),
    ]

    @Test("What we sign, openssl verifies; read again from PKCS#8, a key is the same key", arguments: kinds)
    func signatures(algorithm: AsymmetricAlgorithm, schemes: [SignatureScheme]) async throws {
        let key = try PrivateKey(generating: algorithm)
        let again = try PrivateKey(pkcs8: key.pkcs8())
        #expect(again.algorithm == algorithm && again.spki == key.spki)
        #expect(try again.pkcs8().isEqual(to: key.pkcs8()))
        let folder = try TemporaryFolder()
        let publicKey = try folder.write(key.spki, to: "public")
        for scheme in schemes {
            let digest = try scheme.hash.digest(of: Self.message)
            let signature = try key.sign(digest: digest, scheme: scheme)
            #expect(try again.isValid(signature, digest: digest, scheme: scheme))
            #expect(try !key.isValid(signature, digest: digest.flipping(0), scheme: scheme))
            #expect(try !key.isValid(Array(signature.dropLast()), digest: digest, scheme: scheme))
            let verified = try await runProcess(
                [
                    "openssl", "dgst", "-sha\(scheme.hash.size * 8)", "-keyform", "DER", "-verify", publicKey,
                    "-signature", try folder.write(signature, to: "signature"),
                ] + Self.options(scheme), input: Self.message)
            #expect(verified.status == 0, "\(verified.stderrText)")
        }
    }

    private static func options(_ scheme: SignatureScheme) -> [String] {
        guard case .pss = scheme else { return [] }
        return ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    }

    @Test("A scheme of other keys, and a digest of another length, are refused")
    func otherSchemes() throws {
        let (rsa, ec) = (try PrivateKey(generating: .rsa(bits: 2048)), try PrivateKey(generating: .ec(.p256)))
        let digest = [UInt8](repeating: 1, count: 32)
        #expect(throws: CryptoError.self) { try rsa.sign(digest: digest, scheme: .ecdsa(.sha256)) }
        #expect(throws: CryptoError.self) { try ec.sign(digest: digest, scheme: .pss(.sha256)) }
        #expect(throws: CryptoError.self) { try ec.isValid([], digest: digest, scheme: .pkcs1(.sha256)) }
        #expect(throws: CryptoError.self) { try rsa.sign(digest: digest + [0], scheme: .pss(.sha256)) }
        #expect(throws: CryptoError.self) { try ec.decryptOAEP(digest, hash: .sha256) }
    }

    @Test(
        "What openssl makes is read if it is a key that AWS imports",
        arguments: [
            ("RSA", ["rsa_keygen_bits:2048"], true), ("RSA", ["rsa_keygen_bits:1024"], false),
            ("RSA", ["rsa_keygen_bits:2048", "rsa_keygen_primes:3"], false),
            ("EC", ["ec_paramgen_curve:P-384"], true), ("EC", ["ec_paramgen_curve:secp256k1"], true),
            ("EC", ["ec_paramgen_curve:P-224"], false),
            ("EC", ["ec_paramgen_curve:P-256", "ec_param_enc:explicit"], false), ("ED25519", [], false),
        ])
    func foreign(name: String, options: [String], isRead: Bool) async throws {
        let made = try await runProcess(
            ["openssl", "genpkey", "-algorithm", name, "-outform", "DER"] + options.flatMap { ["-pkeyopt", $0] })
        try #require(made.status == 0, "\(made.stderrText)")
        let folder = try TemporaryFolder()
        let converted = try await runProcess([
            "openssl", "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", "-in",
            try folder.write(made.stdout, to: "key"),
        ])
        let secret = try SecretBytes.of(converted.stdout)
        if isRead {
            #expect(try PrivateKey(pkcs8: secret).pkcs8().exposed == converted.stdout)
        } else {
            #expect(throws: CryptoError.self) { try PrivateKey(pkcs8: secret) }
        }
        let longer = try SecretBytes.of(converted.stdout + [0])
        #expect(throws: CryptoError.self) { try PrivateKey(pkcs8: longer) }
        let shorter = try SecretBytes.of(converted.stdout.dropLast())
        #expect(throws: CryptoError.self) { try PrivateKey(pkcs8: shorter) }
    }

    @Test("A private key beside another's public point is refused")
    func mismatch() throws {
        let (one, two) = (try PrivateKey(generating: .ec(.p256)), try PrivateKey(generating: .ec(.p256)))
        // The point is the last 65 bytes of either form.
        let mixed = try one.pkcs8().exposed.dropLast(65) + two.spki.suffix(65)
        #expect(throws: CryptoError.self) { try PrivateKey(pkcs8: .of(Array(mixed))) }
    }
}

@Suite("SHA-2, HMAC and AES key wrap by their published examples")
struct KeyWrapTests {
    /// RFC 5649; openssl wraps.
    @Test("What openssl wraps with padding is unwrapped; a changed byte is refused", arguments: [1, 8, 20, 32, 1200])
    func keyWrap(count: Int) async throws {
        let key = try SecretBytes.random(count: 32)
        let secret = (0..<count).map { UInt8($0 & 255) }
        let keyHex = key.exposed.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let wrapped = try await runProcess(
            ["openssl", "enc", "-id-aes256-wrap-pad", "-e", "-K", keyHex, "-iv", "A65959A6"], input: secret)
        try #require(wrapped.status == 0, "\(wrapped.stderrText)")
        #expect(try AES256.unwrapKWP(wrapped.stdout, key: key).exposed == secret)
        for index in stride(from: 0, to: wrapped.stdout.count, by: 7) {
            #expect(throws: CryptoError.self) {
                try AES256.unwrapKWP(wrapped.stdout.flipping(index), key: key)
            }
        }
        for bad in [[], Array(wrapped.stdout.dropLast(8)), wrapped.stdout + [0]] {
            #expect(throws: CryptoError.self) { try AES256.unwrapKWP(bad, key: key) }
        }
    }

    /// FIPS 180-4's "abc" (csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values).
    @Test(
        "Digests of abc",
        arguments: [
            (SHA2.sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                .sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
            ),
        ])
    func digests(hash: SHA2, expected: String) throws {
        #expect(try hash.digest(of: Array("abc".utf8)) == hex(expected))
        #expect(hash.size == expected.count / 2)
    }

    /// RFC 4231, test case 2: key "Jefe".
    @Test(
        "HMAC of RFC 4231",
        arguments: [
            (SHA2.sha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
            (.sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                .sha384,
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
            ),
            (
                .sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            ),
        ])
    func codes(hash: SHA2, expected: String) throws {
        let code = try hash.authenticate(
            Array("what do ya want for nothing?".utf8), key: .of(Array("Jefe".utf8)))
        #expect(code.exposed == hex(expected))
    }
}
