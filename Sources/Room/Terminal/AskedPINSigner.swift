import Ceremony
package import CryptoPrimitives
package import Evidence
package import PKCS11

/// Signs with a participant's token after asking the participant for its PIN. A PIN is tried once; who mistyped it is asked again,
/// as long as one more wrong one locks nothing: what they decided, and why, is not lost for that.
package struct AskedPINSigner: SignerPort, PlainSignerPort {
    private let site: Site
    private let name: String
    private let listed: ListedKey?
    private let admit: @Sendable (TokenInfo) async throws -> Bool
    private let ask: @Sendable (_ token: String, _ refused: PINRefused?) async throws -> SecretBytes
    /// How many PINs are asked for at most, for one signature.
    private static let most = 3

    /// - Parameters:
    ///   - site: Where the token is.
    ///   - name: Who signs, as the site has them.
    ///   - listed: What their token must hold before its PIN is asked for; nil to enroll them.
    ///   - admit: Whether people decided that a PIN may be tried although a wrong one locks the token; it throws when no
    ///     PIN may be tried.
    ///   - ask: Asks for the PIN of the token so named, which may just have refused one.
    package init(
        site: Site, name: String, listed: ListedKey?, admit: @escaping @Sendable (TokenInfo) async throws -> Bool,
        ask: @escaping @Sendable (_ token: String, _ refused: PINRefused?) async throws -> SecretBytes
    ) {
        self.site = site
        self.name = name
        self.listed = listed
        self.admit = admit
        self.ask = ask
    }

    /// Where nobody can decide to risk a lock: such a PIN is not tried.
    package static func noRisk(_ token: TokenInfo) throws -> Bool {
        try UserRole.user.admit(token)
        return false
    }

    package func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try await asked { try await $0.sign(message, namespace: namespace) }
    }

    package func signPlainly(_ message: [UInt8]) async throws -> [UInt8] {
        try await asked { try await $0.signPlainly(message) }
    }

    private func asked(_ sign: (TokenSigner) async throws -> [UInt8]) async throws -> [UInt8] {
        var token = try site.token(of: name)
        try await site.signer(of: name, listed: listed).requireListed()
        var (refused, number) = (PINRefused?.none, 1)
        while true {
            let entry = try await entry(for: token, after: refused)
            do {
                return try await loggingIn(to: token, else: "Nothing was signed") {
                    try await sign(try site.signer(of: name, listed: listed, pin: { _ in entry }))
                }
            } catch let error as PINRefused where error.leavesTries && entry.pin != nil && number < Self.most {
                (refused, number) = (error, number + 1)
                token = try site.token(of: name)
            }
        }
    }

    /// The key as a roster names it; the PIN is asked for only where the token does not show it without.
    package func publicKey() async throws -> SSHPublicKey {
        try await loggingIn(to: try site.token(of: name), else: "No key was shown") {
            try await site.signer(of: name, pin: { try await entry(for: $0, after: nil) }).publicKey()
        }
    }

    /// Whether the token shows the key without its PIN, as it must to sign.
    package func showsKey() async throws -> Bool { try await site.signer(of: name).showsKey() }

    private func entry(for token: TokenInfo, after refused: PINRefused?) async throws -> PINEntry {
        let risksLock = try await admit(token)
        let atDevice = token.flags.contains(.protectedAuthenticationPath)
        return PINEntry(atDevice ? nil : try await ask(token.name, refused), risksLock: risksLock)
    }

    private func loggingIn<R>(to token: TokenInfo, else undone: String, _ body: () async throws -> R) async throws -> R
    {
        do {
            return try await body()
        } catch let error as PKCS11Error where error.function == "C_Login" {
            throw PINRefused(
                token: token.name, error: error, flags: (try? site.token(of: name))?.flags ?? [], undone: undone)
        }
    }
}
