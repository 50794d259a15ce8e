package import Foundation

/// Where a client takes its access key from, each time it signs.
package protocol CredentialsProvider: Sendable {
    /// The access key to sign with.
    ///
    /// - Parameter now: The time of signing.
    /// - Throws: `AWSError.configuration`, `CryptoError`.
    func credentials(at now: Date) async throws -> Credentials
}

extension Credentials: CredentialsProvider {
    /// Themselves.
    package func credentials(at now: Date) async throws -> Credentials { self }
}
