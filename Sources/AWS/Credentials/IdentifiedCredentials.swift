package import Foundation

/// Credentials that sign for one caller alone, once it was asked who that is.
///
/// New ones may be another caller's: of whoever logged in meanwhile, or of another role that a machine was given. Whose an
/// access key is, is asked before anything is signed with it, and what is not the first caller's signs nothing.
package final actor IdentifiedCredentials: CredentialsProvider {
    /// Asks AWS whose credentials are.
    package typealias Identify = @Sendable (Credentials) async throws -> AWSAnswer<GetCallerIdentity.Output>

    private struct Known {
        let accessKeyID: String
        let caller: String
    }

    private let base: any CredentialsProvider
    private let identify: Identify
    /// Whose the last access key is that was asked about.
    private var known: Known?
    /// Who alone is signed for; nil until it was asked who calls.
    private var caller: String?

    package init(_ base: any CredentialsProvider, identify: @escaping Identify) {
        self.base = base
        self.identify = identify
    }

    /// Asks in any case who calls; from here on nobody else does.
    ///
    /// - Throws: `AWSError`; `CryptoError` when memory cannot be locked.
    package func identified(at now: Date) async throws -> AWSAnswer<GetCallerIdentity.Output> {
        let held = try await base.credentials(at: now)
        let answer = try await asked(held)
        caller = answer.output.arn
        return answer
    }

    /// Whose the credentials are by now, the ARN; it is asked for only where the access key is another one.
    ///
    /// - Throws: `AWSError`; `CryptoError` when memory cannot be locked.
    package func caller(at now: Date) async throws -> String {
        try await owner(of: try await base.credentials(at: now))
    }

    package func credentials(at now: Date) async throws -> Credentials {
        let held = try await base.credentials(at: now)
        guard caller != nil else { return held }
        let owner: String
        do { owner = try await self.owner(of: held) } catch let error as AWSError {
            // What became of this question is not what became of the call that is to be signed.
            throw AWSError.configuration("whose the renewed access key is was not to be learned: \(error)")
        }
        guard let caller, owner == caller else {
            throw AWSError.configuration(
                "the credentials were renewed and are those of \(Printable.text(owner, limit: 300)) now; those that it began "
                    + "with were of \(Printable.text(caller ?? "nobody", limit: 300)). Nothing was sent with the new ones. "
                    + "Log in as before, then run again")
        }
        return held
    }

    package func prepare(at now: Date, for seconds: Double) async throws {
        try await base.prepare(at: now, for: seconds)
    }

    private func owner(of held: Credentials) async throws -> String {
        if let known, known.accessKeyID == held.accessKeyID { return known.caller }
        return try await asked(held).output.arn
    }

    private func asked(_ held: Credentials) async throws -> AWSAnswer<GetCallerIdentity.Output> {
        let answer = try await identify(held)
        known = Known(accessKeyID: held.accessKeyID, caller: answer.output.arn)
        return answer
    }
}
