import Foundation

/// A profile's role and those by which one comes to it, as botocore follows them.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
struct RoleChain {
    private let profiles: ProfileCredentials
    /// From the profile that was asked for to the one that is looked at.
    private var chain: [String] = []

    init(_ profiles: ProfileCredentials) {
        self.profiles = profiles
    }

    /// - Parameter name: Of a profile that is a role.
    /// - Throws: `AWSError.configuration` naming the profile that is wrong.
    func provider(of name: String) throws -> any CredentialsProvider {
        var own = self
        own.chain.append(name)
        return try own.last()
    }

    private func last() throws -> any CredentialsProvider {
        guard let name = chain.last, let settings = profiles.files.profiles[name],
            let arn = settings["role_arn"]?.text
        else { throw AWSError.configuration("no AWS profile has a role; report this: it is Keyrite's fault") }
        let role = AssumedRole.Role(
            arn: arn, sessionName: try sessionName(settings), duration: try Self.duration(settings),
            externalID: settings["external_id"]?.text, mfaSerial: settings["mfa_serial"]?.text,
            tags: chain.count == 1 ? profiles.means.tags : [])
        return try AssumedRole(role, from: try base(of: name, settings), by: profiles.means)
    }

    private func sessionName(_ settings: INIFile.Settings) throws -> SessionName {
        if let own = settings["role_session_name"] {
            return try SessionName(own.text, from: "\(own.place): role_session_name")
        }
        return try SessionName(profiles.means.sessionName, from: "the session name that the ceremony gives")
    }

    private static func duration(_ settings: INIFile.Settings) throws -> Int? {
        guard let setting = settings["duration_seconds"] else { return nil }
        guard let seconds = Int(setting.text), (900...43_200).contains(seconds) else {
            throw AWSError.configuration("\(setting.place): duration_seconds must be 900 to 43200; correct it")
        }
        return seconds
    }

    /// Whose credentials a role is assumed with.
    private func base(of name: String, _ settings: INIFile.Settings) throws -> any CredentialsProvider {
        switch (settings["source_profile"], settings["credential_source"]) {
        case (let profile?, nil): return try source(profile.text, of: name)
        case (nil, let source?): return try named(source, settings)
        case (nil, nil):
            throw AWSError.configuration(
                "the AWS profile \(readable(name)) has a role_arn, and neither source_profile nor credential_source")
        case (_?, _?):
            throw AWSError.configuration(
                "the AWS profile \(readable(name)) has both source_profile and credential_source; remove one")
        }
    }

    private func source(_ source: String, of name: String) throws -> any CredentialsProvider {
        guard let settings = profiles.files.profiles[source] else {
            throw AWSError.configuration(
                "the AWS profile \(readable(name)) names the source_profile \(readable(source)), which is in neither "
                    + "shared file; correct it")
        }
        let hasKeys = ProfileCredentials.hasKeys(settings)
        // A profile may be its own source: the role is assumed with the keys that stand beside it.
        guard !chain.contains(source) || source == name && hasKeys else {
            throw AWSError.configuration(
                "the source profiles \((chain + [source]).map(readable).joined(separator: ", ")) lead in a circle; "
                    + "correct one")
        }
        if !hasKeys, ProfileCredentials.isRole(settings) { return try provider(of: source) }
        guard let found = try profiles.own(of: source, readsVariables: false) else {
            throw AWSError.configuration(
                "the AWS profile \(readable(name)) has the source_profile \(readable(source)), which has no credentials; "
                    + "give it some")
        }
        return found
    }

    /// What `credential_source` names: no other names are known, and in no other case.
    private func named(_ source: INIValue, _ settings: INIFile.Settings) throws -> any CredentialsProvider {
        switch source.text {
        case "Environment": return try EnvironmentCredentials(profiles.variables).credentials()
        case "EcsContainer":
            guard ContainerCredentials.areThere(profiles.variables) else {
                throw AWSError.configuration(
                    "\(source.place): the credentials are to come from the container's host, and AWS_CONTAINER_CREDENTIALS_"
                        + "RELATIVE_URI and _FULL_URI name none; run it in such a container")
            }
            return try profiles.container()
        case "Ec2InstanceMetadata":
            let instance = try profiles.instance(settings)
            return RefreshingCredentials { now in try await instance.credentials(at: now) }
        default:
            throw AWSError.configuration(
                "\(source.place): credential_source must be Environment, Ec2InstanceMetadata or EcsContainer; correct it"
            )
        }
    }

    private func readable(_ name: String) -> String { ProfileCredentials.readable(name) }
}
