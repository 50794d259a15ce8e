import Ceremony
import Room
import Testing

@Suite("What a live ceremony refuses of its surroundings")
struct LiveRulesTests {
    private static let keys = "\ncredentials: from-environment"

    private static func refusals(_ aws: String, _ names: Set<String>, mode: String = "live") throws -> [String] {
        let site = try Site(yaml: SiteAccessTests.yaml(mode: mode, aws: aws), file: "s.yaml")
        return LiveRules(site).refusals(environment: names).map(\.description)
    }

    @Test("nothing, where the site names all that is set")
    func nothing() throws {
        let ordinary: Set = ["PATH", "HOME", "AWS_PROFILE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "LDFLAGS", "TERM"]
        #expect(try Self.refusals("region: eu-central-1" + Self.keys, ordinary).isEmpty)
        let aws =
            "region: eu-central-1\nendpoint: from-environment\nstsEndpoint: from-environment\ncaFile: from-environment\n"
            + "proxy: from-environment" + Self.keys
        let named: Set = [
            "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_STS", "AWS_CA_BUNDLE", "HTTPS_PROXY",
            "https_proxy", "NO_PROXY", "no_proxy",
        ]
        #expect(try Self.refusals(aws, named).isEmpty)
    }

    @Test(
        "a variable that it does not name",
        arguments: [
            ("AWS_ENDPOINT_URL", "Unset it, or have the site's aws.endpoint say what it says"),
            ("AWS_ENDPOINT_URL_KMS", "Unset it, or have the site's aws.endpoint say what it says"),
            ("AWS_ENDPOINT_URL_STS", "Unset it, or have the site's aws.stsEndpoint say what it says"),
            ("AWS_ENDPOINT_URL_S3", "Unset it"),
            ("AWS_CA_BUNDLE", "Unset it, or have the site's aws.caFile say what it says"),
            ("SSL_CERT_FILE", "Unset it"), ("SSL_CERT_DIR", "Unset it"),
            ("HTTPS_PROXY", "Unset it, or have the site's aws.proxy say what it says"),
            ("https_proxy", "Unset it, or have the site's aws.proxy say what it says"),
            ("no_proxy", "Unset it, or have the site's aws.proxy say what it says"),
            ("http_proxy", "Unset it"), ("ALL_PROXY", "Unset it"),
            ("P11_KIT_SERVER_ADDRESS", "Unset it"), ("SOFTHSM2_CONF", "Unset it"), ("OPENSSL_CONF", "Unset it"),
            ("LD_PRELOAD", "Unset it"), ("LD_LIBRARY_PATH", "Unset it"),
        ])
    func unnamed(_ name: String, _ remedy: String) throws {
        let found = try Self.refusals("region: eu-central-1" + Self.keys, [name, "PATH"])
        #expect(found == ["\(name) is set, and a live ceremony takes no such setting unnamed. \(remedy)"])
        #expect(
            try Self.refusals("region: eu-central-1\nendpoint: http://127.0.0.1:1", [name], mode: "rehearsal") == [])
    }

    @Test("what a site leaves to one variable does not open the door to another")
    func others() throws {
        let found = try Self.refusals(
            "region: eu-central-1\nendpoint: from-environment\nproxy: from-environment" + Self.keys,
            ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_KMS", "ALL_PROXY", "HTTP_PROXY", "LD_AUDIT"])
        #expect(
            found.map { $0.split(separator: " ").first } == [
                "ALL_PROXY", "AWS_ENDPOINT_URL_STS", "HTTP_PROXY", "LD_AUDIT",
            ])
    }

    @Test(
        "this machine as an endpoint, and the rehearsals' key",
        arguments: [
            ("region: eu-central-1", "The live site does not say where its credentials come from"),
            (
                "region: eu-central-1\nendpoint: http://127.0.0.1:4566" + keys,
                "The live site's aws.endpoint is http://127.0.0.1:4566, on this very machine"
            ),
            (
                "region: eu-central-1\nstsEndpoint: https://localhost" + keys,
                "The live site's aws.stsEndpoint is https://localhost, on this very machine"
            ),
        ])
    func machine(_ aws: String, _ reason: String) throws {
        let found = try Self.refusals(aws, [])
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(reason) == true, "\(found)")
    }
}
