import CryptoPrimitives
import Foundation
import PKCS11
import TestSupport
import Testing

@Suite("Sessions on a real token")
struct SessionTests {
    @Test("what the template asked is what the token says afterwards, and a difference is named")
    func templateReadsBack() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("template"))
            let template = KeyTemplates.aes256(label: "key", id: [1, 2, 3])
            let key = try await session.generateAES256(template)
            #expect(try await session.differences(of: key, from: template + KeyTemplates.aes256Origin).isEmpty)

            let wrong = [Attribute(.extractable, false), Attribute(.sensitive, true), .label("another")]
            #expect(
                try await session.differences(of: key, from: wrong) == [
                    .extractable: .value([1]), .label: .value(Array("key".utf8)),
                ])
        }
    }

    @Test("usage flags for checks can be taken away, and then the key encrypts no more")
    func checksEnd() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("settle"))
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "key", id: [1]))
            try await session.setAttributes(KeyTemplates.withoutChecks, of: key)
            #expect(try await session.differences(of: key, from: KeyTemplates.withoutChecks).isEmpty)
            await #expect(throws: PKCS11Error.self) {
                try await session.encryptECB([UInt8](repeating: 0, count: 16), with: key)
            }
        }
    }

    @Test("attributes answer with value, sensitive or unavailable, each for itself")
    func attributeAnswers() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("answers"))
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "key", id: [1]))
            let answers = try await session.attributes([.value, .modulus, .label, .valueLength, .sensitive], of: key)
            #expect(answers[.value] == .sensitive)
            #expect(answers[.modulus] == .unavailable)
            #expect(answers[.label]?.text == "key")
            #expect(answers[.valueLength]?.number == 32)
            #expect(answers[.sensitive]?.bool == true)
        }
    }

    @Test("key material that a token would hand out is reported and not fetched")
    func exposedMaterialIsNotFetched() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("exposed"))
            let key = try await session.generateAES256([
                .label("bad"), Attribute(.token, false), Attribute(.sensitive, false), Attribute(.extractable, true),
            ])
            #expect(try await session.attributes([.value], of: key) == [.value: .exposed(size: 32)])
        }
    }

    @Test("objects are found by all of their attributes, more than one answer's worth, and are gone when destroyed")
    func findAndDestroy() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("find"))
            for index in 0..<70 {
                _ = try await session.generateAES256(
                    KeyTemplates.aes256(label: "key", id: [UInt8(index)], onToken: false))
            }
            let all = try await session.findObjects([.objectClass(.secretKey), .label("key")])
            #expect(Set(all).count == 70)
            let one = try await session.findObjects([.label("key"), .id([33])])
            try #require(one.count == 1)
            try await session.destroy(one[0])
            #expect(try await session.findObjects([.id([33])]).isEmpty)
            let error = try await #require(throws: PKCS11Error.self) { try await session.destroy(one[0]) }
            #expect(error.returnValue == .objectHandleInvalid)
        }
    }

    @Test("a token object is found again by another connection, a session object is not")
    func tokenObjectsStay() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("stay")
            let first = try await site.logIn(token)
            _ = try await first.generateAES256(KeyTemplates.aes256(label: "token", id: [1]))
            _ = try await first.generateAES256(KeyTemplates.aes256(label: "session", id: [2], onToken: false))
            let second = try await site.logIn(token)
            #expect(try await second.findObjects([.label("token")]).count == 1)
            #expect(try await second.findObjects([.label("session")]).isEmpty)
        }
    }

    @Test("an ECDSA signature made on the token verifies, and not for another digest")
    func signatureVerifies() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("sign"))
            let pair = try await session.generateP256(
                publicTemplate: KeyTemplates.signingPublicKey(label: "s", id: [1]),
                privateTemplate: KeyTemplates.signingPrivateKey(label: "s", id: [1]))
            let publicKey = try await session.p256PublicKey(of: pair.publicKey)
            let digest = SHA256Digest(of: Array("what was signed".utf8))
            let signature = try await session.signECDSA(digest, with: pair.privateKey)
            #expect(signature.count == 64)
            let (r, s) = (Array(signature.prefix(32)), Array(signature.suffix(32)))
            #expect(try publicKey.isValid(r: r, s: s, digest: digest))
            #expect(try !publicKey.isValid(r: r, s: s, digest: SHA256Digest(of: Array("another".utf8))))
            #expect(try await session.attributes([.value], of: pair.privateKey) == [.value: .sensitive])
        }
    }

    @Test("sizes that a mechanism does not have are refused before the token is asked")
    func partialBlocksAreRefused() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("blocks"))
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "key", id: [1]))
            for size in [0, 15, 17] {
                let error = try await #require(throws: PKCS11Error.self) {
                    try await session.encryptECB([UInt8](repeating: 0, count: size), with: key)
                }
                #expect(error.returnValue == nil)
            }
            #expect(try await session.generateRandom(count: 24).count == 24)
        }
    }

    @Test("a closed session says so and asks the token nothing; its session objects are gone")
    func closedSession() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("closed"))
            try await session.close()
            try await session.close()
            let error = try await #require(throws: PKCS11Error.self) { try await session.findObjects([]) }
            #expect(error.cause == .refused("the session is closed"))
        }
    }

    @Test("a function that the module does not have is an error that names it")
    func missingFunction() throws {
        let error = try #require(throws: PKCS11Error.self) {
            try checked("C_WrapKey", nil as (() -> UInt)?) { $0() }
        }
        #expect(error.cause == .missingFunction)
        #expect(error.description.contains("C_WrapKey"))
    }

    @Test("every answer but CKR_OK is an error with name, code and hex")
    func errorsCarryTheCode() throws {
        let error = try #require(throws: PKCS11Error.self) { try checked("C_Sign", { UInt(0xA4) }) { $0() } }
        #expect(error.returnValue == .pinLocked)
        #expect(error.description.contains("C_Sign: the token answered CKR_PIN_LOCKED (0x000000A4)"))
        #expect(error.description.contains("security officer"))
        #expect(ReturnValue(rawValue: 0x8000_0001).description == "a vendor's code (0x80000001)")
    }
}
