package import PKCS11

extension Site.ModuleLocation {
    /// Reads it from a site's `hsm`.
    ///
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    init(_ hsm: StrictYAML) throws {
        func absolute(_ key: String) throws -> String? {
            guard let path = try hsm.optionalString(key) else { return nil }
            guard path.hasPrefix("/") else { throw hsm.error(key, "is no absolute path", "Write it out from /") }
            return path
        }
        let parameters = try hsm.optionalString("parameters")
        guard parameters?.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) != false else {
            throw hsm.error("parameters", "has a control character", "Write it on one line")
        }
        switch (try absolute("library"), try absolute("socket")) {
        case (let path?, nil): self = .library(path: path, parameters: parameters)
        case (nil, let path?):
            guard parameters == nil else {
                throw hsm.error(
                    "parameters", "goes with a library", "Tell them to the server's module, or leave it out")
            }
            self = .socket(path: path)
        default: throw hsm.error("library", "and socket: one of the two must be there", "Name one")
        }
    }

    /// The lines that are read by `init(_:)`.
    var yaml: String {
        switch self {
        case .library(let path, nil): "library: \"\(path)\""
        case .library(let path, let parameters?): "library: \"\(path)\"\n  parameters: \"\(Self.escape(parameters))\""
        case .socket(let path): "socket: \"\(path)\""
        }
    }

    private static func escape(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// The PKCS#11 library that this process loads: for a socket, p11-kit's client.
    ///
    /// - Throws: `PKCS11Error` when p11-kit's client is not installed.
    package var file: String {
        get throws {
            switch self {
            case .library(let path, _): path
            case .socket: try Module.remoteClientPath()
            }
        }
    }

    /// Whether the module's library is in another process than this one.
    package var isRemote: Bool {
        if case .socket = self { true } else { false }
    }

    /// Loads the library, or opens a new connection to the socket, with a login state of its own.
    package func connect() throws -> Module {
        switch self {
        case .library(let path, let parameters): try Module.load(path: path, parameters: parameters)
        case .socket(let path): try Module.remote(socket: path)
        }
    }
}
