package import CryptoPrimitives
package import Foundation
import Glibc
package import PKCS11

/// Real tokens for one test: a SoftHSM folder of its own, behind a token server of its own.
package struct TokenSite: Sendable {
    /// A token of the site, with a user PIN set.
    package struct Token: Sendable {
        package let info: TokenInfo
        package let pin: SecretBytes
    }

    /// A private folder, removed when the test ends; short, because sockets have short paths.
    package let folder: URL
    package let softHSM: SoftHSMFolder
    package let server: TokenServer

    /// SoftHSM as Debian ships it, for controls.
    package static let stockModule = "/usr/lib/softhsm/libsofthsm2.so"

    /// Runs a test at a site and takes the site down, last made first gone, whatever happens.
    ///
    /// - Parameters:
    ///   - module: The PKCS#11 module; the rehearsal's by default.
    ///   - environment: Joins SoftHSM's own settings in the server's environment.
    package static func with<R>(
        module: String? = nil, environment: [String: String] = [:], _ body: (TokenSite) async throws -> R
    ) async throws -> R {
        try await withTemporaryFolder { folder in
            let softHSM = try SoftHSMFolder.create(at: folder.appending(path: "hsm").path)
            let server = try await TokenServer.start(
                module: module ?? RehearsalModule.path(), socket: folder.appending(path: "s").path,
                environment: softHSM.environment.merging(environment) { _, given in given })
            defer { server.stop() }
            return try await body(TokenSite(folder: folder, softHSM: softHSM, server: server))
        }
    }

    /// A new connection to the server, with a login state of its own.
    package func connect() throws -> Module {
        try Module.remote(socket: server.socket)
    }

    /// Initializes a new token and sets its user PIN.
    package func makeToken(_ label: String) async throws -> Token {
        try await Self.makeToken(label, in: connect())
    }

    /// Initializes the free slot of a module and sets the user PIN.
    package static func makeToken(_ label: String, in module: Module) async throws -> Token {
        for slot in try module.slots() where try !slot.tokenInfo().flags.contains(.initialized) {
            let securityOfficerPIN = try secret("so-pin of \(label)")
            let pin = try secret("pin of \(label)")
            let info = try slot.initializeToken(label: label, soPIN: securityOfficerPIN)
            try await slot.initializeUserPIN(pin, soPIN: securityOfficerPIN)
            return Token(info: info, pin: pin)
        }
        throw PKCS11Error("making a token for a test", .system("no slot is free"))
    }

    /// Opens a session over a new connection and logs in.
    package func logIn(_ token: Token) async throws -> Session {
        let session = try connect().slot(of: token.info.uri).openSession()
        try await session.login(pin: token.pin)
        return session
    }

    /// A PIN that is no secret.
    package static func secret(_ text: String) throws -> SecretBytes {
        try Array(text.utf8).withUnsafeBytes { try SecretBytes(copying: $0) }
    }
}

/// Lends a private folder with a short path, and removes it afterwards.
package func withTemporaryFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
    var template = Array("/tmp/kr-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(URL(fileURLWithPath: path))
}
