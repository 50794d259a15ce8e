import CryptoPrimitives
import Foundation
import Glibc
import PKCS11
import TestSupport
import Testing

/// Tests on a module that this process itself has loaded, for what p11-kit's protocol does not carry and for what
/// `Session` cannot express.
///
/// One after another: PKCS#11 knows one initialization per process, and some of them replace functions of the module.
@Suite("The rehearsal module in this process", .serialized)
enum InThisProcess {}

/// A token of SoftHSM with the rehearsal's module, inside this process.
struct DirectToken {
    let module: Module
    let info: TokenInfo
    let pin: SecretBytes

    /// Runs the body of a test of `InThisProcess` on a token of its own.
    static func with(_ body: (DirectToken) async throws -> Void) async throws {
        let module = try Self.module.get()
        let token = try await TokenSite.makeToken("direct", in: module)
        try await body(DirectToken(module: module, info: token.info, pin: token.pin))
    }

    var slot: Slot {
        get throws { try module.slot(of: info.uri) }
    }

    /// Opens a session and logs in, which holds for the token's other sessions too.
    func logIn() async throws -> Session {
        let session = try slot.openSession()
        try await session.login(pin: pin)
        return session
    }

    private static let folder = "/tmp/kr-direct-\(getpid())"
    private static let module: Result<Module, any Error> = Result {
        try? FileManager.default.removeItem(atPath: folder)
        let softHSM = try SoftHSMFolder.create(at: folder)
        // The module stays as long as the process, and so does its folder.
        atexit { try? FileManager.default.removeItem(atPath: DirectToken.folder) }
        setenv("SOFTHSM2_CONF", softHSM.configuration, 1)
        return try Module.load(path: RehearsalModule.path())
    }
}
