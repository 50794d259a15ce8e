import CP11Kit

/// Who logs in to a token.
package enum UserRole: Sendable {
    case user
    case securityOfficer

    var type: CK_USER_TYPE {
        switch self {
        case .user: CK_USER_TYPE(CKU_USER)
        case .securityOfficer: CK_USER_TYPE(CKU_SO)
        }
    }

    /// Refuses when the token says that a login cannot succeed, or that one more mistake locks the PIN.
    ///
    /// - Parameter risksLock: Whether a person decided to try a PIN whose failure locks the token.
    /// - Throws: `PKCS11Error` that says what to do about it.
    package func admit(_ token: TokenInfo, risksLock: Bool = false) throws {
        let (locked, finalTry): (TokenFlags, TokenFlags) =
            switch self {
            case .user: (.userPINLocked, .userPINFinalTry)
            case .securityOfficer: (.soPINLocked, .soPINFinalTry)
            }
        if token.flags.contains(locked) {
            throw PKCS11Error(
                "C_Login", .refused("the PIN of \(token.name) is locked"),
                remedy: self == .user ? "The security officer must set a new user PIN." : "See the vendor's manual.")
        }
        if token.flags.contains(finalTry), !risksLock {
            throw PKCS11Error(
                "C_Login",
                .refused("one more wrong PIN would lock \(token.name)"),
                remedy: "Make sure of the PIN with the vendor's tool, whose successful login resets the count.")
        }
    }
}
