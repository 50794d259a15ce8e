package import Foundation

/// Where a client takes its access key from, each time it signs.
package protocol CredentialsProvider: Sendable {
    /// The access key to sign with.
    ///
    /// - Parameter now: The time of signing.
    /// - Throws: `AWSError.configuration`, `CryptoError`.
    func credentials(at now: Date) async throws -> Credentials

    /// Has the access key be good for so long, so that none is loaded in the middle of what is about to begin. Where no
    /// better one comes, one that is good yet will do.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - seconds: How long, in seconds.
    /// - Throws: `AWSError.configuration`, `CryptoError`.
    func prepare(at now: Date, for seconds: Double) async throws
}

extension CredentialsProvider {
    /// Nothing: what is never loaded again is never in the way.
    package func prepare(at now: Date, for seconds: Double) async throws {}
}

extension Credentials: CredentialsProvider {
    /// Themselves.
    package func credentials(at now: Date) async throws -> Credentials { self }
}
