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
        let entry = PINEntry(atDevice ? nil : try await ask(token.name))
        do {
            return try await site.signer(of: name, pin: { _ in entry }).sign(message, namespace: namespace)
        } catch let error as PKCS11Error where error.function == "C_Login" {
            throw PINRefused(
                token: token.name, error: error, flags: (try? site.token(of: name))?.flags ?? [],
                undone: "Nothing was signed")
        }
    }
}
