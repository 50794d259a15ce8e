import CP11Kit
import CryptoPrimitives
import PKCS11
import TestSupport
import Testing

@Suite("Every key type that AWS KMS can import")
struct KeyTypeTests {
    @Test(
        "a key pair is what its template says, through the token server, and its public key is openssl's for it",
        arguments: AsymmetricAlgorithm.imported)
    func keyPairs(algorithm: AsymmetricAlgorithm) async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("pair"))
            let pair = try await algorithm.generate(on: session)
            let publicTemplate = KeyTemplates.publicKey(label: "key", id: [1]) + algorithm.publicKeyOrigin
            let privateTemplate = KeyTemplates.privateKey(label: "key", id: [1]) + algorithm.privateKeyOrigin
            #expect(try await session.differences(of: pair.publicKey, from: publicTemplate).isEmpty)
            #expect(try await session.differences(of: pair.privateKey, from: privateTemplate).isEmpty)
            let material: AttributeType =
                algorithm.isRSA ? AttributeType(rawValue: CKA_PRIVATE_EXPONENT) : .value
            #expect(try await session.attributes([material], of: pair.privateKey) == [material: .sensitive])

            let spki = try await session.subjectPublicKeyInfo(of: pair.publicKey)
            let read = try await runProcess(
                ["openssl", "pkey", "-pubin", "-inform", "DER", "-pubcheck", "-pubout", "-outform", "DER"], input: spki)
            #expect(read.status == 0, "\(read.stderrText)")
            // It says that the key is valid before it writes it.
            #expect(Array(read.stdout.suffix(spki.count)) == spki)
        }
    }

    @Test(
        "an HMAC key is what its template says, and opened in software it makes the same codes",
        arguments: [SHA2.sha256, .sha384, .sha512])
    func secrets(hash: SHA2) async throws {
        try await TokenSite.with { site in
            try await Self.checkSecret(hash, on: site.logIn(site.makeToken("secret")))
        }
    }

    fileprivate static func checkSecret(_ hash: SHA2, on session: Session) async throws {
        let template = KeyTemplates.genericSecret(label: "key", id: [1])
        let key = try await session.generateSecret(count: hash.size, template)
        let whole = template + KeyTemplates.genericSecretOrigin(count: hash.size)
        #expect(try await session.differences(of: key, from: whole).isEmpty)
        #expect(try await session.attributes([.value], of: key) == [.value: .sensitive])

        for rsa in try WrappingKeys.ofEachSize() {
            let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [2])
            let blob = try await session.wrap(key, under: wrapping)
            let material = try rsa.decryptOAEP(blob, hash: .sha256)
            #expect(material.count == hash.size)
            #expect(throws: CryptoError.self) { try rsa.decryptOAEP(blob, hash: .sha1) }
            let message = Array("the proof under \(rsa.publicKey.bits) bits".utf8)
            let code = try await session.mac(message, hash, with: key)
            #expect(try code == hash.authenticate(message, key: material).exposed)
            let opinion = try await runProcess(
                [
                    "openssl", "dgst", "-sha\(hash.size * 8)", "-mac", "HMAC", "-macopt",
                    "hexkey:" + Hex.encode(material.exposed), "-binary",
                ], input: message)
            #expect(opinion.stdout == code, "\(opinion.stderrText)")
        }
    }

    @Test("an HMAC key signs no more when settling has taken that away")
    func checksEnd() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("settle"))
            let key = try await session.generateSecret(count: 32, KeyTemplates.genericSecret(label: "key", id: [1]))
            _ = try await session.mac([1], .sha256, with: key)
            try await session.setAttributes(KeyTemplates.genericSecretWithoutChecks, of: key)
            #expect(try await session.differences(of: key, from: KeyTemplates.genericSecretWithoutChecks).isEmpty)
            await #expect(throws: PKCS11Error.self) { try await session.mac([1], .sha256, with: key) }
        }
    }

    @Test("a private key does nothing but leave: it signs no digest")
    func privateKeysDoNothingElse() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("idle"))
            let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
            let digest = SHA256Digest(of: [1])
            await #expect(throws: PKCS11Error.self) { try await session.signECDSA(digest, with: pair.privateKey) }
        }
    }

    @Test("sizes that AWS KMS does not import are refused before the token is asked")
    func otherSizes() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("sizes"))
            for bits in [0, 1024, 2047, 8192] {
                let error = await #expect(throws: PKCS11Error.self) {
                    try await session.generateRSA(bits: bits, publicTemplate: [], privateTemplate: [])
                }
                #expect(error?.returnValue == nil)
            }
            let error = await #expect(throws: PKCS11Error.self) { try await session.generateSecret(count: 0, []) }
            #expect(error?.returnValue == nil)
        }
    }

    @Test("what shows no public key of a known kind has no SubjectPublicKeyInfo")
    func noPublicKey() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("none"))
            let aes = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [1], onToken: false))
            await #expect(throws: PKCS11Error.self) { try await session.subjectPublicKeyInfo(of: aes) }
            let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
            await #expect(throws: PKCS11Error.self) { try await session.subjectPublicKeyInfo(of: pair.privateKey) }
        }
    }
}

extension InThisProcess {
    /// p11-kit's protocol does not carry HMAC with SHA-224, and SoftHSM makes no other HMAC with so short a key.
    @Suite("HMAC keys for SHA-224")
    struct SHA224Tests {
        @Test("an HMAC key for SHA-224 is as the others")
        func secrets() async throws {
            try await DirectToken.with { token in
                try await KeyTypeTests.checkSecret(.sha224, on: token.logIn())
            }
        }
    }
}
