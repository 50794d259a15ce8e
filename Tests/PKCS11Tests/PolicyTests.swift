import CryptoPrimitives
import PKCS11
import Testing

extension InThisProcess {
    /// What a token lets one narrow, and p11-kit's protocol does not carry.
    @Suite("What keys and wrapping keys may be kept to")
    struct PolicyTests {
        @Test("a wrapping key that admits some keys wraps them, and no other")
        func wrapTemplate() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [1], onToken: false))
                let own = try RSAPrivateKey(bits: 2048)
                func wrappingKey(_ admitted: [Attribute]?) async throws -> Object {
                    try await session.createWrappingKey(own.publicKey, label: "w", id: [2], admitting: admitted)
                }
                for admitted in [nil, [], [Attribute(.encrypt, true), Attribute(.derive, false)]] {
                    let blob = try await session.wrap(key, under: wrappingKey(admitted))
                    #expect(try own.decryptOAEP(blob, hash: .sha256).count == 32)
                }
                let other = try await wrappingKey([Attribute(.encrypt, true), Attribute(.derive, true)])
                let refused = await #expect(throws: PKCS11Error.self) { try await session.wrap(key, under: other) }
                #expect(refused?.returnValue == .keyNotWrappable)
            }
        }

        @Test("a key is derived from one that may be derived from, is what AES makes it, and from no other")
        func derivation() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let blocks = (0..<32).map(UInt8.init)
                func base(_ mayDerive: Bool) async throws -> Object {
                    let template = KeyTemplates.aes256(label: "k", id: [1], onToken: false)
                        .map { $0.type == .derive ? Attribute(.derive, mayDerive) : $0 }
                    return try await session.generateAES256(template)
                }
                let key = try await base(true)
                let derived = try await session.deriveAES256(from: key, by: .aesECBEncryptData(blocks))
                let material = try await session.encryptECB(blocks, with: key)
                    .withUnsafeBytes { try SecretBytes(copying: $0) }
                let differences = try await session.differences(
                    of: derived, from: [Attribute(.sensitive, true), Attribute(.extractable, false)])
                #expect(differences.isEmpty)
                try await session.setAttributes([Attribute(.encrypt, true)], of: derived)
                #expect(
                    try await session.encryptECB(blocks, with: derived) == AES256.encryptECB(blocks, key: material))

                let other = try await base(false)
                let refused = await #expect(throws: PKCS11Error.self) {
                    try await session.deriveAES256(from: other, by: .aesECBEncryptData(blocks))
                }
                #expect(refused?.returnValue?.name == "CKR_KEY_FUNCTION_NOT_PERMITTED")
                // The token does not have it.
                let unknown = await #expect(throws: PKCS11Error.self) {
                    try await session.deriveAES256(from: key, by: .sha256KeyDerivation)
                }
                #expect(unknown?.returnValue == .mechanismInvalid)
            }
        }
    }
}
