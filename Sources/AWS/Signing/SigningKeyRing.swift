import CryptoPrimitives
import Synchronization

/// The signing key that was derived last: the requests of a day to one service and Region share it.
///
/// It lies in locked memory, as the secret access key does that it comes from, and is good for less.
final class SigningKeyRing: Sendable {
    private struct Known {
        let secret: SecretBytes
        let scope: CredentialScope
        let key: SigningKey
    }

    private let known = Mutex<Known?>(nil)

    /// - Throws: `CryptoError` when memory cannot be locked.
    func key(of secret: SecretBytes, for scope: CredentialScope) throws -> SigningKey {
        // New credentials are other bytes, even where they are the same ones loaded again.
        if let known = known.withLock({ $0 }), known.secret === secret, known.scope == scope { return known.key }
        let key = try SigningKey(secretAccessKey: secret, scope: scope)
        known.withLock { $0 = Known(secret: secret, scope: scope, key: key) }
        return key
    }
}
