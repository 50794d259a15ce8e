import CryptoPrimitives
package import Foundation

/// A role's session, begun with other credentials, and anew before it expires.
package struct AssumedRole: CredentialsProvider {
    /// Which role, and what its session is asked for with.
    package struct Role: Hashable, Sendable {
        package let arn: String
        package let sessionName: SessionName
        /// In seconds, 900 to 43,200; nil for STS's own, an hour.
        package let duration: Int?
        /// What the role's trust policy asks for where a stranger assumes it.
        package let externalID: String?
        /// The device whose code the role's trust policy asks for.
        package let mfaSerial: String?
        package let tags: [SessionTag]

        package init(
            arn: String, sessionName: SessionName, duration: Int? = nil, externalID: String? = nil,
            mfaSerial: String? = nil, tags: [SessionTag] = []
        ) {
            self.arn = arn
            self.sessionName = sessionName
            self.duration = duration
            self.externalID = externalID
            self.mfaSerial = mfaSerial
            self.tags = tags
        }
    }

    private let session: RefreshingCredentials

    /// - Parameters:
    ///   - base: Whom the role trusts.
    ///   - means: With `sts`, the way there, and `mfaCode`, who is asked for a code.
    /// - Throws: `AWSError.configuration` where STS cannot be reached, or a code is needed and nobody can be asked.
    package init(_ role: Role, from base: any CredentialsProvider, by means: CredentialMeans) throws {
        let name = Printable.text(role.arn, limit: 300)
        guard var configuration = means.sts else {
            throw AWSError.configuration("the role \(name) needs STS, and no way there was given")
        }
        guard role.mfaSerial == nil || means.mfaCode != nil else {
            throw AWSError.configuration(
                "the role \(name) needs a code of the MFA device \(Printable.text(role.mfaSerial ?? "", limit: 256)), and "
                    + "nobody can be asked for it here; run it at a terminal, or use a profile without mfa_serial")
        }
        configuration.credentials = base
        let sts = try STSClient(configuration)
        session = RefreshingCredentials { now in
            let mfa = try await Self.mfa(of: role, asking: means.mfaCode)
            return try await Self.told(name, withCode: mfa != nil) {
                try await sts.assumeRole(
                    AssumeRole.Input(
                        roleARN: role.arn, sessionName: role.sessionName, duration: role.duration,
                        externalID: role.externalID, mfa: mfa, tags: role.tags),
                    at: now
                ).output.credentials(of: role.arn, role.sessionName)
            }
        }
    }

    /// A role's session that has begun: where STS gives none, that is told at once, and in STS's own words.
    ///
    /// - Parameters:
    ///   - base: Whom the role trusts. It wants no code.
    ///   - sts: The way to STS; whose credentials it is asked with is replaced.
    ///   - now: The time.
    /// - Throws: `AWSError`; `CryptoError` when memory cannot be locked.
    package static func begun(
        _ role: Role, from base: any CredentialsProvider, by sts: AWSClient.Configuration, at now: Date
    ) async throws -> AssumedRole {
        var configuration = sts
        configuration.credentials = base
        let client = try STSClient(configuration)
        @Sendable func begin(_ now: Date) async throws -> Credentials {
            try await client.assumeRole(
                AssumeRole.Input(
                    roleARN: role.arn, sessionName: role.sessionName, duration: role.duration,
                    externalID: role.externalID, mfa: nil, tags: role.tags),
                at: now
            ).output.credentials(of: role.arn, role.sessionName)
        }
        let name = Printable.text(role.arn, limit: 300)
        let session = RefreshingCredentials(first: try await begin(now), at: now) { now in
            try await told(name) { try await begin(now) }
        }
        return AssumedRole(session)
    }

    private init(_ session: RefreshingCredentials) { self.session = session }

    /// A role's session for a token of an identity provider.
    ///
    /// - Parameters:
    ///   - file: Holds the token; it is read anew for each session.
    ///   - means: With `sts`, the way there.
    init(arn: String, sessionName: SessionName, tokenFile file: String, by means: CredentialMeans) throws {
        let name = Printable.text(arn, limit: 300)
        guard var configuration = means.sts else {
            throw AWSError.configuration("the role \(name) needs STS, and no way there was given")
        }
        configuration.credentials = NoCredentials()
        let sts = try STSClient(configuration)
        session = RefreshingCredentials { now in
            let token = try SecretFile.token(at: file, of: "the web identity token")
            return try await Self.told(name) {
                try await sts.assumeRoleWithWebIdentity(
                    .init(roleARN: arn, sessionName: sessionName, token: token), at: now
                ).output.credentials(of: arn, sessionName)
            }
        }
    }

    package func credentials(at now: Date) async throws -> Credentials {
        try await session.credentials(at: now)
    }

    package func prepare(at now: Date, for seconds: Double) async throws {
        try await session.prepare(at: now, for: seconds)
    }

    private static func mfa(
        of role: Role, asking mfaCode: CredentialMeans.MFACode?
    ) async throws -> AssumeRole.MFA? {
        guard let serial = role.mfaSerial, let mfaCode else { return nil }
        let question = MFAQuestion(
            device: Printable.text(serial, limit: 256), role: Printable.text(role.arn, limit: 300))
        let code = try await mfaCode(question)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard code.count == 6, code.withUnsafeBytes({ $0.allSatisfy(digits.contains) }) else {
            throw ToldAtOnce(
                error: .configuration(
                    "a code of the MFA device \(question.device) has six digits, and what was entered has not; nothing was "
                        + "sent. Try again with the code that it shows then"))
        }
        return AssumeRole.MFA(serial: serial, code: code)
    }

    /// Whoever signs a call must not take what became of ours for what became of theirs, which was not sent.
    ///
    /// - Parameter withCode: Whether somebody entered a code for it, who must hear what STS says of it.
    private static func told(
        _ role: String, withCode: Bool = false, _ call: () async throws -> Credentials
    ) async throws -> Credentials {
        do { return try await call() } catch AWSError.answerLost(_, let endpoint, let reason) {
            throw AWSError.configuration(
                "the role \(role) was not assumed: \(endpoint) gave no usable answer (\(reason)). The MFA code is spent: try "
                    + "again with the next one")
        } catch let error as AWSError {
            let told = AWSError.configuration("the role \(role) was not assumed: \(error)")
            if withCode, error.code != nil { throw ToldAtOnce(error: told) }
            throw told
        }
    }
}
