import CryptoPrimitives
import Foundation

/// The credentials of a profile, looked for where botocore looks and in its order.
struct ProfileCredentials {
    let files: SharedFiles
    let variables: EnvironmentVariables
    let means: CredentialMeans
    /// Whether variables that say where credentials come from count: not where a profile was named.
    let readsVariables: Bool

    /// - Parameter name: The profile's.
    /// - Throws: `AWSError.configuration` where there are none, or they cannot be had.
    func provider(of name: String) throws -> any CredentialsProvider {
        let profile = files.profiles[name] ?? [:]
        if Self.isRole(profile) { return try RoleChain(self).provider(of: name) }
        guard means.tags.isEmpty else {
            throw AWSError.configuration(
                "session tags are for the session of a role, and the AWS profile \(Self.readable(name)) assumes none with "
                    + "other credentials; remove the tags, or give it a role_arn")
        }
        if let found = try own(of: name, readsVariables: readsVariables) { return found }
        let missing =
            half(of: profile)
            + "the AWS profile \(Self.readable(name)) has no credentials; give it aws_access_key_id and "
            + "aws_secret_access_key, or a credential_process"
            + (readsVariables
                ? "; or choose another profile by AWS_PROFILE, or set AWS_ACCESS_KEY_ID and its like" : "")
        // Who names a profile means that profile, and not whatever else this machine may have.
        guard readsVariables, files.profiles[name] == nil || name == SharedFiles.defaultProfile else {
            throw AWSError.configuration(missing)
        }
        if ContainerCredentials.areThere(variables) { return try container() }
        guard !InstanceCredentials.areDisabled(variables) else { throw AWSError.configuration(missing) }
        let instance = try instance(profile)
        return RefreshingCredentials { now in
            do { return try await instance.credentials(at: now) } catch AWSError.configuration(let reason) {
                throw AWSError.configuration("\(missing). On an EC2 instance its role would do, but \(reason)")
            }
        }
    }

    /// A secret without its key id, which botocore takes for nothing, and which is easily overlooked.
    private func half(of profile: INIFile.Settings) -> String {
        if let secret = profile["aws_secret_access_key"] {
            return "\(secret.place): aws_secret_access_key has no aws_access_key_id beside it; "
        }
        guard readsVariables, variables.isSet("AWS_SECRET_ACCESS_KEY") else { return "" }
        return "AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not; "
    }

    /// Whether a profile is a role that is assumed with other credentials.
    static func isRole(_ profile: INIFile.Settings) -> Bool {
        profile["role_arn"] != nil && profile["web_identity_token_file"] == nil
    }

    /// Whether keys stand in a profile, whole or not.
    static func hasKeys(_ profile: INIFile.Settings) -> Bool {
        profile["aws_access_key_id"] != nil || profile["aws_secret_access_key"] != nil
    }

    /// What a profile has but for a role that is assumed with other credentials; nil if it has nothing.
    func own(of name: String, readsVariables: Bool) throws -> (any CredentialsProvider)? {
        let profile = files.profiles[name] ?? [:]
        if let role = try webIdentity(profile, readsVariables: readsVariables) { return role }
        if profile["sso_account_id"] != nil || profile["sso_role_name"] != nil {
            return try exported(name, "IAM Identity Center", signingIn: "sso login")
        }
        if let credentials = try Self.keys(files.credentialsProfiles[name]) { return credentials }
        if profile["login_session"] != nil { return try exported(name, "a login session", signingIn: "login") }
        if let process = profile["credential_process"] {
            let process = try CredentialProcess(
                process, profile: Self.readable(name), timeout: means.processTimeout)
            return RefreshingCredentials { now in try await process.credentials(at: now) }
        }
        return try Self.keys(files.configProfiles[name])
    }

    static func readable(_ name: String) -> String { "\"\(Printable.text(name, limit: 128))\"" }

    func container() throws -> any CredentialsProvider {
        let container = try ContainerCredentials(variables)
        return RefreshingCredentials { now in try await container.credentials(at: now) }
    }

    /// - Parameter profile: The settings of the service stand here, too.
    func instance(_ profile: INIFile.Settings) throws -> InstanceCredentials {
        try InstanceCredentials(variables) { variable, name in
            (readsVariables ? variables.text(variable) : nil)
                ?? profile[name].flatMap { $0.isBlock || $0.text.isEmpty ? nil : $0.text }
        }
    }

    private func webIdentity(
        _ profile: INIFile.Settings, readsVariables: Bool
    ) throws -> (any CredentialsProvider)? {
        func setting(_ variable: String, _ name: String) -> String? {
            (readsVariables ? variables.text(variable) : nil) ?? profile[name]?.text
        }
        guard let file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file"), !file.isEmpty else {
            return nil
        }
        guard let role = setting("AWS_ROLE_ARN", "role_arn"), !role.isEmpty else {
            throw AWSError.configuration(
                "there is a web identity token in \(Printable.text(file, limit: 300)), and no role for it; set AWS_ROLE_ARN, "
                    + "or give the profile a role_arn")
        }
        let name = setting("AWS_ROLE_SESSION_NAME", "role_session_name") ?? means.sessionName
        return try AssumedRole(
            arn: role, sessionName: SessionName(name, from: "AWS_ROLE_SESSION_NAME or role_session_name"),
            tokenFile: file, by: means)
    }

    /// What the aws CLI exports, where the site says which one.
    private func exported(_ name: String, _ what: String, signingIn: String) throws -> any CredentialsProvider {
        let own = "configure export-credentials --profile \(name) --format process"
        guard let program = means.awsProgram else {
            throw AWSError.configuration(
                "the AWS profile \(Self.readable(name)) takes its credentials from \(what), which Keyrite does not speak; "
                    + "use a profile with credential_process = aws \(Printable.text(own)), or have the site's aws.awsProgram "
                    + "name the aws CLI")
        }
        let process = CredentialProcess(
            command: files.command([
                program, "configure", "export-credentials", "--profile", name, "--format", "process",
            ]),
            name: "\(Printable.text(program, limit: 200)) configure export-credentials for the AWS profile "
                + "\(Self.readable(name)),",
            remedy: "if people must sign in again, \(Printable.text(program, limit: 200)) \(signingIn) --profile "
                + "\(Printable.text(name, limit: 200)); else run it by hand to see why",
            timeout: means.processTimeout)
        return RefreshingCredentials { now in try await process.credentials(at: now) }
    }

    private static func keys(_ settings: INIFile.Settings?) throws -> Credentials? {
        guard let settings, let key = settings["aws_access_key_id"] else { return nil }
        guard let secret = settings["aws_secret_access_key"] else {
            throw AWSError.configuration("\(key.place): the profile has no aws_secret_access_key beside its key id")
        }
        // aws_security_token is the token's old name, and botocore's first choice.
        let token = try (settings["aws_security_token"] ?? settings["aws_session_token"])?.secret()
        let credentials = Credentials(
            accessKeyID: key.text, secretAccessKey: try secret.secret(),
            sessionToken: token.flatMap { $0.count > 0 ? $0 : nil })
        try credentials.require(from: "\(key.place): aws_access_key_id", at: Date())
        return credentials
    }
}
