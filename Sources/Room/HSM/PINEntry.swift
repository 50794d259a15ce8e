package import CryptoPrimitives
package import PKCS11

/// What one login is tried with.
package struct PINEntry: Sendable {
    /// nil for a token that takes it at its own keypad.
    package let pin: SecretBytes?
    /// Whether a person decided that it may be tried although a wrong one locks the token.
    package let risksLock: Bool

    package init(_ pin: SecretBytes?, risksLock: Bool = false) {
        self.pin = pin
        self.risksLock = risksLock
    }
}

/// Where a token's user PIN comes from. It is asked for each login anew, and may take as long as people do.
package typealias PINSource = @Sendable (TokenInfo) async throws -> PINEntry
