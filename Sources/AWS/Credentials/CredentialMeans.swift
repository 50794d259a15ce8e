package import CryptoPrimitives
package import Foundation

/// What finding credentials may need beside AWS's variables and files.
package struct CredentialMeans: Sendable {
    /// Asks a person for the six digits that a device of multi-factor authentication shows.
    package typealias MFACode = @Sendable (MFAQuestion) async throws -> SecretBytes

    /// For a program that prints credentials, in seconds.
    package var processTimeout: Double
    /// How STS is reached; whose credentials it is asked with is replaced. Without it no role can be assumed.
    package var sts: AWSClient.Configuration?
    /// Of a role's session, where neither profile nor environment names it.
    package var sessionName: String
    /// Given to the session of the last role.
    package var tags: [SessionTag]
    /// Nil where nobody can be asked.
    package var mfaCode: MFACode?
    /// The path of an `aws` of AWS's own that exports credentials of IAM Identity Center; nil for none.
    package var awsProgram: String?

    package init(
        processTimeout: Double = 60, sts: AWSClient.Configuration? = nil, sessionName: String = "keyrite",
        tags: [SessionTag] = [], mfaCode: MFACode? = nil, awsProgram: String? = nil
    ) {
        self.processTimeout = processTimeout
        self.sts = sts
        self.sessionName = sessionName
        self.tags = tags
        self.mfaCode = mfaCode
        self.awsProgram = awsProgram
    }
}

/// What a code is asked for.
package struct MFAQuestion: Hashable, Sendable {
    /// The device's ARN or serial number, in one printable line.
    package let device: String
    /// The role's ARN, in one printable line.
    package let role: String
}

/// Nobody's: for questions that are not signed, and for what gets its own later.
package struct NoCredentials: CredentialsProvider {
    package init() {}

    /// - Throws: `AWSError.configuration` in any case.
    package func credentials(at now: Date) async throws -> Credentials {
        throw AWSError.configuration("no AWS credentials were given; report this: it is Keyrite's fault")
    }
}
