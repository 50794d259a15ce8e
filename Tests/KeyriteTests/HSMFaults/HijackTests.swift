import Ceremony
import Evidence
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport
import Testing

/// Somebody puts another token, or another module, where the ceremony's was: they never see a PIN.
@Suite("A way to the HSM that leads to another one", .timeLimit(.minutes(60)))
struct HijackTests {
    /// The ceremony's HSM by its label alone, whose PIN nobody may be asked for.
    private func hsm(_ module: @escaping @Sendable () throws -> Module) throws -> TokenHSM {
        TokenHSM(token: try PKCS11URI(parsing: "pkcs11:token=token"), pin: Self.nobody, connect: module)
    }

    private static let nobody: PINSource = { token in
        Issue.record("a PIN was asked for \(token.name)")
        throw CocoaError(.userCancelled)
    }

    /// Lends another site with a token of the same label, whose module tells of logins.
    private func withHijacker(at socket: String, _ body: (HSMFault) async throws -> Void) async throws {
        try await TokenSite.with { theirs in
            _ = try await theirs.makeToken("token")
            let fault = HSMFault(theirs.softHSM)
            let server = try await TokenServer.start(
                module: try HostileSite.module(), socket: socket,
                environment: theirs.softHSM.environment.merging(HostileSite.environment(HSMFault.lie)) { $1 })
            defer { server.stop() }
            try await body(fault)
            #expect(fault.logins() == 0)
        }
    }

    @Test("another server behind the socket, with a token of the same label, is refused before anybody logs in")
    func otherServer() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("token")
            let socket = site.server.socket
            let hsm = try hsm { try Module.remote(socket: socket) }
            _ = try await hsm.identity()
            site.server.stop()
            try await withHijacker(at: socket) { _ in
                let error = await #expect(throws: CeremonyError.self) { try await hsm.find(label: "x", id: "00") }
                #expect(error?.kind == .environment)
                #expect(error?.what.hasPrefix("The token at \(socket) is not the ceremony's: its serial is ") == true)
                #expect(error?.what.hasSuffix(", not \(token.info.serial)") == true, "\(String(describing: error))")
                #expect(error?.remedy.hasPrefix("No PIN was sent to it. ") == true)
            }
        }
    }

    @Test("the same serial on another model is refused, in both ways", arguments: [false, true])
    func otherModel(isHosted: Bool) async throws {
        try await FaultyToken.with(hosted: isHosted) { faulty in
            _ = try await faulty.hsm.identity()
            try faulty.fault.changeModel(of: "token")
            let error = await #expect(throws: CeremonyError.self) {
                _ = try await faulty.hsm.find(label: "x", id: "00")
            }
            #expect(
                error?.what.hasSuffix(": its model is ANOTHER MODEL, not \(faulty.token.info.model)") == true,
                "\(String(describing: error))")
            #expect(faulty.timesAsked == 0)
            #expect(faulty.fault.logins() == 0)
            try faulty.fault.tellTruth()
            #expect(try await faulty.hsm.find(label: "x", id: "00").isEmpty)
        }
    }

    @Test("a module that is swapped after it was identified is not loaded by the next child")
    func otherModule() async throws {
        try await TokenSite.with { site in
            let token = try await site.makeToken("token")
            let module = site.folder.appending(path: "module.so")
            try FileManager.default.copyItem(at: URL(filePath: try RehearsalModule.path()), to: module)
            let hsm = HostedHSM(
                module: module.path, environment: site.softHSM.environment, token: token.info.uri,
                program: try CeremonyRoom.program(), pin: Self.nobody)
            _ = try await hsm.identity()
            let child = try #require(await hsm.processIdentifier)
            try FileManager.default.removeItem(at: module)
            // It would tell of itself: were it loaded, it would not find the honest one beside itself.
            try FileManager.default.copyItem(at: URL(filePath: try HostileSite.module()), to: module)
            kill(child, SIGKILL)
            await #expect(throws: CeremonyError.self) { try await hsm.find(label: "x", id: "00") }
            for _ in 0..<2 {
                let error = await #expect(throws: CeremonyError.self) { try await hsm.find(label: "x", id: "00") }
                #expect(error?.what.hasPrefix("The PKCS#11 module \(module.path) is another file now") == true)
                #expect(error?.remedy.hasPrefix("It was not loaded, and no PIN was sent to it. ") == true)
            }
        }
    }

    @Test("the security officer's PIN goes to no other token than the plan's")
    func officer() async throws {
        try await TokenSite.with { site in
            let socket = site.server.socket
            _ = try await site.makeToken("token")
            let planned = try await hsm { try Module.remote(socket: socket) }.identity()
            site.server.stop()
            try await withHijacker(at: socket) { _ in
                let console = TrustConsole(token: try PKCS11URI(parsing: "pkcs11:token=token"), planned: planned) {
                    try Module.remote(socket: socket)
                }
                let pin = try TokenSite.secret("pin")
                #expect(throws: CeremonyError.self) { try console.tokenInfo() }
                await #expect(throws: CeremonyError.self) { try await console.trust([], pin: pin) }
            }
        }
    }
}
