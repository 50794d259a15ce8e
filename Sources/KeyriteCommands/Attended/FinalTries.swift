import PKCS11
import Synchronization

/// PINs that are tried although a wrong one locks their token: each by a decision of the administrator's that is on record.
final class FinalTries: Sendable {
    /// The tokens that one login was decided for, by their URIs.
    private let permitted = Mutex<Set<PKCS11URI>>([])

    /// Whether the next login may risk to lock the token. One decision is good for one login.
    ///
    /// - Returns: false for a token that does not warn.
    /// - Throws: `Interjected` when that was decided just now: the engine must hear of it before anything is tried;
    ///   `PKCS11Error` when no PIN may be tried.
    func admit(_ token: TokenInfo, by interjector: Interjector) async throws -> Bool {
        guard token.flags.contains(.userPINFinalTry), !token.flags.contains(.userPINLocked) else {
            try UserRole.user.admit(token)
            return false
        }
        if permitted.withLock({ $0.remove(token.uri) }) != nil { return true }
        let isTried = try await interjector.finalTry(of: token.name)
        if isTried { permitted.withLock { _ = $0.insert(token.uri) } }
        if isTried || interjector.isUrgent { throw Interjected() }
        try UserRole.user.admit(token)
        return false
    }
}
