package import Foundation

/// The access key that every AWS tool reads from its environment.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html>
package struct EnvironmentCredentials: Sendable {
    private let variables: EnvironmentVariables

    package init(_ variables: EnvironmentVariables = EnvironmentVariables()) {
        self.variables = variables
    }

    /// Whether the environment has an access key, whole or not.
    var areThere: Bool { variables.text("AWS_ACCESS_KEY_ID") != nil }

    /// Reads the access key. The secret and the token go into locked memory and nowhere else; the environment itself
    /// keeps its copy.
    ///
    /// - Throws: `AWSError.configuration` naming what is missing, wrong or expired, `CryptoError` when memory cannot be
    ///   locked.
    package func credentials(at now: Date = Date()) throws -> Credentials {
        guard let accessKeyID = variables.text("AWS_ACCESS_KEY_ID"),
            let secret = try variables.secret("AWS_SECRET_ACCESS_KEY")
        else {
            throw AWSError.configuration(
                "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                    + "and AWS_SESSION_TOKEN for temporary ones")
        }
        // AWS_SECURITY_TOKEN is the token's old name, and botocore's first choice.
        let token = try variables.secret("AWS_SECURITY_TOKEN") ?? variables.secret("AWS_SESSION_TOKEN")
        let expiration = try variables.text("AWS_CREDENTIAL_EXPIRATION").map { text in
            guard let time = ISOTime.parse(text) else {
                throw AWSError.configuration(
                    "AWS_CREDENTIAL_EXPIRATION is not a time such as 2026-07-01T12:00:00Z; correct or unset it")
            }
            return time
        }
        let credentials = Credentials(
            accessKeyID: accessKeyID, secretAccessKey: secret, sessionToken: token, expiration: expiration)
        try credentials.require(
            from: "AWS_ACCESS_KEY_ID", at: now,
            remedy: "get new ones, and set the variables anew in this shell, or name a profile in the site")
        return credentials
    }
}
