import Foundation
import Glibc

/// What AWS's variables and shared files say, read as botocore reads them, or refused.
///
/// Where this and botocore differ, this refuses, but for two things: `AWS_REGION` counts before `AWS_DEFAULT_REGION` (as
/// for AWS's other SDKs), and an empty variable, but for `AWS_CA_BUNDLE`, counts as none.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
package struct SharedSettings: Sendable {
    /// Which profile and files; nil leaves each to the environment, and then to its default.
    package struct Choice: Hashable, Sendable {
        /// Named here, the environment's access key does not count.
        package let profile: String?
        package let configFile: String?
        package let credentialsFile: String?

        package init(profile: String? = nil, configFile: String? = nil, credentialsFile: String? = nil) {
            self.profile = profile
            self.configFile = configFile
            self.credentialsFile = credentialsFile
        }
    }

    private let variables: EnvironmentVariables
    private let files: SharedFiles
    private let isProfileNamed: Bool
    private let profileName: String
    private let profile: INIFile.Settings

    /// Reads the files, secrets into locked memory.
    ///
    /// - Throws: `AWSError.configuration` with file and line of what cannot be read, or naming a profile that is not
    ///   there; `CryptoError` when memory cannot be locked.
    package init(_ variables: EnvironmentVariables = EnvironmentVariables(), choosing choice: Choice = Choice()) throws
    {
        self.variables = variables
        let names = (config: "AWS_CONFIG_FILE", credentials: "AWS_SHARED_CREDENTIALS_FILE")
        files = SharedFiles(
            config: try Self.file(choice.configFile, variables, names.config, else: "~/.aws/config"),
            credentials: try Self.file(
                choice.credentialsFile, variables, names.credentials, else: "~/.aws/credentials"),
            paths: try [(names.config, choice.configFile), (names.credentials, choice.credentialsFile)].compactMap {
                name, path in try path.map { (name, try Self.expanded($0, variables)) }
            })
        isProfileNamed = choice.profile != nil
        let wanted = try choice.profile ?? Self.profile(variables)
        profileName = wanted ?? SharedFiles.defaultProfile
        if let wanted, files.profiles[wanted] == nil {
            throw AWSError.configuration(
                "the AWS profile \"\(Printable.text(wanted, limit: 128))\" is in neither shared file; "
                    + "correct its name, or add it" + files.others)
        }
        profile = files.profiles[profileName] ?? [:]
    }

    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`, else the profile's `region`; nil if nothing says it.
    package func region() throws -> Region? {
        let name = variables.text("AWS_REGION") ?? variables.text("AWS_DEFAULT_REGION") ?? text("region")
        return try name.map(Region.init)
    }

    /// A service's endpoint from `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile's `services` section or its
    /// `endpoint_url`, in this order; nil if nothing says it, or if configured endpoints are to be ignored.
    ///
    /// - Parameter service: `kms`, `sts`.
    package func endpoint(for service: String) throws -> Endpoint? {
        if try flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") { return nil }
        let url =
            try variables.text("AWS_ENDPOINT_URL_" + service.uppercased()) ?? variables.text("AWS_ENDPOINT_URL")
            ?? serviceSettings(service)["endpoint_url"] ?? text("endpoint_url")
        guard let url, !url.isEmpty else {
            try requireRegional(service)
            return nil
        }
        guard try variant() == EndpointVariant() else {
            throw AWSError.configuration(
                "an endpoint for \(service) is configured, and FIPS or dual stack too; those are for the Region's own")
        }
        return try Endpoint(url)
    }

    /// STS's one address for all Regions answers from one of them: who asked for it must say so as an endpoint.
    private func requireRegional(_ service: String) throws {
        let kind = variables.text("AWS_STS_REGIONAL_ENDPOINTS") ?? text("sts_regional_endpoints") ?? "regional"
        guard service != "sts" || kind.lowercased() == "regional" else {
            throw AWSError.configuration(
                "AWS_STS_REGIONAL_ENDPOINTS, or the profile's sts_regional_endpoints, must be regional; correct it, or name "
                    + "STS's endpoint")
        }
    }

    /// `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT`, or the profile's settings of these names.
    package func variant() throws -> EndpointVariant {
        EndpointVariant(
            fips: try flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            dualStack: try flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"))
    }

    /// The path of a file of CA certificates: `AWS_CA_BUNDLE`, or the profile's `ca_bundle`; nil if nothing says it.
    ///
    /// - Throws: `AWSError.configuration` for one that is set to nothing: whoever set it does not trust the system's.
    package func caFile() throws -> String? {
        let variable = "AWS_CA_BUNDLE"
        let (place, path): (String, String?)
        if variables.isSet(variable) {
            (place, path) = (variable, variables.text(variable))
        } else if let setting = profile["ca_bundle"] {
            (place, path) = ("\(setting.place): ca_bundle", text("ca_bundle"))
        } else {
            return nil
        }
        guard let path, !path.allSatisfy(\.isWhitespace) else {
            throw AWSError.configuration("\(place) names no file; name one, or remove it")
        }
        return path
    }

    /// The proxy of `HTTPS_PROXY` with the exceptions of `NO_PROXY`, each in lowercase first.
    package static func proxy(_ variables: EnvironmentVariables) throws -> ProxyRule? {
        func value(_ name: String) -> String? {
            variables.isSet(name.lowercased()) ? variables.text(name.lowercased()) : variables.text(name)
        }
        return try value("HTTPS_PROXY").map {
            ProxyRule(proxy: try Proxy($0), exceptions: value("NO_PROXY") ?? "")
        }
    }

    /// Where the access key comes from: the environment, unless a profile was named; else the profile.
    ///
    /// - Parameter means: What some of them need beside variables and files.
    /// - Throws: `AWSError.configuration` saying what is missing or wrong; `CryptoError` when memory cannot be locked.
    package func credentials(_ means: CredentialMeans = CredentialMeans()) throws -> any CredentialsProvider {
        let environment = EnvironmentCredentials(variables)
        if !isProfileNamed, environment.areThere {
            guard means.tags.isEmpty else {
                throw AWSError.configuration(
                    "session tags are for the session of a role, and the environment has an access key; remove one")
            }
            return try environment.credentials()
        }
        return try ProfileCredentials(
            files: files, variables: variables, means: means, readsVariables: !isProfileNamed
        ).provider(of: profileName)
    }

    /// The hosts, in the form of endpoints, of servers that give credentials, where variables or the profile name some: by
    /// the name of the setting.
    package func credentialHosts() -> [String: Endpoint] {
        let container = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        let (metadata, own) = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
        let urls = [
            container: variables.text(container), metadata: isProfileNamed ? nil : variables.text(metadata),
            own: text(own),
        ]
        return urls.compactMapValues { url in
            guard let host = url.flatMap({ URLComponents(string: $0) })?.host.map(HostName.bare),
                HostName.isPlausible(host)
            else { return nil }
            return Endpoint(selfProving: .http, host: host, port: nil)
        }
    }

    private func text(_ name: String) -> String? {
        profile[name].flatMap { $0.isBlock || $0.text.isEmpty ? nil : $0.text }
    }

    private func flag(_ variable: String, _ setting: String) throws -> Bool {
        let (name, text) = variables.text(variable).map { (variable, $0) } ?? (setting, text(setting) ?? "false")
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default: throw AWSError.configuration("\(name) must be true or false; correct it")
        }
    }

    private func serviceSettings(_ service: String) throws -> [String: String] {
        guard let name = text("services") else { return [:] }
        guard let section = files.services[name] else {
            throw AWSError.configuration(
                "the AWS profile \(Printable.text(profileName, limit: 128)) names the services section "
                    + "\(Printable.text(name, limit: 128)), which is not in the config file; add it")
        }
        guard let settings = section[service] else { return [:] }
        guard settings.isBlock else {
            throw AWSError.configuration("\(settings.place): below \(service) = an indented block must stand")
        }
        return try settings.block()
    }

    /// `AWS_DEFAULT_PROFILE` is botocore's first choice, `AWS_PROFILE` everybody else's.
    private static func profile(_ variables: EnvironmentVariables) throws -> String? {
        let (old, new) = (variables.text("AWS_DEFAULT_PROFILE"), variables.text("AWS_PROFILE"))
        if let old, let new, old != new {
            throw AWSError.configuration("AWS_PROFILE and AWS_DEFAULT_PROFILE name different profiles; unset one")
        }
        return new ?? old
    }

    /// - Returns: Nil where nothing is, unless the path was chosen in so many words.
    private static func file(
        _ chosen: String?, _ variables: EnvironmentVariables, _ variable: String, else path: String
    ) throws -> INIFile? {
        let name = try expanded(chosen ?? variables.text(variable) ?? path, variables)
        let file = try INIFile(reading: name)
        guard chosen == nil || file != nil else {
            throw AWSError.configuration("\(Printable.text(name, limit: 300)) is no file; correct its path")
        }
        return file
    }

    private static func expanded(_ path: String, _ variables: EnvironmentVariables) throws -> String {
        guard !path.contains("$") else {
            throw AWSError.configuration("\(Printable.text(path, limit: 300)) holds a $; write the path out")
        }
        guard path.hasPrefix("~") else { return path }
        guard path == "~" || path.hasPrefix("~/"), let home = variables.text("HOME") ?? homeByPasswd() else {
            throw AWSError.configuration("\(Printable.text(path, limit: 300)) cannot be found; write the path out")
        }
        return home + path.dropFirst()
    }

    private static func homeByPasswd() -> String? {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) }
    }
}
