import CryptoPrimitives
import Foundation

/// The access key of a profile, looked for where botocore looks and in its order.
struct ProfileCredentials {
    private let name: String
    private let files: SharedFiles

    init(name: String, files: SharedFiles) {
        self.name = name
        self.files = files
    }

    /// - Throws: `AWSError.configuration` where there is none, or only what Keyrite does not know yet.
    func provider(processTimeout: Double) throws -> any CredentialsProvider {
        let profile = files.profiles[name] ?? [:]
        if profile["web_identity_token_file"] != nil { throw unknown("a web identity token") }
        if let role = profile["role_arn"] { throw try refusal(ofRole: role) }
        if profile["sso_account_id"] != nil || profile["sso_role_name"] != nil { throw unknown("IAM Identity Center") }
        if let credentials = try Self.keys(files.credentialsProfiles[name]) { return credentials }
        if profile["login_session"] != nil { throw unknown("a login session") }
        if let process = profile["credential_process"] {
            let process = try CredentialProcess(process, profile: readableName, timeout: processTimeout)
            return RefreshingCredentials { now in try await process.credentials(at: now) }
        }
        if let credentials = try Self.keys(files.configProfiles[name]) { return credentials }
        throw AWSError.configuration(
            "the AWS profile \(readableName) has no credentials; give it aws_access_key_id and aws_secret_access_key, or "
                + "a credential_process")
    }

    private var readableName: String { "\"\(Printable.text(name, limit: 128))\"" }

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

    private func unknown(_ what: String) -> AWSError {
        .configuration(
            "the AWS profile \(readableName) takes its credentials from \(what), which Keyrite does not know yet; "
                + "use a profile with access keys or a credential_process")
    }

    /// Follows the chain of source profiles, so that what is wrong with it is told rather than that roles are not known.
    private func refusal(ofRole role: INIValue) throws -> AWSError {
        var chain = [name]
        while let current = chain.last, let settings = files.profiles[current], settings["role_arn"] != nil {
            guard let source = try Self.source(of: current, settings) else { break }
            guard files.profiles[source] != nil else {
                throw AWSError.configuration(
                    "the AWS profile \(Self.readable(current)) names the source_profile \(Self.readable(source)), which is "
                        + "in neither shared file; correct it")
            }
            // A profile may be its own source: the role is assumed with the keys that stand beside it.
            if source == current, settings["aws_access_key_id"] != nil { break }
            guard !chain.contains(source) else {
                throw AWSError.configuration(
                    "the source profiles \((chain + [source]).map(Self.readable).joined(separator: ", ")) lead in a "
                        + "circle; correct one")
            }
            chain.append(source)
        }
        let sources = chain.dropFirst().map(Self.readable).joined(separator: ", then ")
        return .configuration(
            "the AWS profile \(readableName) assumes the role \(Printable.text(role.text, limit: 200))"
                + (sources.isEmpty ? "" : " with the credentials of \(sources)")
                + ", and Keyrite does not assume roles yet; use a profile with access keys or a credential_process")
    }

    /// The profile whose credentials a role is assumed with; nil where another source is named.
    private static func source(of name: String, _ settings: INIFile.Settings) throws -> String? {
        switch (settings["source_profile"], settings["credential_source"]) {
        case (let profile?, nil): return profile.text
        case (nil, _?): return nil
        case (nil, nil):
            throw AWSError.configuration(
                "the AWS profile \(readable(name)) has a role_arn, and neither source_profile nor credential_source")
        case (_?, _?):
            throw AWSError.configuration(
                "the AWS profile \(readable(name)) has both source_profile and credential_source; remove one")
        }
    }

    private static func readable(_ name: String) -> String { "\"\(Printable.text(name, limit: 128))\"" }
}
