import CryptoPrimitives
import Foundation
import PKCS11
import TestSupport
import Testing

@Suite("The rehearsal of a token that lacks mechanisms")
struct MissingMechanismTests {
    @Test("with nothing left out, a private key leaves in both ways, and no secret key stays behind")
    func nothingMissing() async throws {
        let probed = try await ProbedWrap.run(.ec)
        #expect(Set(probed.report.mechanisms).isSuperset(of: [Self.rsaAESKeyWrap, Self.aesKeyWrapPad]))
        #expect(try probed.open(probed.report.native).isEqual(to: probed.open(probed.report.composed)))
        #expect(probed.report.secretKeysLeft == 0)
    }

    @Test("without CKM_RSA_AES_KEY_WRAP it is neither listed nor done, and the composed way is open")
    func composedOnly() async throws {
        let probed = try await ProbedWrap.run(.ec, ["KEYRITE_REHEARSAL_WITHOUT": "0x1054"])
        #expect(!probed.report.mechanisms.contains(Self.rsaAESKeyWrap))
        #expect(probed.report.native == .refused(function: "C_WrapKey", answer: "CKR_MECHANISM_INVALID"))
        _ = try probed.open(probed.report.composed)
        #expect(probed.report.secretKeysLeft == 0)
    }

    @Test("without AES key wrap too, no private key leaves, and no ephemeral key stays behind")
    func neither() async throws {
        let probed = try await ProbedWrap.run(.rsa, ["KEYRITE_REHEARSAL_WITHOUT": "0x1054,0x210A"])
        #expect(Set(probed.report.mechanisms).isDisjoint(with: [Self.rsaAESKeyWrap, Self.aesKeyWrapPad]))
        for outcome in [probed.report.native, probed.report.composed] {
            #expect(outcome == .refused(function: "C_WrapKey", answer: "CKR_MECHANISM_INVALID"))
        }
        #expect(probed.report.secretKeysLeft == 0)
    }

    @Test("the token's own RSA-AES key wrap does not need what it is made of to be there for others")
    func nativeOnly() async throws {
        let probed = try await ProbedWrap.run(.rsa, ["KEYRITE_REHEARSAL_WITHOUT": "0x210a,0x1080"])
        _ = try probed.open(probed.report.native)
        #expect(probed.report.composed == .refused(function: "C_GenerateKey", answer: "CKR_MECHANISM_INVALID"))
    }

    @Test("what is missing is missing for every use, through the token server too")
    func everyUse() async throws {
        let without = "0x0,0x9,0x350,0x251,0x1081,0x1041"
        try await TokenSite.with(environment: ["KEYRITE_REHEARSAL_WITHOUT": without]) { site in
            let session = try await site.logIn(site.makeToken("without"))
            let listed = try session.slot.mechanisms()
            #expect(
                listed.isDisjoint(with: [
                    .rsaKeyPairGeneration, .rsaOAEP, .genericSecretKeyGeneration, .hmac(.sha256), .aesECB, .ecdsa,
                ]))
            let aes = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [1]))
            let pair = try await session.generateP256(
                publicTemplate: KeyTemplates.signingPublicKey(label: "s", id: [1]),
                privateTemplate: KeyTemplates.signingPrivateKey(label: "s", id: [1]))
            let wrapping = try await session.createWrappingKey(
                RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [2])
            let uses: [@Sendable () async throws -> Void] = [
                { _ = try await session.wrap(aes, under: wrapping) },
                { _ = try await session.encryptECB([UInt8](repeating: 0, count: 16), with: aes) },
                { _ = try await session.signECDSA(SHA256Digest(of: [1]), with: pair.privateKey) },
                { _ = try await session.mac([1], .sha256, with: aes) },
                { _ = try await session.generateSecret(count: 32, KeyTemplates.genericSecret(label: "g", id: [3])) },
                { _ = try await AsymmetricAlgorithm.rsa(bits: 2048).generate(on: session) },
            ]
            for (index, use) in uses.enumerated() {
                let error = await #expect(throws: PKCS11Error.self) { try await use() }
                #expect(error?.returnValue == .mechanismInvalid, "use \(index)")
            }
        }
    }

    @Test(
        "a list of mechanisms that is none stops the module from loading, rather than leaving nothing out",
        arguments: ["1054", "0x", "0x1054,", ",0x1054", "0x1054;0x210A", "0x1054 ", "0xffffffffffffffff0"])
    func unreadable(text: String) async throws {
        await #expect(throws: PKCS11Error.self) {
            try await TokenSite.with(environment: ["KEYRITE_REHEARSAL_WITHOUT": text]) { _ in }
        }
    }

    private static let rsaAESKeyWrap = MechanismType.rsaAESKeyWrap.rawValue
    private static let aesKeyWrapPad = MechanismType.aesKeyWrapPad.rawValue
}
