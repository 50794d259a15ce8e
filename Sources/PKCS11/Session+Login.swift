package import CryptoPrimitives

extension Session {
    /// Logs in, has something done, and logs out and closes, whatever comes of that.
    ///
    /// - Parameters:
    ///   - pin: nil when, and only when, the token takes it at its own keypad; tried once.
    ///   - risksLock: As `login` has it.
    ///   - body: What is done.
    /// - Throws: `PKCS11Error`, or what `body` throws: of two failures the first, which is the cause.
    package func loggedIn<Value: Sendable>(
        _ role: UserRole = .user, pin: SecretBytes?, risksLock: Bool = false,
        _ body: @Sendable (isolated Session) async throws -> Value
    ) async throws -> Value {
        try login(role, pin: pin, risksLock: risksLock)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(self))
        } catch {
            result = .failure(error)
        }
        let left = Result { try logout() }
        let closed = Result { try close() }
        let value = try result.get()
        try left.get()
        try closed.get()
        return value
    }
}
