import PKCS11

extension Session {
    /// Asks once more where the token failed: a failure that passes is neither a refusal nor a lack, and one that stays is all that
    /// the token has to say.
    ///
    /// - Parameter act: What may be done twice.
    /// - Throws: What the second try threw, or the first where that was no failure.
    nonisolated func insist<R>(_ act: () async throws -> R) async throws -> R {
        do { return try await act() } catch let error as PKCS11Error where error.isFailure { return try await act() }
    }
}
