package import AWS

/// How this room reaches AWS: where, over which way, trusting whom, as whom. Nothing else is read than what is named here.
package struct SiteAccess: Hashable, Sendable {
    /// Where access keys come from.
    package enum CredentialsSource: Hashable, Sendable {
        /// The key that every rehearsal and its emulator share.
        case rehearsal
        /// AWS's variables, else the profile of `AWS_PROFILE`.
        case fromEnvironment
        /// A profile of the shared files; without paths, those where AWS's tools look.
        case profile(String, configFile: String?, credentialsFile: String?)
    }

    /// The way to endpoints off this machine.
    package enum ProxySource: Hashable, Sendable {
        case none
        /// `HTTPS_PROXY` and `NO_PROXY`.
        case fromEnvironment
        case named(url: String, exceptions: [String])
    }

    package let region: SiteSetting
    /// Of KMS; nil for the Region's own.
    package let endpoint: SiteSetting?
    /// Of STS; nil for the Region's own, or KMS's where that is this machine.
    package let stsEndpoint: SiteSetting?
    /// Which of the Region's own endpoints; nil leaves it to the environment.
    package let variant: EndpointVariant?
    /// A PEM file of CA certificates in place of the system's.
    package let caFile: SiteSetting?
    package let proxy: ProxySource
    package let credentials: CredentialsSource
    /// Whose credentials each part of a ceremony has; nil where one caller does everything.
    package let roles: SiteRoles?
    /// For the session of the role that the credentials come from, or that is assumed with them.
    package let sessionTags: [SessionTag]
    /// The path of the aws CLI that exports credentials of IAM Identity Center, for a profile that has such.
    package let awsProgram: String?

    package init(
        region: SiteSetting, endpoint: SiteSetting? = nil, stsEndpoint: SiteSetting? = nil,
        variant: EndpointVariant? = EndpointVariant(), caFile: SiteSetting? = nil, proxy: ProxySource = .none,
        credentials: CredentialsSource = .rehearsal, roles: SiteRoles? = nil, sessionTags: [SessionTag] = [],
        awsProgram: String? = nil
    ) {
        self.region = region
        self.endpoint = endpoint
        self.stsEndpoint = stsEndpoint
        self.variant = variant
        self.caFile = caFile
        self.proxy = proxy
        self.credentials = credentials
        self.roles = roles
        self.sessionTags = sessionTags
        self.awsProgram = awsProgram
    }

    /// Whether the site's own credentials are used: by the one caller, or to assume a role with.
    var usesOwnCredentials: Bool { roles?.needsOwnCredentials ?? true }

    /// Everywhere that credentials come from.
    var credentialSources: [CredentialsSource] {
        (usesOwnCredentials ? [credentials] : []) + (roles?.otherCredentials ?? [])
    }
}
