package import PKCS11

/// A token did not take a PIN.
package struct PINRefused: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, and how many tries the token says are left, in whole sentences.
    package let description: String
    /// Whether it was a wrong PIN, of a token that does not say that the next wrong one locks it.
    let leavesTries: Bool

    /// - Parameters:
    ///   - token: The token by label and serial number.
    ///   - error: How it answered.
    ///   - flags: What it says of its PIN since then.
    ///   - undone: What did not happen for want of the login, in a clause.
    package init(token: String, error: PKCS11Error, flags: TokenFlags, undone: String) {
        let wrong = error.returnValue == .pinIncorrect
        leavesTries = wrong && flags.isDisjoint(with: [.userPINLocked, .userPINFinalTry])
        let what = wrong ? "The PIN is wrong: \(token) did not take it." : "\(error)"
        description = "\(what) \(undone), and nothing was tried again. \(Self.tries(flags))"
    }

    /// As it was described where it happened.
    init(description: String) {
        self.description = description
        leavesTries = false
    }

    /// What PKCS#11 tells of the tries that are left: flags, no number.
    private static func tries(_ flags: TokenFlags) -> String {
        if flags.contains(.userPINLocked) {
            return "The token says: its PIN is locked. The security officer must set a new one."
        }
        if flags.contains(.userPINFinalTry) {
            return "The token says: one more wrong PIN locks it."
        }
        if flags.contains(.userPINCountLow) {
            return "The token says: wrong PINs were entered since its last login. It does not say how many are left."
        }
        return "The token does not say how many tries are left."
    }
}
