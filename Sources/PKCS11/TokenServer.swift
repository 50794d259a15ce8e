import Foundation
import Glibc
import Processes

/// A `p11-kit server` as a child process: it holds the PKCS#11 module and shows all its tokens at a Unix socket, so
/// that no key material enters this process.
///
/// It ends with `stop()`, with this object, and with this process however that ends.
package final class TokenServer: Sendable {
    /// The absolute path of the socket, for `Module.remote(socket:)`.
    package let socket: String
    /// The server's process; it forks one child per connection.
    package let processIdentifier: Int32
    private let child: ChildProcess

    private init(socket: String, child: ChildProcess) {
        self.socket = socket
        self.child = child
        processIdentifier = child.processIdentifier
    }

    deinit { stop() }

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - module: The absolute path of the PKCS#11 module.
    ///   - socket: An absolute path of at most 107 bytes where nothing stands yet.
    ///   - environment: The server's whole environment, but for a PATH of the system's folders.
    /// - Throws: `PKCS11Error` when it does not start within a minute; what it said stands in SOCKET.log.
    package static func start(
        module: String, socket: String, environment: [String: String]
    ) async throws -> TokenServer {
        let step = "starting the token server"
        guard module.hasPrefix("/"), socket.hasPrefix("/") else {
            throw PKCS11Error(step, .refused("module and socket must be absolute paths"))
        }
        guard access(socket, F_OK) != 0 else {
            throw PKCS11Error(step, .refused("something stands at \(socket) already"))
        }
        let arguments = [
            "/usr/bin/p11-kit", "server", "--foreground", "--name", socket, "--provider", module, "pkcs11:",
        ]
        let environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
        let child = try await ChildProcess.spawn(arguments, environment: environment, output: socket + ".log")
        let server = TokenServer(socket: socket, child: child)
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                try UnixSocket.probe(socket)
                break
            } catch let error as PKCS11Error where child.isRunning && ContinuousClock.now < deadline {
                if case .refused = error.cause { throw error }
                try await Task.sleep(for: .milliseconds(2))
            } catch {
                throw failure(of: module, socket: socket, error)
            }
        }
        // The server listens before it has looked at the module: only a connection loads that.
        do {
            _ = try Module.remote(socket: socket).slots()
        } catch {
            throw failure(of: module, socket: socket, error)
        }
        return server
    }

    private static func failure(of module: String, socket: String, _ error: any Error) -> PKCS11Error {
        let said = (try? String(contentsOfFile: socket + ".log", encoding: .utf8)) ?? ""
        return PKCS11Error(
            "starting the token server", .system("\(error) \(said)"),
            remedy: "See that p11-kit and softhsm2 are installed and that \(module) loads.")
    }

    /// Kills the server with its connections, and waits until it is gone. Harmless when it already is.
    package func stop() {
        child.kill()
        unlink(socket)
    }
}
