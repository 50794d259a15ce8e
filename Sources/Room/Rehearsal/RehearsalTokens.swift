package import CryptoPrimitives
package import PKCS11

/// The tokens of a rehearsal: SoftHSM's, in a folder of their own, reached through a token server.
///
/// Made only through the server, so that no process of ours ever loads SoftHSM.
package struct RehearsalTokens: Sendable {
    /// A participant's token with its signing key.
    package struct Signer: Sendable {
        package let token: TokenInfo
        package let publicKey: P256PublicKey
    }

    /// The label of the key with which a participant signs.
    package static let signingKeyLabel = "signing"

    /// The token that holds the ceremony's keys.
    package let hsm: TokenInfo
    /// The participants' tokens by the labels that were asked for.
    package let signers: [String: Signer]

    /// Initializes a token for the HSM and one for each participant.
    ///
    /// - Parameters:
    ///   - socket: The token server of a fresh SoftHSM folder behind the rehearsal module.
    ///   - hsm: The label of the HSM's token, at most 32 bytes.
    ///   - participants: The labels of the participants' tokens, at most 32 bytes each, all different.
    package static func create(socket: String, hsm: String, participants: [String]) async throws -> RehearsalTokens {
        guard Set([hsm] + participants).count == participants.count + 1 else {
            throw PKCS11Error("making rehearsal tokens", .refused("two tokens would have one label"))
        }
        let device = try await initializeToken(label: hsm, socket: socket)
        var signers: [String: Signer] = [:]
        for label in participants {
            let token = try await initializeToken(label: label, socket: socket)
            signers[label] = Signer(token: token, publicKey: try await generateSigningKey(on: token, socket: socket))
        }
        return RehearsalTokens(hsm: device, signers: signers)
    }

    /// The user PIN of a rehearsal token, derived from its label: it protects nothing and is the same for everyone.
    ///
    /// - Returns: 16 hex digits in ASCII.
    /// - Throws: `PKCS11Error` for a token of any other model than the rehearsal module's.
    package static func pin(for token: TokenInfo) throws -> SecretBytes {
        try requireRehearsal(token)
        return try derivedPIN("keyrite rehearsal pin v1", label: token.label)
    }

    /// That PIN for a login, which nobody decided to risk a lock with.
    ///
    /// - Throws: As `pin(for:)`.
    package static func entry(for token: TokenInfo) async throws -> PINEntry { PINEntry(try pin(for: token)) }

    /// The security officer's PIN of a rehearsal token, derived likewise.
    ///
    /// - Throws: As `pin(for:)`.
    package static func securityOfficerPIN(for token: TokenInfo) throws -> SecretBytes {
        try requireRehearsal(token)
        return try derivedPIN(officerPurpose, label: token.label)
    }

    private static let officerPurpose = "keyrite rehearsal so-pin v1"

    /// Whether a token is of a rehearsal's model, whose PINs are derived.
    package static func include(_ token: TokenInfo) -> Bool {
        token.model.utf8.elementsEqual(RehearsalModule.tokenModel.utf8)
    }

    private static func requireRehearsal(_ token: TokenInfo) throws {
        guard include(token) else {
            throw PKCS11Error(
                "deriving a rehearsal PIN",
                .misnamed("token \(token.label) (serial \(token.serial)) is no rehearsal token but a \(token.model)"),
                remedy: "Name a token of the rehearsal in the site.")
        }
    }

    private static func initializeToken(label: String, socket: String) async throws -> TokenInfo {
        // A connection of its own: the server counts slots once per connection, and each token needs a new one.
        let module = try Module.remote(socket: socket)
        guard let slot = try module.slots().first(where: { try !$0.tokenInfo().flags.contains(.initialized) }) else {
            throw PKCS11Error("making rehearsal tokens", .refused("the token server has no uninitialized slot"))
        }
        let securityOfficerPIN = try derivedPIN(officerPurpose, label: label)
        let token = try slot.initializeToken(label: label, soPIN: securityOfficerPIN)
        try await slot.initializeUserPIN(pin(for: token), soPIN: securityOfficerPIN)
        return token
    }

    private static func generateSigningKey(on token: TokenInfo, socket: String) async throws -> P256PublicKey {
        let session = try Module.remote(socket: socket).slot(of: token.uri).openSession()
        return try await session.loggedIn(pin: pin(for: token)) { session in
            let id: [UInt8] = [1]
            let privateTemplate = KeyTemplates.signingPrivateKey(label: signingKeyLabel, id: id)
            let pair = try session.generateP256(
                publicTemplate: KeyTemplates.signingPublicKey(label: signingKeyLabel, id: id),
                privateTemplate: privateTemplate)
            let differences = try session.differences(of: pair.privateKey, from: privateTemplate)
            guard differences.isEmpty else {
                let names = differences.keys.map(\.description).sorted().joined(separator: ", ")
                throw PKCS11Error(
                    "C_GenerateKeyPair", .unexpectedAnswer("the token made the key with another \(names)"))
            }
            return try session.p256PublicKey(of: pair.publicKey)
        }
    }

    /// Written digit by digit into locked memory: no text ever holds it.
    private static func derivedPIN(_ purpose: String, label: String) throws -> SecretBytes {
        let digest = SHA256Digest(of: Array((purpose + label).utf8)).bytes
        let digits = Array("0123456789abcdef".utf8)
        return try SecretBytes(capacity: 16) { buffer in
            for index in 0..<8 {
                buffer[2 * index] = digits[Int(digest[index] >> 4)]
                buffer[2 * index + 1] = digits[Int(digest[index] & 15)]
            }
            return 16
        }
    }
}
