import CP11Kit
import CryptoPrimitives
import Foundation
import PKCS11
import Synchronization
import TestSupport
import Testing

extension InThisProcess {
    /// Called as a PKCS#11 host calls it: what `Session` cannot express, and threads.
    @Suite("The rehearsal module")
    struct RehearsalModuleTests {
        @Test("it exports C_GetFunctionList and nothing else")
        func exports() async throws {
            let symbols = try await runProcess("nm", ["-D", "--defined-only", RehearsalModule.path()])
            // The linker's own marks (_edata, _end) are data; what a host could call is T.
            let functions = symbols.stdoutText.split(separator: "\n").map { $0.split(separator: " ").dropFirst() }
            #expect(functions.filter { $0.first == "T" } == [["T", "C_GetFunctionList"]])
        }

        @Test(
            "sixteen threads wrap sixteen keys to sixteen wrapping keys, and each blob is the right one, under SHA-256")
        func sixteenThreads() async throws {
            try await DirectToken.with { token in
                let login = try await token.logIn()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<UInt8(16) {
                        // A session each, and each session has a thread of its own.
                        let session = try token.slot.openSession()
                        group.addTask { try await Self.wrapTwentyFiveKeys(index, session) }
                    }
                    try await group.waitForAll()
                }
                try await login.logout()
            }
        }

        private static func wrapTwentyFiveKeys(_ index: UInt8, _ session: Session) async throws {
            let rsa = try RSAPrivateKey(bits: 2048)
            let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [index])
            let pair = try await AsymmetricAlgorithm.ec(.p521).generate(on: session, id: [index])
            let publicKey = try await session.subjectPublicKeyInfo(of: pair.publicKey)
            for _ in 0..<25 {
                let key = try await session.generateAES256(
                    KeyTemplates.aes256(label: "k", id: [index], onToken: false))
                let blob = try await session.wrap(key, under: wrapping)
                let material = try rsa.decryptOAEP(blob, hash: .sha256)
                let block = [UInt8](repeating: index, count: 16)
                #expect(
                    try await session.encryptECB(block, with: key) == AES256.encryptECB(block, key: material))
                let other = try await session.wrapRSAAES(pair.privateKey, under: wrapping)
                #expect(try PrivateKey(pkcs8: rsa.unwrap(other)).spki == publicKey)
            }
        }

        @Test("OAEP in any other form than SHA-256 without a label is refused, SHA-1 too, and no byte is written")
        func otherFormsAreRefused() async throws {
            try await DirectToken.with { token in
                let raw = try await Self.aes256(on: token)
                #expect(raw.wrap(.oaep(RawWrap.sha256)) == CKR_OK)
                #expect(raw.written == 256)
                RawWrap.withOtherForms { forms in
                    for form in forms {
                        #expect(raw.wrap(.oaep(form)) == CKR_MECHANISM_PARAM_INVALID)
                        #expect(raw.blob.allSatisfy { $0 == 0xEE })
                    }
                }
                for parameters in [RawWrap.Parameters.none, .zeros(8), .zeros(40)] {
                    #expect(raw.wrap(parameters) == CKR_MECHANISM_PARAM_INVALID)
                }
            }
        }

        @Test("a size query answers the modulus size, and a buffer too small is said to be")
        func sizes() async throws {
            try await DirectToken.with { token in
                let raw = try await Self.aes256(on: token)
                #expect(raw.size(.oaep(RawWrap.sha256)) == (CKR_OK, 256))
                raw.capacity = 255
                #expect(raw.wrap(.oaep(RawWrap.sha256)) == CKR_BUFFER_TOO_SMALL)
                #expect(raw.written == 256)
                #expect(raw.wrapWithoutLength(.oaep(RawWrap.sha256)) == CKR_ARGUMENTS_BAD)
            }
        }

        /// An AES-256 key to be wrapped under OAEP.
        private static func aes256(on token: DirectToken) async throws -> RawWrap {
            let session = try await token.logIn()
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [1]))
            let wrapping = try await session.createWrappingKey(
                RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [2])
            return try RawWrap(CKM_RSA_PKCS_OAEP, key, under: wrapping, beside: session)
        }

        @Test("a function that is NULL in the module's list is an error that names it")
        func missingFunction() async throws {
            try await DirectToken.with { token in
                let session = try token.slot.openSession()
                let list = try RawWrap.functionList()
                let original = list.pointee.C_GenerateRandom
                list.pointee.C_GenerateRandom = nil
                defer { list.pointee.C_GenerateRandom = original }
                let error = try await #require(throws: PKCS11Error.self) { try await session.generateRandom(count: 8) }
                #expect(error.function == "C_GenerateRandom")
                #expect(error.cause == .missingFunction)
            }
        }

        @Test("a wrong PIN reaches the token once")
        func wrongPINIsTriedOnce() async throws {
            try await DirectToken.with { token in
                let session = try token.slot.openSession()
                try await Intercepted.whileCountingLogins(in: RawWrap.functionList(), tokenFlags: 0) {
                    let error = await #expect(throws: PKCS11Error.self) {
                        try await session.login(pin: TokenSite.secret("wrong"))
                    }
                    #expect(error?.returnValue == .pinIncorrect)
                    #expect(Intercepted.logins.load(ordering: .sequentiallyConsistent) == 1)
                }
            }
        }

        @Test("no PIN reaches a token that says it is locked, or locks at the next mistake")
        func lockedTokenIsNotAsked() async throws {
            try await DirectToken.with { token in
                let session = try token.slot.openSession()
                for flag in [CKF_USER_PIN_LOCKED, CKF_USER_PIN_FINAL_TRY] {
                    try await Intercepted.whileCountingLogins(in: RawWrap.functionList(), tokenFlags: flag) {
                        let error = await #expect(throws: PKCS11Error.self) { try await session.login(pin: token.pin) }
                        #expect(error?.returnValue == nil)
                        #expect(Intercepted.logins.load(ordering: .sequentiallyConsistent) == 0)
                    }
                }
                try await session.login(pin: token.pin)
                try await session.logout()
            }
        }
    }
}

/// A module whose logins are counted and always fail, and whose token shows the flags a test wants.
private enum Intercepted {
    static let logins = Atomic(0)
    private static let flags = Atomic<UInt>(0)
    // Written only while one test runs, before the call that reads it: C functions capture nothing.
    nonisolated(unsafe) private static var getTokenInfo: CK_C_GetTokenInfo?

    static func whileCountingLogins(
        in list: UnsafeMutablePointer<CK_FUNCTION_LIST>, tokenFlags: UInt, _ body: () async throws -> Void
    ) async rethrows {
        let original = (list.pointee.C_Login, list.pointee.C_GetTokenInfo)
        logins.store(0, ordering: .sequentiallyConsistent)
        flags.store(tokenFlags, ordering: .sequentiallyConsistent)
        getTokenInfo = original.1
        list.pointee.C_Login = { _, _, _, _ in
            Intercepted.logins.add(1, ordering: .sequentiallyConsistent)
            return CKR_PIN_INCORRECT
        }
        list.pointee.C_GetTokenInfo = { slot, info in
            let value = Intercepted.getTokenInfo?(slot, info) ?? CKR_GENERAL_ERROR
            info?.pointee.flags |= Intercepted.flags.load(ordering: .sequentiallyConsistent)
            return value
        }
        defer { (list.pointee.C_Login, list.pointee.C_GetTokenInfo) = original }
        try await body()
    }
}
