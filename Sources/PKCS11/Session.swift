import CP11Kit
package import CryptoPrimitives

/// A session on a token: one actor, whose calls run one after another on a queue of their own.
///
/// PKCS#11 logs in a program, not a session: sessions of one `Module` on one token share the login. A session closes
/// when it is closed or forgotten, and with the last one on the token the login ends.
package final actor Session {
    package nonisolated let slot: Slot
    private nonisolated let executor = SerialQueueExecutor(label: "keyrite.pkcs11.session")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let handle: CK_SESSION_HANDLE
    /// The token's name, for errors.
    let place: String
    private var isClosed = false

    init(slot: Slot, readOnly: Bool) throws {
        let token = try slot.tokenInfo()
        var handle: CK_SESSION_HANDLE = 0
        let flags = CK_FLAGS(CKF_SERIAL_SESSION) | (readOnly ? 0 : CK_FLAGS(CKF_RW_SESSION))
        try checked("C_OpenSession", at: token.name, slot.module.functions.pointee.C_OpenSession) {
            $0(slot.id, flags, nil, nil, &handle)
        }
        self.slot = slot
        place = token.name
        self.handle = handle
    }

    deinit {
        // Nobody is left to hear of a failure here; who needs to know closes the session.
        if !isClosed { _ = slot.module.functions.pointee.C_CloseSession?(handle) }
    }

    /// Closes the session; its session objects are destroyed with it.
    package func close() throws {
        guard !isClosed else { return }
        isClosed = true
        try checked("C_CloseSession", functions.C_CloseSession) { $0(handle) }
    }

    /// Logs in, once. A wrong PIN is never tried again.
    ///
    /// The flags are read first: a locked PIN and a final try are refused without asking the token.
    ///
    /// - Parameters:
    ///   - pin: nil when, and only when, the token takes it at its own keypad.
    ///   - risksLock: Whether a person decided that a PIN may be tried whose failure locks the token.
    package func login(_ role: UserRole = .user, pin: SecretBytes?, risksLock: Bool = false) throws {
        let token = try slot.tokenInfo()
        try role.admit(token, risksLock: risksLock)
        let atDevice = token.flags.contains(.protectedAuthenticationPath)
        guard pin != nil || atDevice else {
            throw failure("C_Login", .refused("the token needs a PIN from here: it has no keypad"))
        }
        try call("C_Login", functions.C_Login) { login in
            guard let pin else { return login(handle, role.type, nil, 0) }
            return pin.withPIN { login(handle, role.type, $0, $1) }
        }
    }

    package func logout() throws {
        try call("C_Logout", functions.C_Logout) { $0(handle) }
    }

    /// Sets the user's PIN; the security officer must be logged in.
    package func initializeUserPIN(_ pin: SecretBytes) throws {
        try call("C_InitPIN", functions.C_InitPIN) { initialize in
            pin.withPIN { initialize(handle, $0, $1) }
        }
    }

    /// Random bytes from the token's generator.
    package func generateRandom(count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try call("C_GenerateRandom", functions.C_GenerateRandom) { $0(handle, &bytes, UInt(count)) }
        return bytes
    }

    /// Every object that has all these attributes, in the token's order.
    package func findObjects(_ template: [Attribute]) throws -> [Object] {
        try Template(template).withPointer { entries, count in
            try call("C_FindObjectsInit", functions.C_FindObjectsInit) { $0(handle, entries, count) }
        }
        let found = Result { try collectFoundObjects() }
        // The search is ended also when it failed, or the session could never search again.
        let ended = Result { try call("C_FindObjectsFinal", functions.C_FindObjectsFinal) { $0(handle) } }
        // Of two failures the first is the cause.
        let objects = try found.get()
        try ended.get()
        return objects
    }

    /// More than any search of ours finds on a token that tells the truth.
    private static let mostObjects = 65_536

    private func collectFoundObjects() throws -> [Object] {
        var found: [Object] = []
        while true {
            var handles = [CK_OBJECT_HANDLE](repeating: 0, count: 64)
            var count: CK_ULONG = 0
            try call("C_FindObjects", functions.C_FindObjects) { $0(handle, &handles, UInt(handles.count), &count) }
            guard count <= handles.count else {
                throw failure("C_FindObjects", .unexpectedAnswer("more objects than there was room for"))
            }
            if count == 0 { return found }
            found += handles.prefix(Int(count)).map(Object.init(handle:))
            guard found.count <= Self.mostObjects else {
                throw failure("C_FindObjects", .unexpectedAnswer("more than \(Self.mostObjects) objects"))
            }
        }
    }

    package func setAttributes(_ template: [Attribute], of object: Object) throws {
        try Template(template).withPointer { entries, count in
            try call("C_SetAttributeValue", functions.C_SetAttributeValue) {
                $0(handle, object.handle, entries, count)
            }
        }
    }

    package func destroy(_ object: Object) throws {
        try call("C_DestroyObject", functions.C_DestroyObject) { $0(handle, object.handle) }
    }

    func made(_ object: CK_OBJECT_HANDLE, by function: String) throws -> Object {
        guard object != CK_INVALID_HANDLE else {
            throw failure(function, .unexpectedAnswer("CKR_OK with the invalid handle 0"))
        }
        return Object(handle: object)
    }

    var functions: CK_FUNCTION_LIST { slot.module.functions.pointee }

    /// Calls a function for this session, unless that is closed: its handle may be another session's by now.
    func call<Function>(
        _ name: String, _ function: Function?, _ body: (Function) throws -> UInt
    ) throws {
        try requireOpen(name)
        try checked(name, at: place, function, body)
    }

    func failure(_ function: String, _ cause: PKCS11Error.Cause) -> PKCS11Error {
        PKCS11Error(function, cause, at: place)
    }

    func requireOpen(_ name: String) throws {
        guard !isClosed else { throw failure(name, .refused("the session is closed")) }
    }
}
