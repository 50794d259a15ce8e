import AWS
package import Ceremony
import Evidence

/// What a live ceremony refuses of its surroundings: a function of the site and of what was observed, and of nothing else.
package struct LiveRules {
    private let site: Site
    /// Nil on the HSM host of an air gap, which names no endpoint.
    private let access: SiteAccess?

    /// - Parameter site: A live site; every other passes.
    package init(_ site: Site) {
        self.site = site
        access = site.access
    }

    /// - Parameters:
    ///   - found: What the site's access comes down to; nil on the HSM host of an air gap.
    ///   - environment: The names of the variables that are set to something.
    /// - Returns: Why the ceremony cannot be held, in the order of the names; nothing if it can.
    package func refusals(of found: ResolvedAccess?, environment: Set<String>) -> [CeremonyError] {
        guard site.mode == .live else { return [] }
        let endpoints = found.map {
            ownKey + thisMachine("endpoint", $0.endpoint) + thisMachine("stsEndpoint", $0.stsEndpoint)
                + credentials($0.credentialHosts)
        }
        return (endpoints ?? []) + environment.sorted().compactMap(refusal(of:))
    }

    /// Refuses a live site that does not say where its credentials come from, also where no ceremony is held.
    ///
    /// - Throws: `CeremonyError`.
    package func requireCredentials() throws {
        if site.mode == .live, let refusal = ownKey.first { throw refusal }
    }

    /// The rehearsals' key opens nothing, and who wrote a live site without credentials forgot them.
    private var ownKey: [CeremonyError] {
        guard access?.credentialSources.contains(.rehearsal) == true else { return [] }
        return [
            site.place["aws"]["credentials"].error(
                "the live site does not say where its credentials come from",
                remedy: "Add a profile, or from-environment")
        ]
    }

    /// Whoever named the endpoint: the site, the environment or a shared file.
    private func thisMachine(_ key: String, _ endpoint: Endpoint) -> [CeremonyError] {
        guard endpoint.mayBeThisMachine else { return [] }
        return [
            site.place["aws"][key].error(
                "a live ceremony does not talk to \(endpoint), which is this very machine",
                remedy: "Name AWS's endpoint, or none for the Region's own")
        ]
    }

    /// Whatever program listens here would say who the ceremony is.
    private func credentials(_ hosts: [String: Endpoint]) -> [CeremonyError] {
        hosts.filter(\.value.mayBeThisMachine).sorted { $0.key < $1.key }.map { name, endpoint in
            CeremonyError(
                .environment,
                "\(name) names \(endpoint.host), and a live ceremony takes no credentials from a server on this very machine",
                remedy: "Unset it, or name the container's or the instance's own server")
        }
    }

    private func refusal(of name: String) -> CeremonyError? {
        guard Self.isWatched(name), !namedVariables.contains(name) else { return nil }
        return CeremonyError(
            .environment, "\(PercentEncoding.encode(name)) is set, and a live ceremony takes no such setting unnamed",
            remedy: remedy(name))
    }

    /// What could change where calls go, whom they trust, who calls, or what code runs.
    private static func isWatched(_ name: String) -> Bool {
        let prefixes = [
            "AWS_ENDPOINT_URL", "AWS_EC2_METADATA_SERVICE_", "AWS_CONTAINER_", "P11_KIT_", "SOFTHSM2_", "OPENSSL_",
            "LD_",
        ]
        return prefixes.contains(where: name.hasPrefix) || trust.contains(name)
            || ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].contains(name.uppercased())
    }

    /// What says which server gives credentials.
    private static let servers: Set = [
        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ]

    private static let trust: Set = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]

    /// The variables that the site leaves settings to, and so names.
    private var namedVariables: Set<String> {
        var names: Set<String> = []
        guard let access else { return names }
        if access.credentialSources.contains(.fromEnvironment) { names.formUnion(Self.servers) }
        if access.endpoint == .fromEnvironment { names.formUnion(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"]) }
        if access.stsEndpoint == .fromEnvironment { names.formUnion(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"]) }
        if access.caFile == .fromEnvironment { names.insert("AWS_CA_BUNDLE") }
        if access.proxy == .fromEnvironment {
            names.formUnion(["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"])
        }
        return names
    }

    private func remedy(_ name: String) -> String {
        guard access != nil else { return "Unset it" }
        if Self.servers.contains(name) { return "Unset it, or have the site's aws.credentials say from-environment" }
        let key: String? =
            switch name.uppercased() {
            case "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS": "aws.endpoint"
            case "AWS_ENDPOINT_URL_STS": "aws.stsEndpoint"
            case "AWS_CA_BUNDLE": "aws.caFile"
            case "HTTPS_PROXY", "NO_PROXY": "aws.proxy"
            default: nil
            }
        return key.map { "Unset it, or have the site's \($0) say what it says" } ?? "Unset it"
    }
}
