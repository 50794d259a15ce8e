import CryptoPrimitives
import Foundation
import PKCS11
import Processes
import Room
import TestSupport

/// opencryptoki's software token (Debian's package), fresh and for one test alone, behind a token server.
///
/// It is a token of another make, with its own OAEP under SHA-256 and a PIN that truly locks.
struct OpenCryptokiToken: Sendable {
    static let label = "keyrite-other"
    /// The server's socket, for `Module.remote`.
    let socket: String

    /// Lends the token, and ends all its processes afterwards.
    static func with<R>(_ body: (OpenCryptokiToken) async throws -> R) async throws -> R {
        try await withTemporaryFolder { folder in
            let child = try await ChildProcess.spawn(
                ["/usr/bin/unshare"] + namespaces + ["/bin/sh", script, folder.path, label, typedPIN],
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], output: folder.path + "/log")
            defer { child.kill() }
            let token = OpenCryptokiToken(socket: folder.path + "/s")
            let deadline = ContinuousClock.now + .seconds(120)
            while (try? token.connect().slot(of: token.uri)) == nil {
                guard child.isRunning, ContinuousClock.now < deadline else {
                    let said = (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? ""
                    throw PKCS11Error("starting opencryptoki", .system(said))
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            return try await body(token)
        }
    }

    /// The token's user PIN, which is no secret: four to eight characters is what this token takes.
    static func pin() throws -> SecretBytes { try TokenSite.secret(typedPIN) }

    static let typedPIN = "7654321"

    var uri: PKCS11URI {
        get throws { try PKCS11URI(parsing: "pkcs11:token=\(Self.label)") }
    }

    /// A new connection, with a login state of its own.
    func connect() throws -> Module { try Module.remote(socket: socket) }

    /// Plans a ceremony in a room for this token and the keyrite program.
    func plan(in room: CeremonyRoom) async throws {
        let hsm = TokenHSM(token: try uri, pin: { _ in PINEntry(try Self.pin()) }, connect: connect)
        _ = try await InProcessCeremony(in: room, hsm: hsm, program: try CeremonyRoom.program())
    }

    /// A site's file for the room with this token as its HSM: the ceremony's own process for the module has p11-kit's
    /// client, which finds this token's server by P11_KIT_SERVER_ADDRESS.
    func site(in room: CeremonyRoom) throws -> String {
        guard case .socket(let participants) = room.room.site.module else { throw CocoaError(.featureUnsupported) }
        let yaml = room.room.site.yaml
            .replacing(
                "socket: \"\(participants)\"",
                with: "library: \"\(try Module.remoteClientPath())\"\n  socket: \"\(participants)\""
            )
            .replacing(room.room.site.token, with: try uri.description)
        let file = room.base.path + "/site.yaml"
        try Data(yaml.utf8).write(to: URL(filePath: file))
        return file
    }

    private static let namespaces = [
        "--mount", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
    ]

    private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "opencryptoki.sh")
        .path
}
