import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11
import Room
import TestSupport
import Testing

/// A real module that fails in the middle of a call: what is said, what is there afterwards, and that it goes on.
@Suite("A token that fails, behind a socket and in a child", .timeLimit(.minutes(60)))
struct TokenFaultTests {
    private static let id = "0a0b"
    /// Each with what it makes of the session.
    private static let codes: [(UInt, String, HSMFault.When)] = [
        (0x30, "CKR_DEVICE_ERROR", .before), (0x30, "CKR_DEVICE_ERROR", .after), (0x31, "CKR_DEVICE_MEMORY", .before),
        (0x06, "CKR_FUNCTION_FAILED", .after), (0x32, "CKR_DEVICE_REMOVED", .after),
        (0xB3, "CKR_SESSION_HANDLE_INVALID", .before), (0xB0, "CKR_SESSION_CLOSED", .after),
    ]

    private func generate(_ label: String, _ faulty: FaultyToken) async throws -> HSMKey {
        try await faulty.hsm.generate(
            label: label, id: Self.id, of: .symmetric, attributes: KeyProfile.symmetric.attributes)
    }

    /// The error of a call, in which the function fails with the code, and the end of the step.
    private func failure(
        _ function: String, _ code: UInt, _ when: HSMFault.When, _ faulty: FaultyToken, _ call: () async throws -> Void
    ) async throws -> PKCS11Error? {
        try faulty.fault.strike(function, code, when)
        let error = await #expect(throws: PKCS11Error.self) { try await call() }
        #expect(!faulty.fault.isAwaited)
        #expect(error?.function == function)
        #expect(error?.returnValue?.rawValue == code)
        #expect(error?.place == faulty.token.info.name)
        try? await faulty.hsm.leave()
        return error
    }

    @Test(
        "in the middle of a generate it says where and how; then there is the one key that was made, or none",
        arguments: [false, true])
    func generating(isHosted: Bool) async throws {
        try await FaultyToken.with(hosted: isHosted) { faulty in
            for (number, (code, name, when)) in Self.codes.enumerated() {
                let (label, before) = ("key\(number)", faulty.timesAsked)
                let error = try await failure("C_GenerateKey", code, when, faulty) {
                    _ = try await generate(label, faulty)
                }
                #expect(error?.description.contains("C_GenerateKey at \(faulty.token.info.name): ") == true)
                #expect(error?.description.contains("the token answered \(name) (0x") == true)
                #expect(error?.remedy.isEmpty == false, "\(name)")
                let found = try await faulty.hsm.find(label: label, id: "ff")
                #expect(found.count == (when == .after ? 1 : 0), "\(name)")
                if found.isEmpty { _ = try await generate(label, faulty) }
                try await faulty.hsm.leave()
                // Once for the login that was lost, once for the one after the remedy.
                #expect(faulty.timesAsked == before + 2)
            }
            #expect(faulty.fault.logins() == 2 * Self.codes.count)
        }
    }

    @Test("in the middle of a wrap it leaves no wrapping key, and wraps when it is mended", arguments: [false, true])
    func wrapping(isHosted: Bool) async throws {
        try await FaultyToken.with(hosted: isHosted) { faulty in
            _ = try await generate("key", faulty)
            try await faulty.hsm.leave()
            let own = try RSAPrivateKey(bits: 2048)
            let request = HSMWrapRequest(label: "key", id: Self.id, way: .direct, wrappingKey: own.publicKey)
            for (code, _, when) in Self.codes {
                _ = try await failure("C_WrapKey", code, when, faulty) { _ = try await faulty.hsm.wrap([request]) }
                let blobs = try await faulty.hsm.wrap([request, request])
                #expect(try blobs.map { try own.decryptOAEP($0, hash: .sha256).count } == [32, 32])
                try await faulty.hsm.leave()
            }
            #expect(try await faulty.site.logIn(faulty.token).findObjects([.objectClass(.publicKey)]).isEmpty)
        }
    }

    @Test("in the middle of a lock it may have done half of it, and locks when it is mended", arguments: [false, true])
    func locking(isHosted: Bool) async throws {
        try await FaultyToken.with(hosted: isHosted) { faulty in
            _ = try await generate("key", faulty)
            _ = try await failure("C_SetAttributeValue", 0x30, .half, faulty) {
                _ = try await faulty.hsm.lock(label: "key", id: Self.id, of: .symmetric)
            }
            let half = try #require(try await faulty.hsm.find(label: "key", id: Self.id).first)
            #expect(
                KeyAttributes.differences(half.attributes, KeyProfile.symmetric.attributes)
                    == ["CKA_ENCRYPT false for true"])
            let locked = try await faulty.hsm.lock(label: "key", id: Self.id, of: .symmetric)
            let wanted = KeyAttributes.settled(KeyProfile.symmetric.attributes, .lock)
            #expect(KeyAttributes.differences(locked.attributes, wanted).isEmpty)
        }
    }

    @Test("that leaves half of a pair shows it as what it is")
    func halfPair() async throws {
        try await FaultyToken.with(hosted: true) { faulty in
            let profile = KeyProfile(of: .p256, way: .composed)
            _ = try await failure("C_GenerateKeyPair", 0x30, .half, faulty) {
                _ = try await faulty.hsm.generate(
                    label: "pair", id: Self.id, of: .p256, attributes: profile.attributes)
            }
            let found = try await faulty.hsm.find(label: "pair", id: Self.id)
            #expect(found.map(\.publicKey) == [nil])
        }
    }

    @Test(
        "whose PIN is locked is not logged in to; whose PIN expired or was changed is asked once",
        arguments: [false, true])
    func pins(isHosted: Bool) async throws {
        try await FaultyToken.with(hosted: isHosted) { faulty in
            let name = faulty.token.info.name
            try faulty.fault.lock("token")
            let locked = await #expect(throws: PKCS11Error.self) { _ = try await generate("key", faulty) }
            #expect(
                locked?.description
                    == "C_Login: refused: the PIN of \(name) is locked. The security officer must set a new user PIN.")
            #expect(faulty.fault.logins() == 0)

            try faulty.fault.tellTruth()
            for (code, words) in [
                (0xA3, "CKR_PIN_EXPIRED (0x000000A3). Change the PIN with the vendor's tool. Nothing else was asked"),
                (0xA4, "CKR_PIN_LOCKED (0x000000A4). The security officer must set a new user PIN. Nothing else was"),
                (
                    0xA0,
                    "The PIN is wrong: \(name) did not take it. Nothing else was asked of it, and nothing was tried"
                ),
            ] as [(UInt, String)] {
                try faulty.fault.strike("C_Login", code, .before)
                let refused = await #expect(throws: PINRefused.self) { _ = try await generate("key", faulty) }
                #expect(refused?.description.contains(words) == true, "\(String(describing: refused))")
                #expect(faulty.fault.logins() == 1)
            }
            _ = try await generate("key", faulty)
            #expect(faulty.fault.logins() == 1)
        }
    }

    @Test("whose server is killed and started again at its socket is found again, with its key")
    func serverKilled() async throws {
        try await FaultyToken.with(hosted: false) { faulty in
            let key = try await generate("key", faulty)
            faulty.site.server.stop()
            let lost = await #expect(throws: PKCS11Error.self) {
                _ = try await faulty.hsm.find(label: "key", id: Self.id)
            }
            #expect(lost?.place == faulty.token.info.name)
            #expect(lost?.returnValue?.name == "CKR_DEVICE_ERROR", "\(String(describing: lost))")
            try? await faulty.hsm.leave()
            let absent = await #expect(throws: PKCS11Error.self) {
                _ = try await faulty.hsm.find(label: "key", id: Self.id)
            }
            #expect(absent?.function == "connecting to a token server")
            #expect(absent?.description.contains(faulty.site.server.socket) == true)
            let again = try await TokenServer.start(
                module: try RehearsalModule.path(), socket: faulty.site.server.socket,
                environment: faulty.site.softHSM.environment)
            defer { again.stop() }
            #expect(try await faulty.hsm.find(label: "key", id: Self.id) == [key])
        }
    }
}
