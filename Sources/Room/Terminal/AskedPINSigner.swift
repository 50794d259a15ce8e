import Ceremony
package import CryptoPrimitives
import PKCS11

/// Signs with a participant's token after asking the participant for its PIN. A PIN is tried once.
package struct AskedPINSigner: SignerPort {
    private let site: Site
    private let name: String
    private let ask: @Sendable (_ token: String) async throws -> SecretBytes

    /// - Parameters:
    ///   - name: Who signs, as the site has them.
    ///   - ask: Asks for the PIN of the token so named.
    package init(site: Site, name: String, ask: @escaping @Sendable (_ token: String) async throws -> SecretBytes) {
        self.site = site
        self.name = name
        self.ask = ask
    }

    package func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        let token = try site.token(of: name)
        try UserRole.user.admit(token)
        let atDevice = token.flags.contains(.protectedAuthenticationPath)
        let pin = atDevice ? nil : try await ask(token.name)
        do {
            return try await site.signer(of: name, pin: { _ in pin }).sign(message, namespace: namespace)
        } catch let error as PKCS11Error where error.function == "C_Login" {
            throw PINRefused(token: token.name, error: error, flags: (try? site.token(of: name))?.flags ?? [])
        }
    }
}

/// A token did not take a PIN.
package struct PINRefused: Error, Sendable, CustomStringConvertible {
    /// What happened, and how many tries the token says are left, in whole sentences.
    package let description: String

    init(token: String, error: PKCS11Error, flags: TokenFlags) {
        let wrong = error.returnValue == .pinIncorrect
        let what = wrong ? "The PIN is wrong: \(token) did not take it." : "\(error)"
        description = "\(what) Nothing was signed, and nothing was tried again. \(Self.tries(flags))"
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
