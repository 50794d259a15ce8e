import CryptoPrimitives
import Foundation
import PKCS11
import Room
import TestSupport
import Testing

/// A token behind two servers: one that lies, and one by which to look what is really there.
struct HostileSite {
    let token: TokenSite.Token
    /// The ceremony's adapter, over the server that lies.
    let hsm: TokenHSM
    private let honest: TokenSite
    private let liar: TokenServer

    /// The token's name, as errors have it.
    var name: String { token.info.name }
    /// Where the lying server is, as errors have it.
    var socket: String { liar.socket }

    /// The lying module, which the build puts beside the tests.
    static func module() throws -> String {
        try CeremonyRoom.program().replacing(/keyrite$/, with: "libHostileToken.so")
    }

    /// The environment in which that module tells a lie.
    static func environment(_ lie: String) -> [String: String] { ["KEYRITE_HOSTILE": lie] }

    /// Lends a new token with nothing on it.
    ///
    /// - Parameter lie: What the module is told by KEYRITE_HOSTILE; nil for a module that does not lie.
    static func with<R>(_ lie: String?, _ body: (HostileSite) async throws -> R) async throws -> R {
        try await TokenSite.with { honest in
            let token = try await honest.makeToken("token")
            let liar = try await TokenServer.start(
                module: try module(), socket: honest.folder.appending(path: "liar").path,
                environment: honest.softHSM.environment.merging(lie.map(environment) ?? [:]) { _, lie in lie })
            defer { liar.stop() }
            let hsm = TokenHSM(token: token.info.uri) { _ in
                PINEntry(token.pin)
            } connect: {
                try Module.remote(socket: liar.socket)
            }
            return try await body(HostileSite(token: token, hsm: hsm, honest: honest, liar: liar))
        }
    }

    /// What it was asked, where any call of it may fail.
    var calls: TokenCalls { TokenCalls(honest.softHSM) }

    /// How many secret keys are kept on the token.
    func keptKeys() async throws -> Int {
        try await honest.logIn(token).findObjects([.objectClass(.secretKey)]).count
    }
}
