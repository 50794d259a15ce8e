import Ceremony
import CryptoPrimitives
import Evidence
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

@Suite("The HSM whose module a child process holds", .timeLimit(.minutes(60)))
struct HostedHSMTests {
    private static let kinds: [KeySpec] = [.symmetric, .hmac224, .rsa2048, .p256]

    @Test("does everything that a ceremony asks of it, with a key of each family", arguments: kinds)
    func everyCall(of kind: KeySpec) async throws {
        try await HostedToken.with { hosted in
            let hsm = hosted.hsm
            #expect(try await hsm.identity().serial == hosted.token.info.serial)
            let way = try await hsm.way(for: kind)
            #expect(kind.ways.contains(way))
            let profile = KeyProfile(of: kind, way: way)
            #expect(try await hsm.selfTest([profile]).held.contains("\(kind.rawValue)/wrap-oaep-sha256"))

            let key = try await hsm.generate(
                label: "key", id: "0a0b", of: profile.keySpec, attributes: profile.attributes)
            #expect(KeyAttributes.differences(key.attributes, profile.attributes).isEmpty)
            #expect(try await hsm.find(label: "key", id: "ff") == [key])
            #expect(try await hsm.find(label: "none", id: "0a0b") == [key])
            #expect(try await hsm.find(label: "none", id: "ff").isEmpty)

            let own = try RSAPrivateKey(bits: 2048)
            let request = HSMWrapRequest(label: "key", id: "0a0b", way: way, wrappingKey: own.publicKey)
            let blobs = try await hsm.wrap([request, request])
            #expect(blobs.count == 2 && blobs[0] != blobs[1])
            for blob in blobs {
                let material = try Self.open(blob, own, way)
                #expect(try await Self.mark(of: key, kind, by: hsm) == Self.mark(of: material, kind))
            }

            let settled = try await hsm.removeCheckUsage(label: "key", id: "0a0b", of: kind)
            #expect(KeyAttributes.differences(settled.attributes, KeyAttributes.settled(profile.attributes)).isEmpty)
            try await hsm.leave()
            #expect(try await hsm.find(label: "key", id: "ff").map(\.attributes) == [settled.attributes])
        }
    }

    private static func open(_ blob: [UInt8], _ own: RSAPrivateKey, _ way: WrappingWay) throws -> SecretBytes {
        let opened = try own.decryptOAEP(Array(blob.prefix(256)), hash: .sha256)
        return way == .direct ? opened : try AES256.unwrapKWP(Array(blob.dropFirst(256)), key: opened)
    }

    private static let zero = [UInt8](repeating: 0, count: 16)

    private static func mark(of key: HSMKey, _ kind: KeySpec, by hsm: HostedHSM) async throws -> [UInt8] {
        switch kind.family {
        case .aes: try await hsm.encrypt(blocks: zero, label: key.label, id: key.id)
        case .hmac: try await hsm.authenticate(zero, label: key.label, id: key.id, of: kind)
        case .rsa, .ec: try #require(key.publicKey)
        }
    }

    private static func mark(of material: SecretBytes, _ kind: KeySpec) throws -> [UInt8] {
        switch kind.family {
        case .aes: try AES256.encryptECB(zero, key: material)
        case .hmac: try SHA2.sha224.authenticate(zero, key: material).withUnsafeBytes(Array.init)
        case .rsa, .ec: try PrivateKey(pkcs8: material).spki
        }
    }

    @Test("what the module and the adapter say of an error crosses as it is")
    func errors() async throws {
        try await HostedToken.with { hosted in
            let module = try RehearsalModule.path()
            let missing = await #expect(throws: CeremonyError.self) {
                try await hosted.hsm.encrypt(blocks: Self.zero, label: "none", id: "00")
            }
            #expect(
                missing
                    == CeremonyError(
                        .state, "The token has 0 keys labelled none, not one",
                        remedy: "Find out what happened to it before going on"))
            let child = try await hosted.child()

            let other = try hosted.hsm(token: PKCS11URI(parsing: "pkcs11:token=other")) { _ in
                PINEntry(hosted.token.pin)
            }
            let misnamed = await #expect(throws: PKCS11Error.self) { try await other.identity() }
            #expect(misnamed?.isMisnamed == true)
            #expect(
                misnamed?.description
                    == "looking for a token: refused: no token at \(module) match pkcs11:token=other. "
                    + "Name it by label and serial number, and see that it is connected.")

            let absent = try hosted.hsm(module: "/nowhere/é.so") { _ in PINEntry(hosted.token.pin) }
            let unloaded = await #expect(throws: PKCS11Error.self) { try await absent.identity() }
            #expect(unloaded?.description == "loading /nowhere/é.so: No such file or directory")

            let wrong = try hosted.hsm { _ in PINEntry(try TokenSite.secret("wrong")) }
            let refused = await #expect(throws: PINRefused.self) { try await wrong.find(label: "x", id: "00") }
            #expect(
                refused?.description == "The PIN is wrong: \(hosted.token.info.name) did not take it. Nothing else was "
                    + "asked of it, and nothing was tried again. The token says: wrong PINs were entered since its last "
                    + "login. It does not say how many are left.")
            #expect(try await hosted.child() == child)
        }
    }

    @Test("the PIN is asked for here, of the token as it is; who gives none is heard, and the token is not asked")
    func withheldPIN() async throws {
        struct Refusal: Error, Equatable { let token: TokenInfo }
        try await HostedToken.with { hosted in
            let hsm = try hosted.hsm { throw Refusal(token: $0) }
            let refusal = await #expect(throws: Refusal.self) { try await hsm.find(label: "x", id: "00") }
            #expect(refusal?.token.uri == hosted.token.info.uri)
            #expect(refusal?.token.flags.contains([.userPINInitialized, .loginRequired]) == true)
            #expect(refusal?.token.flags.contains(.userPINCountLow) == false)
            let child = await hsm.processIdentifier
            #expect(try await hsm.identity().label == "hosted")
            #expect(await hsm.processIdentifier == child)

            let keypad = try hosted.hsm { _ in PINEntry(nil) }
            let noKeypad = await #expect(throws: PKCS11Error.self) { try await keypad.find(label: "x", id: "00") }
            #expect(noKeypad?.cause == .refused("the token needs a PIN from here: it has no keypad"))
        }
    }

    @Test("while a PIN is awaited people may have it left, which is heard at once, and other calls wait for their turn")
    func awaitedPIN() async throws {
        try await HostedToken.with { hosted in
            let (began, begins) = AsyncStream.makeStream(of: Void.self)
            let (typed, types) = AsyncStream.makeStream(of: Void.self)
            let hsm = try hosted.hsm { _ in
                begins.finish()
                for await _ in typed {}
                return PINEntry(hosted.token.pin)
            }
            async let found = hsm.find(label: "x", id: "00")
            for await _ in began {}
            try await hsm.leave()
            let others = (0..<4).map { _ in Task { try await hsm.identity().label } }
            try await hsm.leave()
            types.finish()
            #expect(try await found.isEmpty)
            for other in others { #expect(try await other.value == "hosted") }
            try await hsm.leave()
            #expect(try await hsm.find(label: "x", id: "00").isEmpty)
        }
    }

    @Test("a final try is refused in the child, unless people decided on it here")
    func finalTry() async throws {
        try await HostedToken.with { hosted in
            try hosted.warn()
            func hsm(risksLock: Bool) throws -> HostedHSM {
                try hosted.hsm(
                    module: HostileSite.module(), environment: HostileSite.environment("has-a-final-try")
                ) { token in
                    #expect(token.flags.contains(.userPINFinalTry))
                    return PINEntry(hosted.token.pin, risksLock: risksLock)
                }
            }
            let refused = await #expect(throws: PKCS11Error.self) {
                try await hsm(risksLock: false).find(label: "x", id: "00")
            }
            #expect(refused?.cause == .refused("one more wrong PIN would lock \(hosted.token.info.name)"))
            #expect(hosted.isWarned)
            #expect(try await hsm(risksLock: true).find(label: "x", id: "00").isEmpty)
            #expect(!hosted.isWarned)
        }
    }

    @Test("a child that was killed between two calls is told once, and the next call has another child")
    func killedBetween() async throws {
        try await HostedToken.with { hosted in
            let hsm = hosted.hsm
            let key = try await hsm.generate(
                label: "key", id: "01", of: .symmetric, attributes: KeyProfile(of: .symmetric, way: .direct).attributes)
            let first = try await hosted.child()
            kill(first, SIGKILL)
            let error = await #expect(throws: CeremonyError.self) { try await hsm.find(label: "key", id: "01") }
            #expect(error == Self.lost("find"))
            #expect(try await hsm.find(label: "key", id: "01") == [key])
            #expect(try await hosted.child() != first)
        }
    }

    @Test("a child that is killed in the middle of a call has that call fail, and nothing is done again unasked")
    func killedWithin() async throws {
        try await HostedToken.with(environment: ["KEYRITE_REHEARSAL_PAUSE_IN_WRAP": "1"]) { hosted in
            let hsm = hosted.hsm
            let key = try await hsm.generate(
                label: "key", id: "01", of: .symmetric, attributes: KeyProfile(of: .symmetric, way: .direct).attributes)
            let child = try await hosted.child()
            let own = try RSAPrivateKey(bits: 2048)
            let request = HSMWrapRequest(label: "key", id: "01", way: .direct, wrappingKey: own.publicKey)
            let wrapping = Task { try await hsm.wrap([request, request]) }
            try await Patience.until { ProcessMemory.state(of: child) == "T" }
            kill(child, SIGKILL)
            let error = await #expect(throws: CeremonyError.self) { try await wrapping.value }
            #expect(error == Self.lost("wrap"))
            #expect(await hsm.processIdentifier == nil)
            // Nobody is logged in where nobody is, and no child is started to say so.
            try await hsm.leave()
            #expect(await hsm.processIdentifier == nil)
            #expect(try await hsm.find(label: "key", id: "01") == [key])
        }
    }

    private static func lost(_ call: String) -> CeremonyError {
        CeremonyError(
            .state,
            "The process that holds the HSM's module did not answer \(call): it was ended by signal 9. "
                + "Whether that had its effect is not known",
            remedy: "Run again: it looks first at what did happen")
    }

    @Test("the keys of the terminal do not reach the child", arguments: [SIGINT, SIGQUIT, SIGTSTP, SIGHUP])
    func terminal(signal: Int32) async throws {
        try await HostedToken.with { hosted in
            _ = try await hosted.hsm.identity()
            let child = try await hosted.child()
            #expect(getpgid(child) == child)
            kill(child, signal)
            #expect(try await hosted.hsm.find(label: "x", id: "00").isEmpty)
            #expect(try await hosted.child() == child)
        }
    }

    @Test("a program that is not keyrite's is no child, and the HSM was asked nothing")
    func otherProgram() async throws {
        try await HostedToken.with { hosted in
            let hsm = try hosted.hsm(program: "/bin/false") { _ in PINEntry(hosted.token.pin) }
            let error = await #expect(throws: CeremonyError.self) { try await hsm.identity() }
            #expect(error?.kind == .environment)
            #expect(
                error?.description
                    == "The process for the module \(try RehearsalModule.path()) did not start: it ended with status 1. "
                    + "Nothing was asked of the HSM. See that /bin/false is the keyrite program")
        }
    }
}
