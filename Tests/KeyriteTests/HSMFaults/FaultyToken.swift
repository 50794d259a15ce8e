import Ceremony
import Evidence
import PKCS11
import Room
import Synchronization
import TestSupport

/// A token whose module fails when it is told to, reached in both ways.
struct FaultyToken {
    /// Whether a child of the ceremony's own holds the module.
    let isHosted: Bool
    let site: TokenSite
    let token: TokenSite.Token
    let hsm: any HSMPort
    private let asked: AskedPINs

    var fault: HSMFault { HSMFault(site.softHSM) }
    /// How often the PIN was asked for.
    var timesAsked: Int { asked.count }

    private final class AskedPINs: Sendable {
        private let times = Mutex(0)
        var count: Int { times.withLock { $0 } }
        func ask() { times.withLock { $0 += 1 } }
    }

    static func with(hosted isHosted: Bool, _ body: (FaultyToken) async throws -> Void) async throws {
        let environment = HostileSite.environment(HSMFault.lie)
        try await TokenSite.with(module: try HostileSite.module(), environment: environment) { site in
            let token = try await site.makeToken("token")
            // As a site may name it: what else the token says is for the plan to know.
            let uri = try PKCS11URI(parsing: "pkcs11:token=token;serial=\(token.info.serial)")
            let asked = AskedPINs()
            let pin: PINSource = { _ in
                asked.ask()
                return PINEntry(token.pin)
            }
            let hsm: any HSMPort =
                isHosted
                ? HostedHSM(
                    module: try HostileSite.module(),
                    environment: site.softHSM.environment.merging(environment) { $1 }, token: uri,
                    program: try CeremonyRoom.program(), pin: pin)
                : TokenHSM(token: uri, pin: pin, isRemote: true) {
                    try Module.remote(socket: site.server.socket)
                }
            let faulty = FaultyToken(isHosted: isHosted, site: site, token: token, hsm: hsm, asked: asked)
            _ = faulty.fault.logins()
            try await body(faulty)
        }
    }
}
