import CP11Kit
import CryptoPrimitives
import PKCS11
import Synchronization
import Testing

extension InThisProcess {
    @Suite("A token that lies about a private key's wrap")
    struct LyingWrapTests {
        @Test("a length that no RSA-AES key wrap has is an error, and so is one without room for it")
        func lengths() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let wrapping = try await session.createWrappingKey(
                    RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [2])
                let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
                try await Lies.whileWrapping(in: RawWrap.functionList()) {
                    for length in [0, 80, 256, 256 + 16, 256 + 79, 256 + 81, 1 << 20, Int.max] {
                        Lies.length.store(UInt(length), ordering: .sequentiallyConsistent)
                        let error = await #expect(throws: PKCS11Error.self, "\(length) bytes") {
                            try await session.wrapRSAAES(pair.privateKey, under: wrapping)
                        }
                        #expect(error?.function == "C_WrapKey" && error?.returnValue == nil)
                    }
                    for length in [24, 80, 2384] {
                        Lies.length.store(UInt(256 + length), ordering: .sequentiallyConsistent)
                        let blob = try await session.wrapRSAAES(pair.privateKey, under: wrapping)
                        #expect(blob.count == 256 + length)
                    }
                }
            }
        }

        @Test("a blob is as long as the modulus that the wrapping key was given, whatever the token shows of it")
        func modulus() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let wrapping = try await session.createWrappingKey(
                    RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [2])
                let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [1]))
                try await Lies.whileWrapping(in: RawWrap.functionList()) {
                    Lies.length.store(128, ordering: .sequentiallyConsistent)
                    let shown = try await session.attributes([.modulus], of: wrapping)
                    #expect(shown[.modulus]?.bytes?.count == 128)
                    let error = await #expect(throws: PKCS11Error.self) { try await session.wrap(key, under: wrapping) }
                    #expect(error?.cause == .unexpectedAnswer("128 bytes under a modulus of 256"))
                }
            }
        }

        @Test("an ephemeral key that is not as its template says wraps nothing, and is destroyed")
        func readableEphemeralKey() async throws {
            try await DirectToken.with { token in
                let session = try await token.logIn()
                let wrapping = try await session.createWrappingKey(
                    RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [2])
                let pair = try await AsymmetricAlgorithm.ec(.p256).generate(on: session)
                try await Lies.whileWrapping(in: RawWrap.functionList()) {
                    let error = await #expect(throws: PKCS11Error.self) {
                        try await session.wrapComposed(pair.privateKey, under: wrapping)
                    }
                    #expect(error?.function == "C_GenerateKey")
                    #expect(error?.description.contains("CKA_ALWAYS_SENSITIVE, CKA_SENSITIVE") == true)
                    #expect(Lies.wraps.load(ordering: .sequentiallyConsistent) == 0)
                }
                #expect(try await session.findObjects([.objectClass(.secretKey)]).isEmpty)
            }
        }
    }
}

/// A module that says of every wrap, and of every modulus, that it has a length of the test's choosing, and makes every
/// secret key readable.
private enum Lies {
    static let length = Atomic<UInt>(0)
    static let wraps = Atomic(0)
    // Written only while one test runs, before the call that reads it: C functions capture nothing.
    nonisolated(unsafe) private static var generateKey: CK_C_GenerateKey?
    nonisolated(unsafe) private static var getAttributeValue: CK_C_GetAttributeValue?

    static func whileWrapping(
        in list: UnsafeMutablePointer<CK_FUNCTION_LIST>, _ body: () async throws -> Void
    ) async rethrows {
        let original = (list.pointee.C_WrapKey, list.pointee.C_GenerateKey, list.pointee.C_GetAttributeValue)
        wraps.store(0, ordering: .sequentiallyConsistent)
        (generateKey, getAttributeValue) = (original.1, original.2)
        list.pointee.C_WrapKey = { _, _, _, _, _, length in
            Lies.wraps.add(1, ordering: .sequentiallyConsistent)
            length?.pointee = Lies.length.load(ordering: .sequentiallyConsistent)
            return CKR_OK
        }
        list.pointee.C_GenerateKey = { session, mechanism, template, count, key in
            for attribute in UnsafeMutableBufferPointer(start: template, count: Int(count))
            where attribute.type == CKA_SENSITIVE {
                attribute.pValue?.storeBytes(of: 0, as: UInt8.self)
            }
            return Lies.generateKey?(session, mechanism, template, count, key) ?? CKR_GENERAL_ERROR
        }
        list.pointee.C_GetAttributeValue = { session, object, template, count in
            guard count == 1, template?.pointee.type == CKA_MODULUS else {
                return Lies.getAttributeValue?(session, object, template, count) ?? CKR_GENERAL_ERROR
            }
            let length = Lies.length.load(ordering: .sequentiallyConsistent)
            template?.pointee.pValue?.initializeMemory(as: UInt8.self, repeating: 1, count: Int(length))
            template?.pointee.ulValueLen = length
            return CKR_OK
        }
        defer {
            (list.pointee.C_WrapKey, list.pointee.C_GenerateKey, list.pointee.C_GetAttributeValue) = original
        }
        try await body()
    }
}
