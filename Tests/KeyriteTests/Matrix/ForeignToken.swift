import Evidence
import Foundation
import PKCS11
import Room

/// A token of another make as the HSM of a rehearsal's room: a module of the tests stands before its own, and gives it its
/// PIN, so that a process that nobody watches can log in.
struct ForeignToken: Sendable {
    private let module: String
    private let pin: String
    /// Where p11-kit's client finds its server; nil for another module.
    private let address: String?
    private let parameters: String?
    private let uri: String

    /// - Parameters:
    ///   - module: Its own PKCS#11 module.
    ///   - parameters: What that wants to be told when it is loaded, if anything.
    init(module: String, parameters: String? = nil, token: String, pin: String) {
        (self.module, self.pin, self.parameters, uri) = (module, pin, parameters, token)
        address = nil
    }

    /// opencryptoki's, which is reached through its server.
    init(_ token: OpenCryptokiToken) throws {
        (module, pin, parameters) = (try Module.remoteClientPath(), OpenCryptokiToken.typedPIN, nil)
        (address, uri) = ("unix:path=" + token.socket, "pkcs11:token=\(OpenCryptokiToken.label)")
    }

    /// The room with this token as its HSM; the participants keep theirs.
    func site(in room: KillRoom) throws -> Site {
        guard case .socket(let participants) = room.site.site.module else { throw CocoaError(.featureUnsupported) }
        let settings = room.scratch.appending(path: "foreign-token.conf")
        let lines = [module, pin, address].compactMap(\.self).map { $0 + "\n" }
        try Data(lines.joined().utf8).write(to: settings)
        let own = room.site.site
        return Site(
            mode: own.mode, access: own.access, quotas: Quotas(everywhere: 1000),
            module: .library(
                path: room.program.replacing(/keyrite$/, with: "libOtherToken.so"), parameters: parameters,
                environment: ["SOFTHSM2_CONF": settings.path], socket: participants),
            token: uri, signers: own.signers, memory: own.memory)
    }
}
