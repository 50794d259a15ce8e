import CryptoPrimitives
import Foundation
import Glibc
import PKCS11
import TestSupport

/// Wraps a private key on a token of the rehearsal's module inside this process, for tests that set up its environment,
/// or stop it and look at its memory.
///
///     WrapProbe rsa|ec WRAPPING-KEY REPORT
///
/// WRAPPING-KEY is a file with an RSA public key (DER SubjectPublicKeyInfo), REPORT where a `WrapReport` is to be written.
/// With KEYRITE_REHEARSAL_PAUSE_IN_WRAP it stops before the first wrap and after the last one too.
@main
struct WrapProbe {
    static func main() async throws {
        guard CommandLine.arguments.count == 4 else { throw CocoaError(.fileReadUnknown) }
        let arguments = CommandLine.arguments
        let spki = try [UInt8](Data(contentsOf: URL(filePath: arguments[2])))
        let module = try Module.load(path: RehearsalModule.path())
        let token = try await TokenSite.makeToken("probe", in: module)
        let session = try module.slot(of: token.info.uri).openSession()
        try await session.login(pin: token.pin)
        let wrapping = try await session.createWrappingKey(RSAPublicKey(spki: spki), label: "w", id: [2])
        let pair = try await generate(arguments[1], on: session)
        let listed = try session.slot.mechanisms()

        pause()
        let native = await outcome { try await session.wrapRSAAES(pair.privateKey, under: wrapping) }
        let composed = await outcome { try await session.wrapComposed(pair.privateKey, under: wrapping) }
        pause()
        let report = WrapReport(
            mechanisms: listed.map(\.rawValue).sorted(),
            publicKey: try await session.subjectPublicKeyInfo(of: pair.publicKey), native: native, composed: composed,
            secretKeysLeft: try await session.findObjects([.objectClass(.secretKey)]).count)
        try JSONEncoder().encode(report).write(to: URL(filePath: arguments[3]))
    }

    private static func generate(_ kind: String, on session: Session) async throws -> KeyPair {
        let publicTemplate = KeyTemplates.publicKey(label: "key", id: [1])
        let privateTemplate = KeyTemplates.privateKey(label: "key", id: [1])
        if kind == "rsa" {
            return try await session.generateRSA(
                bits: 2048, publicTemplate: publicTemplate, privateTemplate: privateTemplate)
        }
        return try await session.generateEC(.p521, publicTemplate: publicTemplate, privateTemplate: privateTemplate)
    }

    private static func outcome(_ wrap: @Sendable () async throws -> [UInt8]) async -> WrapReport.Outcome {
        do {
            return .blob(try await wrap())
        } catch let error as PKCS11Error {
            return .refused(function: error.function, answer: error.returnValue?.name ?? error.description)
        } catch {
            return .refused(function: "", answer: "\(error)")
        }
    }

    private static func pause() {
        if getenv("KEYRITE_REHEARSAL_PAUSE_IN_WRAP") != nil { raise(SIGSTOP) }
    }
}
