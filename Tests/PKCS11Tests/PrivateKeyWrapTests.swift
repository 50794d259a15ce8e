import CP11Kit
import CryptoPrimitives
import PKCS11
import TestSupport
import Testing

extension InThisProcess {
    /// p11-kit's protocol carries neither of the two ways.
    @Suite("Wrapping private keys under RSA_AES_KEY_WRAP with SHA-256, natively and composed")
    struct PrivateKeyWrapTests {
        @Test(
            """
            both ways, under each size of wrapping key, what is opened is the PKCS#8 of the key pair and nothing behind it; \
            not under SHA-1
            """,
            arguments: [true, false])
        func everyKeyType(isRSA: Bool) async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                for algorithm in AsymmetricAlgorithm.imported where algorithm.isRSA == isRSA {
                    try await Self.checkWraps(of: algorithm, on: session)
                }
                #expect(try await session.findObjects([.objectClass(.secretKey)]).isEmpty)
            }
        }

        private static func checkWraps(of algorithm: AsymmetricAlgorithm, on session: Session) async throws {
            let pair = try await algorithm.generate(on: session)
            var first: SecretBytes?
            for rsa in try WrappingKeys.ofEachSize() {
                let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [2])
                for way in PrivateKeyWrap.allCases {
                    let blob = try await way.wrap(pair.privateKey, under: wrapping, on: session)
                    #expect(throws: CryptoError.self) { try rsa.unwrap(blob, hash: .sha1) }
                    let opened = try rsa.unwrap(blob)
                    if let first {
                        #expect(opened.isEqual(to: first), "\(algorithm)")
                        continue
                    }
                    // Strict: it wants no byte behind the key, and public and private part to belong together.
                    let key = try PrivateKey(pkcs8: opened)
                    #expect(key.algorithm == algorithm)
                    #expect(try await key.spki == session.subjectPublicKeyInfo(of: pair.publicKey), "\(algorithm)")
                    first = opened
                }
            }
        }

        @Test("openssl opens both halves of a blob and finds the key pair", arguments: [0, 5])
        func opensslOpens(index: Int) async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let pair = try await AsymmetricAlgorithm.imported[index].generate(on: session)
                let rsa = try RSAPrivateKey(bits: 2048)
                let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [2])
                let spki = try await session.subjectPublicKeyInfo(of: pair.publicKey)
                for way in PrivateKeyWrap.allCases {
                    let blob = try await way.wrap(pair.privateKey, under: wrapping, on: session)
                    let opened = try await Self.openWithOpenSSL(blob, rsa)
                    let read = try await runProcess(
                        ["openssl", "pkey", "-inform", "DER", "-check", "-pubout", "-outform", "DER"], input: opened)
                    #expect(read.status == 0, "\(read.stderrText)")
                    #expect(Array(read.stdout.suffix(spki.count)) == spki)
                }
            }
        }

        private static func openWithOpenSSL(_ blob: [UInt8], _ key: RSAPrivateKey) async throws -> [UInt8] {
            let folder = try TemporaryFolder()
            let keyFile = try folder.write(key.pkcs8().exposed, to: "throwaway.der")
            let ephemeral = try await runProcess(
                [
                    "openssl", "pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", keyFile, "-pkeyopt",
                    "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256",
                ], input: Array(blob.prefix(256)))
            try #require(ephemeral.status == 0 && ephemeral.stdout.count == 32, "\(ephemeral.stderrText)")
            let opened = try await runProcess(
                [
                    "openssl", "enc", "-d", "-id-aes256-wrap-pad", "-K", Hex.encode(ephemeral.stdout), "-iv",
                    "A65959A6",
                ], input: Array(blob.dropFirst(256)))
            try #require(opened.status == 0, "\(opened.stderrText)")
            return opened.stdout
        }

        @Test("two blobs of one key share nothing, and each has an ephemeral key of its own")
        func ephemeralKeysAreFresh() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
                let rsa = try RSAPrivateKey(bits: 2048)
                let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [2])
                var ephemeral: Set<[UInt8]> = []
                var wrapped: Set<[UInt8]> = []
                for way in PrivateKeyWrap.allCases + PrivateKeyWrap.allCases {
                    let blob = try await way.wrap(pair.privateKey, under: wrapping, on: session)
                    ephemeral.insert(try rsa.decryptOAEP(Array(blob.prefix(256)), hash: .sha256).exposed)
                    wrapped.insert(Array(blob.dropFirst(256)))
                }
                #expect(ephemeral.count == 4 && ephemeral.allSatisfy { $0.count == 32 })
                #expect(wrapped.count == 4)
            }
        }

        @Test("a key that may not leave is wrapped in neither way, nor one that asks for a trusted wrapping key")
        func refusedKeys() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let wrapping = try await session.createWrappingKey(
                    RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [2])
                let changes = [
                    (Attribute(.extractable, false), ReturnValue.keyUnextractable),
                    (Attribute(.wrapWithTrusted, true), .keyNotWrappable),
                ]
                for (change, answer) in changes {
                    let template = KeyTemplates.privateKey(label: "k", id: [1]).filter { $0.type != change.type }
                    let pair = try await session.generateEC(
                        .p256, publicTemplate: KeyTemplates.publicKey(label: "k", id: [1]),
                        privateTemplate: template + [change])
                    for way in PrivateKeyWrap.allCases {
                        let error = await #expect(throws: PKCS11Error.self) {
                            try await way.wrap(pair.privateKey, under: wrapping, on: session)
                        }
                        #expect(error?.returnValue == answer)
                    }
                }
                // The ephemeral keys are gone, though the wraps failed.
                #expect(try await session.findObjects([.objectClass(.secretKey)]).isEmpty)
            }
        }

        @Test("under AES key wrap with padding a key of any length comes out as it is, with nothing behind it")
        func anyLength() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let rsa = try RSAPrivateKey(bits: 2048)
                let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [2])
                let aes = try await session.generateAES256(KeyTemplates.ephemeralAES256)
                let key = try rsa.decryptOAEP(await session.wrap(aes, under: wrapping), hash: .sha256)
                for count in [9, 15, 16, 17, 28, 32, 33, 48, 64, 100, 190] {
                    let secret = try await session.generateSecret(
                        count: count, KeyTemplates.genericSecret(label: "k", id: [1], onToken: false))
                    let blob = try await session.wrapKeyWrapPad(secret, under: aes)
                    let material = try rsa.decryptOAEP(await session.wrap(secret, under: wrapping), hash: .sha256)
                    #expect(try AES256.unwrapKWP(blob, key: key).exposed == material.exposed, "\(count) bytes")
                }
                let material = try AES256.unwrapKWP(await session.wrapKeyWrapPad(aes, under: aes), key: key)
                #expect(material.isEqual(to: key))
            }
        }

        @Test("a wrapping key that must not be changed wraps nothing here, and no byte of it is given out")
        func unmodifiableWrappingKey() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
                let template = KeyTemplates.ephemeralAES256.filter { $0.type != .modifiable }
                let aes = try await session.generateAES256(template + [Attribute(.modifiable, false)])
                let raw = try RawWrap(CKM_AES_KEY_WRAP_PAD, pair.privateKey, under: aes, beside: session)
                #expect(raw.wrap(.none) == CKR_FUNCTION_FAILED)
                #expect(raw.written == 0)
                #expect(raw.blob.allSatisfy { $0 == 0 })
                // Nothing is left of what it was tried with.
                #expect(try await session.findObjects([.objectClass(.secretKey)]) == [aes])
            }
        }

        @Test("CKM_AES_KEY_WRAP_PAD answers for sizes as the standard has it")
        func keyWrapPadSizes() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
                let aes = try await session.generateAES256(KeyTemplates.ephemeralAES256)
                let raw = try RawWrap(CKM_AES_KEY_WRAP_PAD, pair.privateKey, under: aes, beside: session)
                // 67 bytes of PKCS#8, filled up to 72, and eight.
                #expect(raw.size(.none) == (CKR_OK, 80))
                raw.capacity = 79
                #expect(raw.wrap(.none) == CKR_BUFFER_TOO_SMALL)
                #expect(raw.written == 80)
                raw.capacity = 100
                #expect(raw.wrap(.none) == CKR_OK)
                #expect(raw.written == 80)
                #expect(raw.blob.suffix(20).allSatisfy { $0 == 0xEE })
                #expect(raw.wrapWithoutLength(.none) == CKR_ARGUMENTS_BAD)
            }
        }

        @Test("CKM_RSA_AES_KEY_WRAP answers for sizes as the standard has it, and gives out nothing for that")
        func rsaAESSizes() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let raw = try await Self.p256(on: session)
                let asked = RawWrap.Parameters.rsaAES(256, RawWrap.sha256)
                #expect(raw.size(asked) == (CKR_OK, 336))
                raw.capacity = 335
                #expect(raw.wrap(asked) == CKR_BUFFER_TOO_SMALL)
                #expect(raw.written == 336)
                #expect(raw.blob.allSatisfy { $0 == 0xEE })
                raw.capacity = 400
                #expect(raw.wrap(asked) == CKR_OK)
                #expect(raw.written == 336)
                #expect(raw.blob.suffix(64).allSatisfy { $0 == 0xEE })
                #expect(raw.wrapWithoutLength(asked) == CKR_ARGUMENTS_BAD)
                #expect(try await session.findObjects([.objectClass(.secretKey)]).isEmpty)
            }
        }

        @Test("CKM_RSA_AES_KEY_WRAP takes AES-256 and OAEP with SHA-256 without a label, and nothing else")
        func rsaAESForms() async throws {
            try await DirectToken.with { token in
                let raw = try await Self.p256(on: token.logIn())
                raw.capacity = 400
                RawWrap.withOtherForms { forms in
                    var others = forms.map { RawWrap.Parameters.rsaAES(256, $0) }
                    others += [128, 192, 0, 255, 257].map { .rsaAES($0, RawWrap.sha256) }
                    others += [.rsaAES(256, nil), .none, .zeros(8), .zeros(16), .zeros(24), .oaep(RawWrap.sha256)]
                    for other in others {
                        #expect(raw.wrap(other) == CKR_MECHANISM_PARAM_INVALID)
                        #expect(raw.blob.allSatisfy { $0 == 0xEE })
                    }
                }
                #expect(raw.wrap(.rsaAES(256, RawWrap.sha256)) == CKR_OK)
            }
        }

        @Test("CKM_RSA_AES_KEY_WRAP wraps no secret key, and not under a key that is no RSA key or may not wrap")
        func rsaAESKeys() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let rsa = try RSAPrivateKey(bits: 2048).publicKey
                let wrapping = try await session.createWrappingKey(rsa, label: "w", id: [2])
                let aes = try await session.generateAES256(KeyTemplates.ephemeralAES256)
                let pair = try await AsymmetricAlgorithm.rsa(bits: 2048).generate(on: session)
                let asked = RawWrap.Parameters.rsaAES(256, RawWrap.sha256)
                let refused = [
                    (aes, wrapping, CKR_KEY_NOT_WRAPPABLE),
                    (pair.privateKey, aes, CKR_WRAPPING_KEY_TYPE_INCONSISTENT),
                    (pair.privateKey, pair.publicKey, CKR_KEY_FUNCTION_NOT_PERMITTED),
                    (pair.privateKey, Object(handle: 0xFFFF), CKR_WRAPPING_KEY_HANDLE_INVALID),
                    (Object(handle: 0xFFFF), wrapping, CKR_KEY_HANDLE_INVALID),
                ]
                for (key, wrapping, answer) in refused {
                    let raw = try RawWrap(CKM_RSA_AES_KEY_WRAP, key, under: wrapping, beside: session)
                    raw.capacity = 4096
                    #expect(raw.wrap(asked) == answer)
                    #expect(raw.blob.allSatisfy { $0 == 0xEE })
                }
            }
        }

        /// A P-256 key to be wrapped under the token's own RSA-AES key wrap.
        private static func p256(on session: Session) async throws -> RawWrap {
            let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
            let wrapping = try await session.createWrappingKey(RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [2])
            return try RawWrap(CKM_RSA_AES_KEY_WRAP, pair.privateKey, under: wrapping, beside: session)
        }
    }
}
