import CP11Kit
import CryptoPrimitives
import Foundation
import PKCS11
import Synchronization
import TestSupport
import Testing

/// The module itself, in this process, called as a PKCS#11 host calls it: what `Session` cannot express, and threads.
@Suite("The rehearsal module", .serialized)
struct RehearsalModuleTests {
    @Test("it exports C_GetFunctionList and nothing else")
    func exports() async throws {
        let symbols = try await runProcess("nm", ["-D", "--defined-only", RehearsalModule.path()])
        // The linker's own marks (_edata, _end) are data; what a host could call is T.
        let functions = symbols.stdoutText.split(separator: "\n").map { $0.split(separator: " ").dropFirst() }
        #expect(functions.filter { $0.first == "T" } == [["T", "C_GetFunctionList"]])
    }

    @Test("sixteen threads wrap sixteen keys to sixteen wrapping keys, and each blob is the right one, under SHA-256")
    func sixteenThreads() async throws {
        try await withDirectToken("threads") { module, token in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let login = try module.slot(of: token.info.uri).openSession()
                try await login.login(pin: token.pin)
                for index in 0..<UInt8(16) {
                    group.addTask {
                        // A session each, and each session has a thread of its own.
                        let session = try module.slot(of: token.info.uri).openSession()
                        let rsa = try RSAPrivateKey(bits: 2048)
                        let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [index])
                        for _ in 0..<25 {
                            let key = try await session.generateAES256(
                                KeyTemplates.aes256(label: "k", id: [index], onToken: false))
                            let blob = try await session.wrap(key, under: wrapping)
                            let material = try rsa.decryptOAEP(blob, hash: .sha256)
                            let block = [UInt8](repeating: index, count: 16)
                            #expect(
                                try await session.encryptECB(block, with: key)
                                    == AES256.encryptECB(block, key: material))
                        }
                    }
                }
                try await group.waitForAll()
                try await login.logout()
            }
        }
    }

    @Test("OAEP in any other form than SHA-256 without a label is refused, SHA-1 too, and no byte is written")
    func otherFormsAreRefused() async throws {
        try await withDirectToken("forms") { module, token in
            let raw = try RawWrap(slot: module.slot(of: token.info.uri), pin: token.pin)
            defer { raw.close() }
            #expect(raw.wrap(raw.sha256) == CKR_OK)
            #expect(raw.blob.count == 256)

            var label: UInt8 = 7
            withUnsafeMutablePointer(to: &label) { label in
                var withLabel = raw.sha256
                withLabel.pSourceData = UnsafeMutableRawPointer(label)
                withLabel.ulSourceDataLen = 1
                var noSource = raw.sha256
                noSource.source = 0
                var mixed = raw.sha256
                mixed.mgf = CKG_MGF1_SHA1
                var otherMix = raw.sha256
                otherMix.hashAlg = CKM_SHA_1
                let sha1 = CK_RSA_PKCS_OAEP_PARAMS(
                    hashAlg: CKM_SHA_1, mgf: CKG_MGF1_SHA1, source: CKZ_DATA_SPECIFIED, pSourceData: nil,
                    ulSourceDataLen: 0)
                for parameters in [withLabel, noSource, mixed, otherMix, sha1] {
                    #expect(raw.wrap(parameters) == CKR_MECHANISM_PARAM_INVALID)
                    #expect(raw.blob.allSatisfy { $0 == 0xEE })
                }
                #expect(raw.wrap(nil) == CKR_MECHANISM_PARAM_INVALID)
            }
        }
    }

    @Test("a size query answers the modulus size, and a buffer too small is said to be")
    func sizes() async throws {
        try await withDirectToken("sizes") { module, token in
            let raw = try RawWrap(slot: module.slot(of: token.info.uri), pin: token.pin)
            defer { raw.close() }
            #expect(raw.size(raw.sha256) == 256)
            raw.capacity = 255
            #expect(raw.wrap(raw.sha256) == CKR_BUFFER_TOO_SMALL)
            #expect(raw.written == 256)
        }
    }

    @Test("a function that is NULL in the module's list is an error that names it")
    func missingFunction() async throws {
        try await withDirectToken("missing") { module, token in
            let session = try module.slot(of: token.info.uri).openSession()
            let list = try Self.functionList()
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
        try await withDirectToken("once") { module, token in
            let session = try module.slot(of: token.info.uri).openSession()
            try await Intercepted.whileCountingLogins(in: Self.functionList(), tokenFlags: 0) {
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
        try await withDirectToken("locked") { module, token in
            let session = try module.slot(of: token.info.uri).openSession()
            for flag in [CKF_USER_PIN_LOCKED, CKF_USER_PIN_FINAL_TRY] {
                try await Intercepted.whileCountingLogins(in: Self.functionList(), tokenFlags: flag) {
                    let error = await #expect(throws: PKCS11Error.self) { try await session.login(pin: token.pin) }
                    #expect(error?.returnValue == nil)
                    #expect(Intercepted.logins.load(ordering: .sequentiallyConsistent) == 0)
                }
            }
            try await session.login(pin: token.pin)
            try await session.logout()
        }
    }

    /// The module's own list, in which a test may replace a function: this suite runs one test at a time.
    fileprivate static func functionList() throws -> UnsafeMutablePointer<CK_FUNCTION_LIST> {
        let library = try #require(dlopen(RehearsalModule.path(), RTLD_NOW))
        let symbol = try #require(dlsym(library, "C_GetFunctionList"))
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        try #require(unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)(&list) == CKR_OK)
        return try #require(list)
    }

    /// A token of a SoftHSM inside this process; one for all tests, because a module is initialized once per process.
    private func withDirectToken(
        _ label: String, _ body: (Module, TokenSite.Token) async throws -> Void
    ) async throws {
        let module = try Self.module.get()
        try await body(module, TokenSite.makeToken(label, in: module))
    }

    private static let folder = "/tmp/kr-direct-\(getpid())"
    private static let module: Result<Module, any Error> = Result {
        try? FileManager.default.removeItem(atPath: folder)
        let softHSM = try SoftHSMFolder.create(at: folder)
        // The module stays as long as the process, and so does its folder.
        atexit { try? FileManager.default.removeItem(atPath: RehearsalModuleTests.folder) }
        setenv("SOFTHSM2_CONF", softHSM.configuration, 1)
        return try Module.load(path: RehearsalModule.path())
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

/// C_WrapKey itself, with every parameter in the test's hand.
private final class RawWrap {
    let sha256 = CK_RSA_PKCS_OAEP_PARAMS(
        hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, source: CKZ_DATA_SPECIFIED, pSourceData: nil, ulSourceDataLen: 0)
    var capacity = 256
    private(set) var blob: [UInt8] = []
    private(set) var written: CK_ULONG = 0

    private let functions: CK_FUNCTION_LIST
    private var session: CK_SESSION_HANDLE = 0
    private var key: CK_OBJECT_HANDLE = 0
    private var wrappingKey: CK_OBJECT_HANDLE = 0

    init(slot: Slot, pin: SecretBytes) throws {
        functions = try RehearsalModuleTests.functionList().pointee
        try checked("C_OpenSession", functions.C_OpenSession) {
            $0(slot.id, CK_FLAGS(CKF_SERIAL_SESSION | CKF_RW_SESSION), nil, nil, &session)
        }
        try checked("C_Login", functions.C_Login) { login in
            pin.withUnsafeBytes { pin in
                var pin = Array(pin)
                return login(session, CK_USER_TYPE(CKU_USER), &pin, UInt(pin.count))
            }
        }
        key = try generateKey()
        wrappingKey = try createWrappingKey(RSAPrivateKey(bits: 2048).publicKey)
    }

    func close() {
        _ = functions.C_CloseSession?(session)
    }

    func size(_ parameters: CK_RSA_PKCS_OAEP_PARAMS) -> Int {
        var length: CK_ULONG = 0
        return callWrap(parameters, nil, &length) == CKR_OK ? Int(length) : -1
    }

    func wrap(_ parameters: CK_RSA_PKCS_OAEP_PARAMS?) -> UInt? {
        blob = [UInt8](repeating: 0xEE, count: capacity)
        written = CK_ULONG(capacity)
        return callWrap(parameters, &blob, &written)
    }

    private func callWrap(
        _ parameters: CK_RSA_PKCS_OAEP_PARAMS?, _ out: UnsafeMutablePointer<UInt8>?,
        _ length: UnsafeMutablePointer<CK_ULONG>
    ) -> UInt? {
        var mechanism = CK_MECHANISM(mechanism: CKM_RSA_PKCS_OAEP, pParameter: nil, ulParameterLen: 0)
        guard var parameters else { return functions.C_WrapKey?(session, &mechanism, wrappingKey, key, out, length) }
        return withUnsafeMutableBytes(of: &parameters) { parameters in
            mechanism.pParameter = parameters.baseAddress
            mechanism.ulParameterLen = UInt(parameters.count)
            return functions.C_WrapKey?(session, &mechanism, wrappingKey, key, out, length)
        }
    }

    private func generateKey() throws -> CK_OBJECT_HANDLE {
        var mechanism = CK_MECHANISM(mechanism: CKM_AES_KEY_GEN, pParameter: nil, ulParameterLen: 0)
        var size: CK_ULONG = 32
        var yes: UInt8 = 1
        var handle: CK_OBJECT_HANDLE = 0
        try withUnsafeMutablePointer(to: &size) { size in
            try withUnsafeMutablePointer(to: &yes) { yes in
                var template = [
                    CK_ATTRIBUTE(type: CKA_VALUE_LEN, pValue: size, ulValueLen: 8),
                    CK_ATTRIBUTE(type: CKA_EXTRACTABLE, pValue: yes, ulValueLen: 1),
                    CK_ATTRIBUTE(type: CKA_SENSITIVE, pValue: yes, ulValueLen: 1),
                ]
                try checked("C_GenerateKey", functions.C_GenerateKey) {
                    $0(session, &mechanism, &template, UInt(template.count), &handle)
                }
            }
        }
        return handle
    }

    private func createWrappingKey(_ rsa: RSAPublicKey) throws -> CK_OBJECT_HANDLE {
        var kind = (CKO_PUBLIC_KEY, CKK_RSA)
        var yes: UInt8 = 1
        var (modulus, exponent) = (rsa.modulus, rsa.exponent)
        var handle: CK_OBJECT_HANDLE = 0
        try withUnsafeMutablePointer(to: &kind.0) { objectClass in
            try withUnsafeMutablePointer(to: &kind.1) { keyType in
                try withUnsafeMutablePointer(to: &yes) { yes in
                    try modulus.withUnsafeMutableBytes { modulus in
                        try exponent.withUnsafeMutableBytes { exponent in
                            var template = [
                                CK_ATTRIBUTE(type: CKA_CLASS, pValue: objectClass, ulValueLen: 8),
                                CK_ATTRIBUTE(type: CKA_KEY_TYPE, pValue: keyType, ulValueLen: 8),
                                CK_ATTRIBUTE(type: CKA_WRAP, pValue: yes, ulValueLen: 1),
                                CK_ATTRIBUTE(
                                    type: CKA_MODULUS, pValue: modulus.baseAddress, ulValueLen: UInt(modulus.count)),
                                CK_ATTRIBUTE(
                                    type: CKA_PUBLIC_EXPONENT, pValue: exponent.baseAddress,
                                    ulValueLen: UInt(exponent.count)),
                            ]
                            try checked("C_CreateObject", functions.C_CreateObject) {
                                $0(session, &template, UInt(template.count), &handle)
                            }
                        }
                    }
                }
            }
        }
        return handle
    }
}
