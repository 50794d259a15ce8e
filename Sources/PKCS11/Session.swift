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
        try call("C_FindObjectsFinal", functions.C_FindObjectsFinal) { $0(handle) }
        return try found.get()
    }

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
        }
    }

    /// Makes an AES-256 key on the token.
    ///
    /// - Parameter template: Every policy attribute; class, type and length are added. What the token made of it must be
    ///   read back with `differences(of:from:)`.
    package func generateAES256(_ template: [Attribute]) throws -> Object {
        let whole = Template(
            [.objectClass(.secretKey), .keyType(.aes), Attribute(.valueLength, number: 32)] + template)
        var key: CK_OBJECT_HANDLE = 0
        try whole.withPointer { entries, count in
            try Mechanism.aesKeyGeneration.withPointer { mechanism in
                try call("C_GenerateKey", functions.C_GenerateKey) { $0(handle, mechanism, entries, count, &key) }
            }
        }
        return try made(key, by: "C_GenerateKey")
    }

    /// Makes a P-256 key pair on the token.
    ///
    /// - Parameters:
    ///   - publicTemplate: Attributes of the public key; class, type and curve are added.
    ///   - privateTemplate: Attributes of the private key; class and type are added.
    package func generateP256(
        publicTemplate: [Attribute], privateTemplate: [Attribute]
    ) throws -> (publicKey: Object, privateKey: Object) {
        let publicWhole = Template(
            [.objectClass(.publicKey), .keyType(.ec), Attribute(.ecParameters, bytes: Self.prime256v1)] + publicTemplate
        )
        let privateWhole = Template([.objectClass(.privateKey), .keyType(.ec)] + privateTemplate)
        var publicKey: CK_OBJECT_HANDLE = 0
        var privateKey: CK_OBJECT_HANDLE = 0
        try publicWhole.withPointer { publicEntries, publicCount in
            try privateWhole.withPointer { privateEntries, privateCount in
                try Mechanism.ecKeyPairGeneration.withPointer { mechanism in
                    try call("C_GenerateKeyPair", functions.C_GenerateKeyPair) {
                        $0(
                            handle, mechanism, publicEntries, publicCount, privateEntries, privateCount, &publicKey,
                            &privateKey)
                    }
                }
            }
        }
        return (
            try made(publicKey, by: "C_GenerateKeyPair"), try made(privateKey, by: "C_GenerateKeyPair")
        )
    }

    /// OBJECT IDENTIFIER 1.2.840.10045.3.1.7 in DER (RFC 5480, 2.1.1.1).
    private static let prime256v1: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]

    /// Brings an RSA public key onto the token, for wrapping and nothing else.
    ///
    /// - Parameters:
    ///   - onToken: false for an object that ends with this session.
    ///   - trusted: Whether it asks for `CKA_TRUSTED`, which is the security officer's to give.
    package func createWrappingKey(
        _ key: RSAPublicKey, label: String, id: [UInt8], onToken: Bool = false, trusted: Bool = false
    ) throws -> Object {
        let attributes: [Attribute] = [
            .objectClass(.publicKey), .keyType(.rsa), .label(label), .id(id), Attribute(.token, onToken),
            Attribute(.private, false), Attribute(.wrap, true), Attribute(.encrypt, false), Attribute(.verify, false),
            Attribute(.modulus, bytes: key.modulus), Attribute(.publicExponent, bytes: key.exponent),
        ]
        let template = Template(trusted ? attributes + [Attribute(.trusted, true)] : attributes)
        var object: CK_OBJECT_HANDLE = 0
        try template.withPointer { entries, count in
            try call("C_CreateObject", functions.C_CreateObject) { $0(handle, entries, count, &object) }
        }
        return try made(object, by: "C_CreateObject")
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

    /// Encrypts whole blocks under AES-ECB, as check values and commitments need it.
    ///
    /// - Parameter blocks: A multiple of 16 bytes, at least one block.
    /// - Returns: As many bytes.
    package func encryptECB(_ blocks: [UInt8], with key: Object) throws -> [UInt8] {
        guard !blocks.isEmpty, blocks.count.isMultiple(of: 16) else {
            throw failure("C_Encrypt", .refused("AES-ECB wants whole blocks of 16 bytes"))
        }
        try Mechanism.aesECB.withPointer { mechanism in
            try call("C_EncryptInit", functions.C_EncryptInit) { $0(handle, mechanism, key.handle) }
        }
        var input = blocks
        var output = [UInt8](repeating: 0, count: blocks.count)
        var length = CK_ULONG(output.count)
        try call("C_Encrypt", functions.C_Encrypt) { $0(handle, &input, UInt(blocks.count), &output, &length) }
        guard length == output.count else {
            throw failure("C_Encrypt", .unexpectedAnswer("\(length) bytes for \(output.count) bytes of blocks"))
        }
        return output
    }

    /// Signs a digest with a P-256 key (CKM_ECDSA).
    ///
    /// - Returns: r ‖ s, 32 bytes each, big-endian.
    package func signECDSA(_ digest: SHA256Digest, with key: Object) throws -> [UInt8] {
        try Mechanism.ecdsa.withPointer { mechanism in
            try call("C_SignInit", functions.C_SignInit) { $0(handle, mechanism, key.handle) }
        }
        var input = digest.bytes
        // Room for P-521, so that a key of another curve is an error here and no operation is left open.
        var signature = [UInt8](repeating: 0, count: 132)
        var length = CK_ULONG(signature.count)
        try call("C_Sign", functions.C_Sign) { $0(handle, &input, UInt(input.count), &signature, &length) }
        guard length == 64 else {
            throw failure("C_Sign", .unexpectedAnswer("\(length) bytes; a P-256 signature has 64"))
        }
        return Array(signature.prefix(64))
    }

    /// Has the token wrap a key under an RSA public key with OAEP, SHA-256, no label.
    ///
    /// - Returns: The blob, exactly as long as the RSA modulus.
    package func wrap(_ key: Object, under wrappingKey: Object) throws -> [UInt8] {
        guard let modulus = try attributes([.modulus], of: wrappingKey)[.modulus]?.bytes else {
            throw failure("C_WrapKey", .refused("the wrapping key shows no modulus: it is no RSA public key"))
        }
        let expected = modulus.drop { $0 == 0 }.count
        var blob = [UInt8](repeating: 0, count: expected)
        var length = CK_ULONG(expected)
        // No question for the size first: SoftHSM answers that by wrapping, once more than the ceremony released.
        try Mechanism.rsaOAEPSHA256.withPointer { mechanism in
            try call("C_WrapKey", functions.C_WrapKey) {
                $0(handle, mechanism, wrappingKey.handle, key.handle, &blob, &length)
            }
        }
        guard length == expected else {
            throw failure("C_WrapKey", .unexpectedAnswer("\(length) bytes under a modulus of \(expected)"))
        }
        return blob
    }

    private func made(_ object: CK_OBJECT_HANDLE, by function: String) throws -> Object {
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
