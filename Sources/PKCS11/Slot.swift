import CP11Kit
package import CryptoPrimitives
import Glibc

/// A slot of a module, with a token in it.
package struct Slot: Sendable {
    package let module: Module
    /// The slot's number, good for this connection only.
    package let id: UInt

    private var place: String { "slot \(id) of \(module.origin)" }

    /// SoftHSM answers a general error where another process changes the token's flags just then, as each login does. Nothing
    /// is done by asking again.
    private static let looks = 5
    /// In microseconds.
    private static let pause: UInt32 = 50_000

    /// What the token says it is now; its PIN flags change with every login.
    package func tokenInfo() throws -> TokenInfo { TokenInfo(try readTokenInfo()) }

    /// How many sessions the token says it takes, and how many are open.
    package func sessionLimits() throws -> SessionLimits { SessionLimits(try readTokenInfo()) }

    private func readTokenInfo() throws -> CK_TOKEN_INFO {
        var info = CK_TOKEN_INFO()
        var value = ReturnValue.generalError
        for look in 1...Self.looks where value == .generalError {
            if look > 1 { usleep(Self.pause) }
            value = try answer(of: "C_GetTokenInfo", at: place, module.functions.pointee.C_GetTokenInfo) {
                $0(id, &info)
            }
        }
        guard value == .ok else { throw PKCS11Error("C_GetTokenInfo", .returned(value), at: place) }
        return info
    }

    /// The mechanisms that the token says it has; whether they do what they say is for the self-test to find out.
    package func mechanisms() throws -> Set<MechanismType> {
        var count: CK_ULONG = 0
        try checked("C_GetMechanismList", at: place, module.functions.pointee.C_GetMechanismList) {
            $0(id, nil, &count)
        }
        let room = try plausible(count, "C_GetMechanismList", at: place)
        // One more than is said: p11-kit's client, which leaves out what it cannot carry, reads one behind the last.
        var types = [CK_MECHANISM_TYPE](repeating: 0, count: room + 1)
        try checked("C_GetMechanismList", at: place, module.functions.pointee.C_GetMechanismList) {
            $0(id, &types, &count)
        }
        guard count <= room else {
            throw PKCS11Error(
                "C_GetMechanismList", .unexpectedAnswer("more mechanisms than there was room for"), at: place)
        }
        return Set(types.prefix(Int(count)).map(MechanismType.init(rawValue:)))
    }

    /// Opens a session on the token.
    ///
    /// - Parameter readOnly: Whether the session is for looking only.
    package func openSession(readOnly: Bool = false) throws -> Session {
        try Session(slot: self, readOnly: readOnly)
    }

    /// Makes the token anew. Everything on it is destroyed.
    ///
    /// The slot is renumbered for every later connection: find the token again by its label and serial.
    ///
    /// - Parameters:
    ///   - label: At most 32 bytes of UTF-8.
    ///   - soPIN: The security officer's PIN; for a token that was initialized before, the one it has.
    /// - Returns: What the token is now, with its serial number.
    package func initializeToken(label: String, soPIN: SecretBytes) throws -> TokenInfo {
        let text = Array(label.utf8)
        guard !text.isEmpty, text.count <= 32 else {
            throw PKCS11Error("C_InitToken", .refused("a token's label has 1 to 32 bytes"))
        }
        // A label has no zero behind it, but p11-kit's client reads it as if it had, and sends what it finds.
        var padded = text + Array(repeating: 0x20, count: 32 - text.count) + [0]
        try checked("C_InitToken", at: place, module.functions.pointee.C_InitToken) { initialize in
            soPIN.withPIN { initialize(id, $0, $1, &padded) }
        }
        let info = try tokenInfo()
        guard info.label.utf8.elementsEqual(label.utf8), info.flags.contains(.initialized) else {
            throw PKCS11Error(
                "C_InitToken", .unexpectedAnswer("the slot holds another token than the one just made"), at: place)
        }
        return info
    }

    /// Sets the user's PIN, as the security officer.
    package func initializeUserPIN(_ userPIN: SecretBytes, soPIN: SecretBytes) async throws {
        let session = try openSession()
        try await session.loggedIn(.securityOfficer, pin: soPIN) { try $0.initializeUserPIN(userPIN) }
    }
}

extension SecretBytes {
    /// Lends a PIN in the form that PKCS#11 takes it: a pointer that it does not write to, and a length.
    func withPIN<R>(_ body: (UnsafeMutablePointer<UInt8>?, UInt) throws -> R) rethrows -> R {
        try withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return try body(UnsafeMutablePointer(mutating: start), UInt(bytes.count))
        }
    }
}
