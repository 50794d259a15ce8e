/// Signs in one person's name for a format that others defined, with the key that only they can use.
package protocol PlainSignerPort: Sendable {
    /// - Returns: The ECDSA signature over the message's SHA-256, by a key of P-256, DER.
    func signPlainly(_ message: [UInt8]) async throws -> [UInt8]
}
