import AWS
package import Ceremony
import Evidence

/// What a live ceremony refuses of its surroundings: a function of the site and of what was observed, and of nothing else.
package struct LiveRules {
    private let site: Site
    private let access: SiteAccess

    /// - Parameter site: A live site; every other passes.
    package init(_ site: Site) {
        self.site = site
        access = site.access
    }

    /// - Parameter environment: The names of the variables that are set to something.
    /// - Returns: Why the ceremony cannot be held, in the order of the names; nothing if it can.
    package func refusals(environment: Set<String>) -> [CeremonyError] {
        guard site.mode == .live else { return [] }
        return ownKey + loopback("endpoint", access.endpoint) + loopback("stsEndpoint", access.stsEndpoint)
            + environment.sorted().compactMap(refusal(of:))
    }

    /// The rehearsals' key opens nothing, and who wrote a live site without credentials forgot them.
    private var ownKey: [CeremonyError] {
        guard access.credentials == .rehearsal else { return [] }
        return [
            CeremonyError(
                .invalidInput, "The live site does not say where its credentials come from",
                remedy: "Add aws.credentials: a profile, or from-environment")
        ]
    }

    private func loopback(_ key: String, _ setting: SiteSetting?) -> [CeremonyError] {
        guard case .named(let url) = setting, (try? Endpoint(url))?.isLoopback != false else { return [] }
        return [
            CeremonyError(
                .invalidInput, "The live site's aws.\(key) is \(PercentEncoding.encode(url)), on this very machine",
                remedy: "Name AWS's endpoint, or none for the Region's own")
        ]
    }

    private func refusal(of name: String) -> CeremonyError? {
        guard Self.isWatched(name), !namedVariables.contains(name) else { return nil }
        return CeremonyError(
            .environment, "\(PercentEncoding.encode(name)) is set, and a live ceremony takes no such setting unnamed",
            remedy: Self.remedy(name))
    }

    /// What could change where calls go, whom they trust, or what code runs.
    private static func isWatched(_ name: String) -> Bool {
        let prefixes = ["AWS_ENDPOINT_URL", "P11_KIT_", "SOFTHSM2_", "OPENSSL_", "LD_"]
        return prefixes.contains(where: name.hasPrefix) || trust.contains(name)
            || ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].contains(name.uppercased())
    }

    private static let trust: Set = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]

    /// The variables that the site leaves settings to, and so names.
    private var namedVariables: Set<String> {
        var names: Set<String> = []
        if access.endpoint == .fromEnvironment { names.formUnion(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"]) }
        if access.stsEndpoint == .fromEnvironment { names.formUnion(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"]) }
        if access.caFile == .fromEnvironment { names.insert("AWS_CA_BUNDLE") }
        if access.proxy == .fromEnvironment {
            names.formUnion(["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"])
        }
        return names
    }

    private static func remedy(_ name: String) -> String {
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
