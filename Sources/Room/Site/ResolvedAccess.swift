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
    /// Where to ask what the caller may do; nil where that is not known.
    package let iam: IAMAddress?
    package let authorities: CertificateAuthorities?
    package let proxy: ProxyRule?
    package let credentials: IdentifiedCredentials
    /// Where servers are that may give credentials, by the name of the setting that says so.
    package let credentialHosts: [String: Endpoint]

    /// How to call the service at an endpoint.
    package func configuration(at endpoint: Endpoint) -> AWSClient.Configuration {
        var configuration = AWSClient.Configuration(
            credentials: credentials, region: region, endpoint: endpoint, authorities: authorities)
        configuration.proxy = proxy
        configuration.retryRule.maximumThrottledAttempts = SiteAccess.throttledAttempts
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

    /// Who has AWS's own record.
    package func trailClient() throws -> CloudTrailClient { try CloudTrailClient(configuration(at: trailEndpoint)) }

    /// What the plan binds of it.
    ///
    /// - Parameter caller: Whom STS takes the credentials for.
    package func environment(of caller: CallerIdentity) -> AWSEnvironment {
        AWSEnvironment(
            partition: region.partition?.rawValue ?? "unknown", account: caller.account, region: region.name,
            endpoint: endpoint.description, stsEndpoint: stsEndpoint.description,
            authorities: authorities?.digest.hex ?? "system",
            proxy: proxy.map { PercentEncoding.encode($0.description) } ?? "none",
            caller: PercentEncoding.encode(caller.arn))
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
        /// On this machine wherever KMS is.
        let iam: IAMAddress?
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
            iam: kms.flatMap { $0.isLoopback ? IAMAddress(endpoint: $0, region: region) : nil }
                ?? IAMAddress(of: region, variant))
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
        let means = CredentialMeans(
            sts: sts, sessionName: session, tags: sessionTags, mfaCode: mfaCode, awsProgram: awsProgram)
        return ResolvedAccess(
            region: place.region, endpoint: place.endpoint, stsEndpoint: place.stsEndpoint,
            trailEndpoint: place.trailEndpoint, iam: place.iam, authorities: authorities, proxy: proxy,
            credentials: IdentifiedCredentials(try provider(variables, means)) { [sts] credentials in
                var own = sts
                own.credentials = credentials
                return try await STSClient(own).getCallerIdentity()
            },
            credentialHosts: credentials == .rehearsal
                ? [:] : try SharedSettings(variables, choosing: choice).credentialHosts())
    }

    private var choice: SharedSettings.Choice {
        guard case .profile(let name, let config, let credentials) = credentials else { return .init() }
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

    private func provider(
        _ variables: EnvironmentVariables, _ means: CredentialMeans
    ) throws -> any CredentialsProvider {
        switch credentials {
        case .rehearsal: try RehearsalCredentials.make()
        case .fromEnvironment, .profile: try SharedSettings(variables, choosing: choice).credentials(means)
        }
    }
}
