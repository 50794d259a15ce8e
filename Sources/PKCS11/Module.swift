import CP11Kit
package import CryptoPrimitives
import Glibc
import Synchronization

/// A PKCS#11 module, initialized for use by several threads.
///
/// A module that was loaded from a path stays for the life of the process, since PKCS#11 knows one initialization per
/// process. A remote one is a connection of its own, with its own view of the slots and its own login state; it ends
/// when the last session and slot that use it are gone.
package final class Module: @unchecked Sendable {
    // Unchecked because of the pointer: nobody writes to the list after the module returned it, and CKF_OS_LOCKING_OK
    // asks the module to take calls from any thread.
    let functions: UnsafeMutablePointer<CK_FUNCTION_LIST>
    /// Where the module came from, for errors and evidence.
    package let origin: String
    /// The SHA-256 of the library that is loaded: the module's, or p11-kit's client of a remote one.
    package let digest: SHA256Digest
    /// Whether a token server has it, behind a client of p11-kit's that is finalized with each connection.
    private let isRemote: Bool

    private init(
        initializing library: LoadedLibrary, _ functions: UnsafeMutablePointer<CK_FUNCTION_LIST>, origin: String,
        parameters: String? = nil, isRemote: Bool
    ) throws {
        // Before the first property is set, so that a module that failed here is not finalized either.
        let value = try answer(of: "C_Initialize", at: origin, functions.pointee.C_Initialize) { initialize in
            var arguments = KeyriteInitializeArguments()
            arguments.standard.flags = CK_FLAGS(CKF_OS_LOCKING_OK)
            guard var text = parameters?.utf8CString.map(UInt8.init(bitPattern:)) else { return initialize(&arguments) }
            return text.withUnsafeMutableBytes { text in
                arguments.standard.pReserved = text.baseAddress
                return initialize(&arguments)
            }
        }
        guard value == .ok else {
            let wants =
                "The module may want \(parameters == nil ? "" : "other ")parameters, which stand beside its path."
            throw PKCS11Error(
                "C_Initialize", .returned(value), at: origin, remedy: value == .argumentsBad ? wants : nil)
        }
        self.functions = functions
        self.origin = origin
        digest = library.digest
        self.isRemote = isRemote
    }

    deinit {
        // The answer changes nothing: the connection is closed with the last reference in any case.
        if isRemote { _ = functions.pointee.C_Finalize?(nil) }
    }

    /// What this process has loaded.
    private struct Loaded {
        var modules: [String: (module: Module, parameters: String?)] = [:]
        var client: LoadedLibrary?
    }

    private static let loaded = Mutex(Loaded())

    /// Loads a module into this process, once.
    ///
    /// - Parameters:
    ///   - path: The library's absolute path.
    ///   - parameters: What the module wants to be told at C_Initialize, in its own form, as NSS's does; nil for most.
    ///   - expected: The SHA-256 that its file must have; nil for any.
    ///   - meanwhile: Called between the digest and the loading, for tests.
    /// - Throws: `PKCS11Error` when it cannot be loaded, is another file than was expected or is swapped meanwhile, is no
    ///   PKCS#11 2 module, does not initialize, or was loaded before with other parameters.
    package static func load(
        path: String, parameters: String? = nil, expecting expected: SHA256Digest? = nil,
        meanwhile: () throws -> Void = {}
    ) throws -> Module {
        guard path.hasPrefix("/") else {
            throw PKCS11Error("loading a PKCS#11 module", .refused("its path must be absolute"))
        }
        return try loaded.withLock { loaded in
            if let known = loaded.modules[path] {
                guard known.parameters == parameters else {
                    throw PKCS11Error(
                        "loading a PKCS#11 module", .refused("\(path) is loaded with other parameters already"))
                }
                guard expected == nil || known.module.digest == expected else {
                    throw PKCS11Error(
                        "loading a PKCS#11 module",
                        .refused("\(path) is loaded already, with the SHA-256 \(known.module.digest.hex)"),
                        remedy: "Restore the module that was there, and start again.")
                }
                return known.module
            }
            let library = try LoadedLibrary(path: path, expected: expected, meanwhile: meanwhile)
            let module = try Module(
                initializing: library, functionList(of: library, path), origin: path, parameters: parameters,
                isRemote: false)
            loaded.modules[path] = (module, parameters)
            return module
        }
    }

    /// Connects to the tokens behind a `p11-kit server`, in whose process the key material stays.
    ///
    /// - Parameter socket: The absolute path of the server's Unix socket.
    /// - Throws: `PKCS11Error` when p11-kit's client is not installed or nobody answers at the socket.
    package static func remote(socket: String) throws -> Module {
        try UnixSocket.probe(socket)
        UnixSocket.ignoreBrokenPipes()
        let (client, functions) = try loaded.withLock { loaded in
            // p11-kit's client reads the address when its function list is asked for and makes a new connection for
            // each list, so one process can talk to several servers; the lock keeps address and list together.
            let address = UnixSocket.address(socket)
            // Set for another server alone: changing the environment while other threads read it is not safe.
            let known = getenv("P11_KIT_SERVER_ADDRESS").map { String(cString: $0) }
            guard known == address || setenv("P11_KIT_SERVER_ADDRESS", address, 1) == 0 else {
                throw PKCS11Error("connecting to a token server", .system(String(cString: strerror(errno))))
            }
            let path = try remoteClientPath()
            // Once: what lies at its path later is another matter.
            let client = try loaded.client ?? LoadedLibrary(path: path)
            loaded.client = client
            return (client, try functionList(of: client, path))
        }
        return try Module(initializing: client, functions, origin: socket, isRemote: true)
    }

    /// The SHA-256 of p11-kit's client, as it is loaded or, before that, as it lies there.
    package static func clientDigest() throws -> SHA256Digest {
        try loaded.withLock(\.client)?.digest ?? LoadedLibrary.digest(remoteClientPath())
    }

    /// The slots that have a token in them, initialized or not, as the module sees them now.
    ///
    /// Slot numbers change when a token is initialized: find tokens by label and serial.
    package func slots() throws -> [Slot] {
        var count: CK_ULONG = 0
        try checked("C_GetSlotList", at: origin, functions.pointee.C_GetSlotList) { $0(1, nil, &count) }
        // A list of none is not asked for: p11-kit's client answers that with CKR_BUFFER_TOO_SMALL.
        while count > 0 {
            var ids = try [CK_SLOT_ID](repeating: 0, count: plausible(count, "C_GetSlotList", at: origin))
            let value = try answer(of: "C_GetSlotList", at: origin, functions.pointee.C_GetSlotList) {
                $0(1, &ids, &count)
            }
            // A token came between the two calls: the count is the new one.
            if value == .bufferTooSmall, count > ids.count { continue }
            guard value == .ok else { throw PKCS11Error("C_GetSlotList", .returned(value), at: origin) }
            guard count <= ids.count else {
                throw PKCS11Error("C_GetSlotList", .unexpectedAnswer("more slots than there was room for"), at: origin)
            }
            return ids.prefix(Int(count)).map { Slot(module: self, id: $0) }
        }
        return []
    }

    /// The one initialized token that a URI names.
    ///
    /// A slot that cannot be read stands in the way unless the token is found elsewhere by its serial number, of which there
    /// is no second.
    ///
    /// - Throws: `PKCS11Error` when there is none, or more than one, or when a slot that may hold it cannot be read.
    package func slot(of uri: PKCS11URI) throws -> Slot {
        var (found, unread): ([Slot], [PKCS11Error]) = ([], [])
        for slot in try slots() {
            do {
                let info = try slot.tokenInfo()
                if info.flags.contains(.initialized), uri.matches(info) { found.append(slot) }
            } catch let error as PKCS11Error where error.returnValue != nil {
                unread.append(error)
            }
        }
        if found.count < 2, uri.serial == nil || found.isEmpty, let first = unread.first {
            throw unanswered(first, and: unread.dropFirst(), found, uri)
        }
        guard let slot = found.first, found.count == 1 else {
            let what = found.isEmpty ? "no token" : "\(found.count) tokens"
            let name = "Name it by label and serial number, and see that it is connected."
            throw PKCS11Error(
                "looking for a token", .misnamed("\(what) at \(origin) match \(uri)"),
                remedy: found.isEmpty && isRemote ? "\(name) \(Self.leftOut)" : name)
        }
        return slot
    }

    /// Of p11-kit's, measured: its list of slots has those that it could read when the connection was made.
    private static let leftOut =
        "A token server leaves out a token that it cannot read, and does not say so: if yours is connected, look on that "
        + "server's side at the token's state, and list the slots there with its vendor's tool."

    /// What is known of a token where slots could not be read.
    private func unanswered(
        _ first: PKCS11Error, and others: ArraySlice<PKCS11Error>, _ found: [Slot], _ uri: PKCS11URI
    ) -> PKCS11Error {
        let more = others.map { "\($0.what). " }
        let known =
            found.isEmpty
            ? "No token at \(origin) that could be read matches \(uri): what could not be read may be that very one. "
            : "One token at \(origin) matches \(uri), and whether what could not be read does too is not known: name the one "
                + "that is meant by its serial number as well. "
        return PKCS11Error(
            first.function, first.cause, at: first.place, remedy: more.joined() + known + first.remedy)
    }

    private static func functionList(
        of library: LoadedLibrary, _ path: String
    ) throws -> UnsafeMutablePointer<CK_FUNCTION_LIST> {
        let step = "loading \(path)"
        guard let symbol = dlsym(library.handle, "C_GetFunctionList") else {
            throw PKCS11Error(step, .refused("it is no PKCS#11 module"))
        }
        let getFunctionList = unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        try checked("C_GetFunctionList", at: path, getFunctionList) { $0(&list) }
        guard let list else {
            throw PKCS11Error("C_GetFunctionList", .unexpectedAnswer("CKR_OK without a function list"), at: path)
        }
        // Another major version has another list of functions.
        guard list.pointee.version.major == 2 else {
            throw PKCS11Error(step, .refused("it is of PKCS#11 \(list.pointee.version.major), not 2"))
        }
        return list
    }

    /// p11-kit's client, the library that `remote` loads.
    ///
    /// - Throws: `PKCS11Error` when it is not installed.
    package static func remoteClientPath() throws -> String {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
        let paths = folders.map { $0 + "/pkcs11/p11-kit-client.so" }
        guard let path = paths.first(where: { access($0, R_OK) == 0 }) else {
            throw PKCS11Error(
                "connecting to a token server", .system("p11-kit-client.so is not installed"),
                remedy: "Install the package p11-kit-modules.")
        }
        return path
    }
}
