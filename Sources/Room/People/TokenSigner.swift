import Ceremony
import CryptoPrimitives
package import Evidence
package import PKCS11

/// Signs with the P-256 key on a participant's own token, and logs out at once.
///
/// The token must show the key that the roster lists for them before anybody logs in: a PIN goes to no token that lies in
/// the reader by mistake or has the label of another. A token made to deceive can show any public key, and no more than
/// that is said of it here.
package struct TokenSigner: SignerPort, PlainSignerPort {
    private let connect: @Sendable () throws -> Module
    private let token: PKCS11URI
    private let keyLabel: String
    private let listed: ListedKey?
    private let pin: PINSource

    /// - Parameters:
    ///   - token: The participant's token.
    ///   - keyLabel: `CKA_LABEL` of the key pair on it.
    ///   - listed: What the token must hold; nil where no roster lists it yet.
    ///   - pin: Where the PIN comes from.
    ///   - connect: Opens a connection to the module.
    package init(
        token: PKCS11URI, keyLabel: String, listed: ListedKey? = nil, pin: @escaping PINSource,
        connect: @escaping @Sendable () throws -> Module
    ) {
        self.token = token
        self.keyLabel = keyLabel
        self.listed = listed
        self.pin = pin
        self.connect = connect
    }

    package func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        try await loggedIn { try await sign(message, namespace: namespace, in: $0) }
    }

    package func signPlainly(_ message: [UInt8]) async throws -> [UInt8] {
        try await loggedIn { session in
            let publicKey = try await session.p256PublicKey(of: try await key(.publicKey, in: session))
            let digest = SHA256Digest(of: message)
            let raw = try await session.signECDSA(digest, with: try await key(.privateKey, in: session))
            let signature = try P256Signature(raw: raw)
            guard try publicKey.isValid(signature, digest: digest) else {
                throw CeremonyError(
                    .state, "The participant's token made a signature that its own public key refuses",
                    remedy: "Do not use this token")
            }
            return try signature.der()
        }
    }

    /// Looks whether this is the token of the person whom the roster lists; nobody logs in for that.
    ///
    /// - Throws: `CeremonyError` when it shows another key, or none; nothing where no roster lists one.
    package func requireListed() async throws {
        let session = try connect().slot(of: token).openSession(readOnly: true)
        try await requireListed(in: session)
        try await session.close()
    }

    private func requireListed(in session: Session) async throws {
        guard let listed else { return }
        var shown: [P256PublicKey] = []
        for object in try await session.findObjects([.objectClass(.publicKey), .label(keyLabel)]) {
            shown.append(try await session.p256PublicKey(of: object))
        }
        try listed.require(shown, labelled: keyLabel, on: try session.slot.tokenInfo())
    }

    /// - Parameter body: Is given a session that is logged out afterwards, whatever comes of it.
    private func loggedIn(_ body: @Sendable (Session) async throws -> [UInt8]) async throws -> [UInt8] {
        let slot = try connect().slot(of: token)
        let session = try slot.openSession()
        // Over the very session that the PIN will take, whatever was looked at before.
        try await requireListed(in: session)
        let entry = try await pin(try slot.tokenInfo())
        return try await session.loggedIn(pin: entry.pin, risksLock: entry.risksLock) { try await body($0) }
    }

    /// The key as a roster names it. Most tokens show it without a PIN, which is asked for only where this one does not.
    package func publicKey() async throws -> SSHPublicKey {
        let slot = try connect().slot(of: token)
        let session = try slot.openSession()
        let shown = try await session.findObjects([.objectClass(.publicKey), .label(keyLabel)])
        guard shown.isEmpty else {
            // Closed when it is let go of, too: what is known of the key by then is not lost by that.
            let key = try await session.p256PublicKey(of: try await key(.publicKey, in: session))
            try await session.close()
            return .ecdsaP256(key)
        }
        let entry = try await pin(try slot.tokenInfo())
        return try await session.loggedIn(pin: entry.pin, risksLock: entry.risksLock) { session in
            .ecdsaP256(try session.p256PublicKey(of: try await key(.publicKey, in: session)))
        }
    }

    /// Whether the token shows a key of the label while nobody is logged in.
    package func showsKey() async throws -> Bool {
        let session = try connect().slot(of: token).openSession(readOnly: true)
        let shown = try await session.findObjects([.objectClass(.publicKey), .label(keyLabel)])
        try await session.close()
        return !shown.isEmpty
    }

    private func sign(_ message: [UInt8], namespace: String, in session: Session) async throws -> [UInt8] {
        let publicKey = try await session.p256PublicKey(of: try await key(.publicKey, in: session))
        let signed = SSHSignature.bytesToSign(message: message, namespace: namespace)
        let raw = try await session.signECDSA(
            SHA256Digest(of: signed), with: try await key(.privateKey, in: session))
        let signature = try SSHSignature(ecdsaP256: raw, key: publicKey, namespace: namespace)
        try signature.verify(message: message, namespace: namespace, key: .ecdsaP256(publicKey))
        return signature.armored
    }

    private func key(_ kind: ObjectClass, in session: Session) async throws -> Object {
        let found = try await session.findObjects([.objectClass(kind), .label(keyLabel)])
        guard let key = found.first, found.count == 1 else {
            throw CeremonyError(
                .state, "The participant's token has \(found.count) keys labelled \(keyLabel), not one",
                remedy: "Check which token this is")
        }
        return key
    }
}
