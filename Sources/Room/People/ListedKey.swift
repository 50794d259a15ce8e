import Ceremony
import CryptoPrimitives
package import Evidence
import PKCS11

/// The key by which a roster knows a person, as their token must show it before it is given a PIN.
package struct ListedKey: Sendable {
    private let name: String
    private let keys: [SSHPublicKey]

    /// - Parameters:
    ///   - member: The person as the roster has them.
    ///   - former: The same person as the roster before it has them, whose change they may sign with another key.
    /// - Throws: `SSHFormatError` for a key's line that no valid roster has.
    package init(of member: Member, or former: Member? = nil) throws {
        name = member.name
        keys = try [member, former].compactMap { try $0?.publicKey() }
    }

    /// Refuses a token that is not theirs.
    ///
    /// - Parameters:
    ///   - shown: The public keys of the label that it shows without a PIN.
    ///   - label: That label.
    /// - Throws: `CeremonyError`.
    func require(_ shown: [P256PublicKey], labelled label: String, on token: TokenInfo) throws {
        guard let key = shown.first, shown.count == 1 else {
            // Also where a token hides its public keys until somebody logs in: else it would be enough to hide a wrong one.
            let what =
                shown.isEmpty ? "shows no public key labelled \(label)" : "shows \(shown.count) keys labelled \(label)"
            throw refusal(
                "\(what) before its PIN", on: token,
                remedy: "Check which token this is. If it is theirs, have one public key of that label be readable "
                    + "without a PIN (CKA_PRIVATE false)")
        }
        // The point, as a plain key: an authenticator's signature is none of a token's.
        guard keys.contains(.ecdsaP256(key)) else {
            let theirs = keys.map(\.fingerprint).joined(separator: " or ")
            throw refusal(
                "has the key \(SSHPublicKey.ecdsaP256(key).fingerprint), and the roster lists \(theirs)", on: token,
                remedy:
                    "Put in their own token, and check the site's signers; a key that is on no token signs with --ssh-key"
            )
        }
    }

    private func refusal(_ what: String, on token: TokenInfo, remedy: String) -> CeremonyError {
        CeremonyError(
            .environment, "This is not \(name)'s token, as the roster knows it: \(token.name) \(what)",
            remedy: "No PIN was sent to it. \(remedy)")
    }
}
