import Evidence
import Glibc
package import PKCS11

extension Site.ModuleLocation {
    /// Reads it from a site's `hsm`.
    ///
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    init(_ hsm: StrictYAML, _ mode: Mode) throws {
        let (library, socket) = (try Self.absolute(hsm, "library"), try Self.absolute(hsm, "socket"))
        let parameters = try Self.parameters(hsm, isLibrary: library != nil)
        let environment = try Self.environment(hsm, isLibrary: library != nil, mode)
        if let library {
            self = .library(path: library, parameters: parameters, environment: environment, socket: socket)
        } else if let socket {
            self = .socket(path: socket)
        } else {
            throw hsm.error("library", "and socket: one of the two must be there", "Name one")
        }
    }

    private static func absolute(_ yaml: StrictYAML, _ key: String) throws -> String? {
        guard let path = try yaml.optionalString(key) else { return nil }
        guard path.hasPrefix("/") else { throw yaml.error(key, "is no absolute path", "Write it out from /") }
        return path
    }

    private static func parameters(_ hsm: StrictYAML, isLibrary: Bool) throws -> String? {
        guard let parameters = try hsm.optionalString("parameters") else { return nil }
        guard parameters.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw hsm.error("parameters", "has a control character", "Write it on one line")
        }
        guard isLibrary else {
            throw hsm.error("parameters", "goes with a library", "Tell them to the server's module, or leave it out")
        }
        return parameters
    }

    /// No live HSM is configured so.
    private static func environment(_ hsm: StrictYAML, isLibrary: Bool, _ mode: Mode) throws -> [String: String] {
        let name = "SOFTHSM2_CONF"
        guard let table = try hsm.optionalTable("environment", keys: [name]) else { return [:] }
        guard isLibrary else {
            throw hsm.error("environment", "goes with a library", "Give it to the server, and leave it out")
        }
        guard mode == .rehearsal else {
            throw hsm.error("environment", "is for rehearsals only, and the site says live", "Leave it out")
        }
        guard let path = try absolute(table, name) else { throw table.error(name, "is missing", "Add it") }
        return [name: path]
    }

    /// The lines that are read by `init(_:_:)`.
    var yaml: String {
        var lines: [String] = []
        switch self {
        case .library(let path, let parameters, let environment, let socket):
            lines.append("library: \"\(path)\"")
            if let parameters { lines.append("parameters: \"\(Self.escape(parameters))\"") }
            if !environment.isEmpty { lines.append("environment:") }
            lines += environment.sorted { $0.key < $1.key }.map { "  \($0.key): \"\($0.value)\"" }
            if let socket { lines.append("socket: \"\(socket)\"") }
        case .socket(let path): lines.append("socket: \"\(path)\"")
        }
        return lines.joined(separator: "\n  ")
    }

    private static func escape(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// The PKCS#11 library by which the HSM is reached, whoever loads it: for a socket, p11-kit's client.
    ///
    /// - Throws: `PKCS11Error` when p11-kit's client is not installed.
    package var file: String {
        get throws {
            switch self {
            case .library(let path, _, _, _): path
            case .socket: try Module.remoteClientPath()
            }
        }
    }

    /// Whether the module's library is in another process than the doctor's.
    package var isRemote: Bool {
        if case .socket = self { true } else { false }
    }

    /// How the doctor reaches the HSM: it loads the library itself, since its keys are thrown away, or opens a new
    /// connection to the socket, with a login state of its own.
    package func connect() throws -> Module {
        switch self {
        case .library(let path, let parameters, let environment, _):
            // Set once and left alone: changing it while other threads read it is not safe.
            for (name, value) in environment where getenv(name).map({ String(cString: $0) }) != value {
                setenv(name, value, 1)
            }
            return try Module.load(path: path, parameters: parameters)
        case .socket(let path): return try Module.remote(socket: path)
        }
    }

    /// How this process reaches the participants' own tokens.
    func connectToParticipants() throws -> Module {
        switch self {
        case .library(let path, let parameters, _, nil): try Module.load(path: path, parameters: parameters)
        case .library(_, _, _, let socket?), .socket(let socket): try Module.remote(socket: socket)
        }
    }
}
