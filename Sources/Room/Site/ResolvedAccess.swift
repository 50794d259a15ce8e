package import AWS
package import Ceremony
import CryptoPrimitives
package import Evidence

/// What the site's access comes down to, now: what the ceremony binds and what it calls with.
package struct ResolvedAccess: Sendable {
    package let region: Region
    /// Of KMS.
    package let endpoint: Endpoint
    package let stsEndpoint: Endpoint
    /// Of CloudTrail.
    package let trailEndpoint: Endpoint
    /// Which of the services' own addresses.
    let variant: EndpointVariant
    /// Where to ask what the caller may do; nil where that is not known.
    package let iam: PartitionAddress?
    package let authorities: CertificateAuthorities?
    package let proxy: ProxyRule?
    /// Of who looks, or does everything.
    package let credentials: IdentifiedCredentials
    /// Of the others; nil where one caller does everything.
    let otherRoles: [CallerRole: IdentifiedCredentials]?
    /// Where servers are that may give credentials, by the name of the setting that says so.
    package let credentialHosts: [String: Endpoint]
    /// Holds every answer to this host's clock.
    package let clockWatch: ClockWatch

    /// Whose calls are signed in a role; nil for nobody's.
    package func credentials(of role: CallerRole) -> IdentifiedCredentials? {
        guard let otherRoles, role != .look else { return credentials }
        return otherRoles[role]
    }

    /// All callers that there are. One that does everything stands at `look`.
    var everyone: [(role: CallerRole, credentials: IdentifiedCredentials)] {
        CallerRole.allCases.compactMap { role in
            role == .look ? (role, credentials) : otherRoles?[role].map { (role, $0) }
        }
    }

    /// How to look at the service at an endpoint.
    package func configuration(at endpoint: Endpoint) -> AWSClient.Configuration {
        configuration(at: endpoint, with: credentials)
    }

    /// How to call the service at an endpoint.
    package func configuration(
        at endpoint: Endpoint, with credentials: any CredentialsProvider
    ) -> AWSClient.Configuration {
        var configuration = AWSClient.Configuration(
            credentials: credentials, region: region, endpoint: endpoint, authorities: authorities)
        configuration.proxy = proxy
        configuration.retryRule.maximumThrottledAttempts = SiteAccess.throttledAttempts
        configuration.clockWatch = clockWatch
        return configuration
    }

    /// Who tells what the caller may do; nil where its address is not known.
    package func iamClient() throws -> IAMClient? {
        guard let iam else { return nil }
        var configuration = configuration(at: iam.endpoint)
        configuration.region = iam.region
        // Many rooms reach KMS and STS alone.
        configuration.connectTimeout = 3
        return try IAMClient(configuration)
    }

    /// How to look at a service in a Region; on this machine wherever KMS is.
    ///
    /// - Parameter account: Whose credentials it is looked at with; nil for the site's own.
    /// - Throws: `AWSError.configuration` for a Region of another partition.
    package func configuration(
        for service: String, in other: Region, with account: (any CredentialsProvider)? = nil
    ) throws -> AWSClient.Configuration {
        guard other.partition == region.partition else {
            throw AWSError.configuration("\(other) is in another partition than the site's Region \(region)")
        }
        let isOurs = endpoint.isLoopback || service == KMSWire.service && other == region
        var configuration = configuration(
            at: isOurs ? endpoint : try other.endpoint(of: service, variant), with: account ?? credentials)
        configuration.region = other
        // Many rooms reach KMS and STS alone.
        configuration.connectTimeout = 3
        return configuration
    }

    /// Who has AWS's own record.
    package func trailClient() throws -> CloudTrailClient { try CloudTrailClient(configuration(at: trailEndpoint)) }

    /// What the plan binds of it.
    ///
    /// - Parameters:
    ///   - caller: Whom STS takes the credentials for.
    ///   - others: The same of those that do not look.
    package func environment(of caller: CallerIdentity, others: RoleCallers? = nil) -> AWSEnvironment {
        AWSEnvironment(
            partition: region.partition?.rawValue ?? "unknown", account: caller.account, region: region.name,
            endpoint: endpoint.description, stsEndpoint: stsEndpoint.description,
            authorities: authorities?.digest.hex ?? "system",
            proxy: proxy.map { PercentEncoding.encode($0.description) } ?? "none",
            caller: PercentEncoding.encode(caller.arn), callers: others)
    }

    /// The callers that do not look; nil where one does everything.
    ///
    /// - Parameter callers: Of everyone.
    func others(_ callers: [CallerRole: CallerIdentity]) -> RoleCallers? {
        guard otherRoles != nil else { return nil }
        func arn(_ role: CallerRole) -> String? { callers[role].map { PercentEncoding.encode($0.arn) } }
        guard let fetch = arn(.fetch), let importing = arn(.import), let activate = arn(.activate) else { return nil }
        return RoleCallers(create: arn(.create), fetch: fetch, import: importing, activate: activate)
    }
}

extension SiteAccess {
    /// Others share the account's quotas; a quorum that has come can wait a minute.
    static let throttledAttempts = 8

    /// Where the services are, which needs no credentials.
    struct Place {
        let region: Region
        let endpoint: Endpoint
        let stsEndpoint: Endpoint
        /// Of CloudTrail; on this machine wherever KMS is.
        let trailEndpoint: Endpoint
        let variant: EndpointVariant
        /// On this machine wherever KMS is.
        let iam: PartitionAddress?
    }

    /// Finds the endpoints, reading AWS's variables and files only for what the site leaves to them.
    ///
    /// - Throws: `AWSError.configuration`.
    func place(_ variables: EnvironmentVariables) throws -> Place {
        let isLeft = [region, endpoint, stsEndpoint].contains(.fromEnvironment) || variant == nil
        let settings = isLeft ? try SharedSettings(variables, choosing: choice) : nil
        let region = try Self.region(self.region, settings)
        let variant = try self.variant ?? settings?.variant() ?? EndpointVariant()
        let kms = try Self.endpoint(endpoint, "kms", settings)
        let sts = try Self.endpoint(stsEndpoint, "sts", settings) ?? kms.flatMap { $0.isLoopback ? $0 : nil }
        return Place(
            region: region, endpoint: try kms ?? region.endpoint(for: "kms", variant),
            stsEndpoint: try sts ?? region.endpoint(for: "sts", variant),
            trailEndpoint: try kms.flatMap { $0.isLoopback ? $0 : nil } ?? region.endpoint(for: "cloudtrail", variant),
            variant: variant,
            iam: kms.flatMap { $0.isLoopback ? PartitionAddress(endpoint: $0, region: region) : nil }
                ?? .iam(of: region, variant))
    }

    /// Finds all of it. A `credential_process` runs, and a role is assumed, when the first call is signed.
    ///
    /// - Parameters:
    ///   - session: The name of a role's session, where the profile has none.
    ///   - mfaCode: Who is asked for the code of an MFA device; nil for nobody.
    /// - Throws: `AWSError.configuration`, `CryptoError`.
    package func resolved(
        _ variables: EnvironmentVariables = EnvironmentVariables(), session: String = CeremonySession.unnamed,
        mfaCode: CredentialMeans.MFACode? = nil
    ) throws -> ResolvedAccess {
        let place = try place(variables)
        let authorities = try authorities(variables)
        let proxy = try proxyRule(variables)
        var sts = AWSClient.Configuration(
            credentials: NoCredentials(), region: place.region, endpoint: place.stsEndpoint, authorities: authorities)
        sts.proxy = proxy
        sts.retryRule.maximumThrottledAttempts = Self.throttledAttempts
        let clockWatch = ClockWatch()
        sts.clockWatch = clockWatch
        let means = CredentialMeans(
            sts: sts, sessionName: session, tags: sessionTags, mfaCode: mfaCode, awsProgram: awsProgram)
        func identified(_ provider: any CredentialsProvider) -> IdentifiedCredentials {
            IdentifiedCredentials(provider) { [sts] credentials in
                var own = sts
                own.credentials = credentials
                return try await STSClient(own).getCallerIdentity()
            }
        }
        var everyone = try providers(variables, means).mapValues(identified)
        guard let looking = everyone.removeValue(forKey: .look) else {
            throw AWSError.configuration("nobody looks; report this: it is Keyrite's fault")
        }
        return ResolvedAccess(
            region: place.region, endpoint: place.endpoint, stsEndpoint: place.stsEndpoint,
            trailEndpoint: place.trailEndpoint, variant: place.variant, iam: place.iam, authorities: authorities,
            proxy: proxy,
            credentials: looking, otherRoles: roles == nil ? nil : everyone,
            credentialHosts: try credentialHosts(variables), clockWatch: clockWatch)
    }

    /// Of all servers that any of the credentials may come from; of two by one setting, the one that may be this machine.
    private func credentialHosts(_ variables: EnvironmentVariables) throws -> [String: Endpoint] {
        var hosts: [String: Endpoint] = [:]
        for source in credentialSources where source != .rehearsal {
            let found = try SharedSettings(variables, choosing: Self.choice(source)).credentialHosts()
            hosts.merge(found) { $0.mayBeThisMachine ? $0 : $1 }
        }
        return hosts
    }

    private var choice: SharedSettings.Choice { Self.choice(credentials) }

    private static func choice(_ source: CredentialsSource) -> SharedSettings.Choice {
        guard case .profile(let name, let config, let credentials) = source else { return .init() }
        return .init(profile: name, configFile: config, credentialsFile: credentials)
    }

    private static func region(_ setting: SiteSetting, _ settings: SharedSettings?) throws -> Region {
        if case .named(let name) = setting { return try Region(name) }
        guard let region = try settings?.region() else {
            throw AWSError.configuration(
                "the site leaves the Region to the environment, which names none; set AWS_REGION, or name it in the site"
            )
        }
        return region
    }

    private static func endpoint(
        _ setting: SiteSetting?, _ service: String, _ settings: SharedSettings?
    ) throws -> Endpoint? {
        switch setting {
        case .named(let url): try Endpoint(url)
        case .fromEnvironment: try settings?.endpoint(for: service)
        case nil: nil
        }
    }

    private func authorities(_ variables: EnvironmentVariables) throws -> CertificateAuthorities? {
        let path: String? =
            switch caFile {
            case .named(let path): path
            case .fromEnvironment: try SharedSettings(variables, choosing: choice).caFile()
            case nil: nil
            }
        return try path.map(CertificateAuthorities.init(pemFile:))
    }

    /// The way to servers off this machine; nil for the straight one.
    func proxyRule(_ variables: EnvironmentVariables) throws -> ProxyRule? {
        switch proxy {
        case .none: nil
        case .fromEnvironment: try SharedSettings.proxy(variables)
        case .named(let url, let exceptions): ProxyRule(proxy: try Proxy(url), exceptions: exceptions)
        }
    }

    /// Everyone's credentials; of one caller that does everything, at `look`.
    private func providers(
        _ variables: EnvironmentVariables, _ means: CredentialMeans
    ) throws -> [CallerRole: any CredentialsProvider] {
        guard let roles else { return [.look: try Self.provider(credentials, variables, means)] }
        // The tags are those of the sessions that call.
        var meansOfOwn = means
        meansOfOwn.tags = []
        let own = usesOwnCredentials ? try Self.provider(credentials, variables, meansOfOwn) : NoCredentials()
        return try roles.sources.mapValues { source in
            switch source {
            case .credentials(let other): return try Self.provider(other, variables, means)
            case .assumed(let arn, let externalID):
                let name = try SessionName(means.sessionName, from: "the session name that the ceremony gives")
                return try AssumedRole(
                    AssumedRole.Role(arn: arn, sessionName: name, externalID: externalID, tags: means.tags), from: own,
                    by: means)
            }
        }
    }

    private static func provider(
        _ source: CredentialsSource, _ variables: EnvironmentVariables, _ means: CredentialMeans
    ) throws -> any CredentialsProvider {
        switch source {
        case .rehearsal: try RehearsalCredentials.make()
        case .fromEnvironment, .profile: try SharedSettings(variables, choosing: choice(source)).credentials(means)
        }
    }
}
