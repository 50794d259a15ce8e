import AWS
import Ceremony

extension SiteAccess {
    /// The keys of the site's `aws`.
    static let keys = [
        "region", "endpoint", "stsEndpoint", "endpoints", "caFile", "proxy", "credentials", "roles", "sessionTags",
        "awsProgram",
    ]

    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    init(_ aws: StrictYAML) throws {
        let endpoint = try Self.setting(aws, "endpoint") { _ = try Endpoint($0) }
        let stsEndpoint = try Self.setting(aws, "stsEndpoint") { _ = try Endpoint($0) }
        let variant = try Self.variant(aws)
        if variant != EndpointVariant(), endpoint?.isNamed == true, stsEndpoint?.isNamed == true {
            throw aws.error(
                "endpoints", "chooses among the Region's own, and none is used", "Remove it, or an endpoint")
        }
        guard let region = try Self.setting(aws, "region", { _ = try Region($0) }) else {
            throw aws.error("region", "is missing", "Add it")
        }
        self.init(
            region: region, endpoint: endpoint, stsEndpoint: stsEndpoint, variant: variant,
            caFile: try Self.setting(aws, "caFile") { _ in }, proxy: try Self.proxy(aws),
            credentials: try Self.credentials(aws),
            roles: try aws.optionalTable("roles", keys: SiteRoles.keys).map(SiteRoles.init),
            sessionTags: try Self.sessionTags(aws), awsProgram: try Self.awsProgram(aws))
        guard credentials != .rehearsal || roles != nil || sessionTags.isEmpty && awsProgram == nil else {
            throw aws.error("credentials", "are not named, and something is to become of them", "Add them")
        }
        guard credentials == .rehearsal || usesOwnCredentials else {
            throw aws.error("credentials", "are nobody's, where each role has others", "Remove them, or assume a role")
        }
    }

    /// The site's `aws` as the YAML that `init(_:)` reads, indented once.
    var yaml: String {
        var lines = ["region: \(region.text)"]
        if let endpoint { lines.append("endpoint: \"\(endpoint.text)\"") }
        if let stsEndpoint { lines.append("stsEndpoint: \"\(stsEndpoint.text)\"") }
        if variant != EndpointVariant() { lines.append("endpoints: \(Self.text(variant))") }
        if let caFile { lines.append("caFile: \"\(caFile.text)\"") }
        switch proxy {
        case .none: break
        case .fromEnvironment: lines.append("proxy: \(SiteSetting.fromEnvironmentText)")
        case .named(let url, let exceptions):
            let names = exceptions.map { "\"\($0)\"" }.joined(separator: ", ")
            lines += ["proxy:", "  url: \"\(url)\"", "  except: [\(names)]"]
        }
        lines += Self.yaml(of: credentials, under: "credentials")
        if let roles { lines += roles.yaml }
        if !sessionTags.isEmpty {
            lines += ["sessionTags:"] + sessionTags.map { "  \"\($0.key)\": \"\($0.value)\"" }
        }
        if let awsProgram { lines.append("awsProgram: \"\(awsProgram)\"") }
        return lines.map { "  \($0)\n" }.joined()
    }

    private static func setting(
        _ aws: StrictYAML, _ key: String, _ check: (String) throws -> Void
    ) throws -> SiteSetting? {
        guard let setting = try aws.optionalString(key).map(SiteSetting.init) else { return nil }
        guard case .named(let text) = setting else { return setting }
        do { try check(text) } catch let error as AWSError { throw aws.error(key, "is wrong: \(error)", "Correct it") }
        return setting
    }

    private static let variants = [
        "standard": EndpointVariant(), "fips": EndpointVariant(fips: true),
        "dual-stack": EndpointVariant(dualStack: true), "fips-dual-stack": EndpointVariant(fips: true, dualStack: true),
    ]

    private static func text(_ variant: EndpointVariant?) -> String {
        variants.first { $0.value == variant }?.key ?? SiteSetting.fromEnvironmentText
    }

    private static func variant(_ aws: StrictYAML) throws -> EndpointVariant? {
        guard let text = try aws.optionalString("endpoints") else { return EndpointVariant() }
        if text == SiteSetting.fromEnvironmentText { return nil }
        guard let variant = variants[text] else {
            throw aws.error(
                "endpoints", "is not known", "Known are standard, fips, dual-stack, fips-dual-stack, from-environment")
        }
        return variant
    }

    private static func proxy(_ aws: StrictYAML) throws -> ProxySource {
        guard aws.has("proxy") else { return .none }
        guard try !aws.isFromEnvironment("proxy") else { return .fromEnvironment }
        let table = try aws.table("proxy", keys: ["url", "except"])
        let url = try table.string("url")
        do { _ = try Proxy(url) } catch let error as AWSError {
            throw table.error("url", "is wrong: \(error)", "Correct it")
        }
        return .named(url: url, exceptions: table.has("except") ? try table.strings("except") : [])
    }

    private static func sessionTags(_ aws: StrictYAML) throws -> [SessionTag] {
        guard let table = try aws.optionalTable("sessionTags", keys: nil) else { return [] }
        guard table.names.count <= 50 else { throw aws.error("sessionTags", "are over 50", "Remove some") }
        return try table.names.sorted().map { key in
            do { return try SessionTag(key: key, value: try table.string(key)) } catch let error as AWSError {
                throw table.error(key, "is wrong: \(error)", "Correct it")
            }
        }
    }

    /// It is started without a shell and looked for nowhere; to env(1), a = would make a setting of it.
    private static func awsProgram(_ aws: StrictYAML) throws -> String? {
        guard let path = try aws.optionalString("awsProgram") else { return nil }
        guard path.hasPrefix("/"), !path.contains("="), !path.contains("\0") else {
            throw aws.error("awsProgram", "must be the whole path of a program, without =", "Start it with /")
        }
        return path
    }

    private static func credentials(_ aws: StrictYAML) throws -> CredentialsSource {
        guard aws.has("credentials") else { return .rehearsal }
        guard try !aws.isFromEnvironment("credentials") else { return .fromEnvironment }
        return try profile(try aws.table("credentials", keys: ["profile", "configFile", "credentialsFile"]))
    }

    /// The profile that a table names.
    static func profile(_ table: StrictYAML) throws -> CredentialsSource {
        .profile(
            try table.string("profile"), configFile: try table.optionalString("configFile"),
            credentialsFile: try table.optionalString("credentialsFile"))
    }

    /// The lines that say under a key where credentials come from.
    static func yaml(of source: CredentialsSource, under key: String) -> [String] {
        switch source {
        case .rehearsal: return []
        case .fromEnvironment: return ["\(key): \(SiteSetting.fromEnvironmentText)"]
        case .profile(let name, let config, let credentials):
            let files = [("configFile", config), ("credentialsFile", credentials)]
            return ["\(key):", "  profile: \"\(name)\""]
                + files.compactMap { name, path in path.map { "  \(name): \"\($0)\"" } }
        }
    }
}

extension StrictYAML {
    /// Whether a value is `from-environment`, and not a mapping.
    ///
    /// - Throws: `CeremonyError` for any other text.
    func isFromEnvironment(_ key: String) throws -> Bool {
        guard isScalar(key) else { return false }
        guard try string(key) == SiteSetting.fromEnvironmentText else {
            throw error(key, "must be from-environment or a mapping", "Correct it")
        }
        return true
    }
}
