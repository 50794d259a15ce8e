import AWS
import Ceremony
import Foundation
import Room
import TestSupport
import Testing

@Suite("What a live ceremony refuses of its surroundings")
struct LiveRulesTests {
    private static let keys = "\ncredentials: from-environment"
    private static let key = ["HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"]

    /// - Parameter environment: Beside the variables of an access key.
    private static func refusals(
        _ aws: String, _ environment: [String: String] = [:], mode: String = "live"
    ) throws -> [String] {
        let site = try Site(yaml: SiteAccessTests.yaml(mode: mode, aws: aws), file: "s.yaml")
        let variables = key.merging(environment) { _, given in given }
        return LiveRules(site).refusals(
            of: try site.access?.resolved(Variables(variables).environment), environment: Set(variables.keys)
        ).map(\.description)
    }

    @Test("nothing, where the site names all that is set")
    func nothing() async throws {
        let ordinary = ["PATH", "AWS_REGION", "LDFLAGS", "TERM"].map { ($0, "x") }
        #expect(try Self.refusals("region: eu-central-1" + Self.keys, Dictionary(uniqueKeysWithValues: ordinary)) == [])
        let aws = """
            region: eu-central-1
            endpoint: from-environment
            stsEndpoint: from-environment
            caFile: from-environment
            proxy: from-environment
            """
        try await withTemporaryFolder { folder in
            let ca = folder.appending(path: "ca.pem")
            try Data(ResolvedAccessTests.certificate.utf8).write(to: ca)
            let named = [
                "AWS_ENDPOINT_URL": "https://a.example", "AWS_ENDPOINT_URL_KMS": "https://k.example",
                "AWS_ENDPOINT_URL_STS": "https://s.example", "AWS_CA_BUNDLE": ca.path, "HTTPS_PROXY": "http://p:1",
                "https_proxy": "http://p:1", "NO_PROXY": "b", "no_proxy": "b",
            ]
            #expect(try Self.refusals(aws + Self.keys, named) == [])
        }
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
        let found = try Self.refusals("region: eu-central-1" + Self.keys, [name: "x", "PATH": "x"])
        #expect(found == ["\(name) is set, and a live ceremony takes no such setting unnamed. \(remedy)"])
        #expect(
            try Self.refusals("region: eu-central-1\nendpoint: http://127.0.0.1:1", [name: "x"], mode: "rehearsal")
                == [])
    }

    private static let servers = [
        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ]

    @Test("a variable that says which server gives credentials, where the site names a profile", arguments: servers)
    func server(_ name: String) async throws {
        #expect(try Self.refusals("region: eu-central-1" + Self.keys, [name: "x"]) == [])
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "config").path
            try Data("[profile p]\naws_access_key_id = AKIA\naws_secret_access_key = s\n".utf8)
                .write(to: URL(filePath: path))
            let aws = "region: eu-central-1\ncredentials:\n  profile: p\n  configFile: \(path)"
            #expect(
                try Self.refusals(aws, [name: "x"]).filter { !$0.hasPrefix("AWS_ACCESS") } == [
                    "\(name) is set, and a live ceremony takes no such setting unnamed. Unset it, or have the site's "
                        + "aws.credentials say from-environment"
                ])
        }
    }

    @Test(
        "a server on this machine that gives credentials",
        arguments: [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:1/a?b", "localhost"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://127.0.0.1/a", "127.0.0.1"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338", "127.0.0.1"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[::1]", "::1"),
        ])
    func ownServer(_ name: String, _ url: String, _ host: String) throws {
        #expect(
            try Self.refusals("region: eu-central-1" + Self.keys, [name: url]) == [
                "\(name) names \(host), and a live ceremony takes no credentials from a server on this very machine. Unset it, "
                    + "or name the container's or the instance's own server"
            ])
    }

    @Test("what a site leaves to one variable does not open the door to another")
    func others() throws {
        let found = try Self.refusals(
            "region: eu-central-1\nendpoint: from-environment\nproxy: from-environment" + Self.keys,
            [
                "AWS_ENDPOINT_URL_STS": "x", "AWS_ENDPOINT_URL_KMS": "https://k.example", "ALL_PROXY": "x",
                "HTTP_PROXY": "x", "LD_AUDIT": "x",
            ])
        #expect(
            found.map { $0.split(separator: " ").first } == [
                "ALL_PROXY", "AWS_ENDPOINT_URL_STS", "HTTP_PROXY", "LD_AUDIT",
            ])
    }

    private static let toAWS = "which is this very machine. Name AWS's endpoint, or none for the Region's own"

    @Test(
        "this machine as an endpoint, whoever names it, and the rehearsals' key",
        arguments: [
            (
                "region: eu-central-1", [:],
                [
                    "s.yaml:4:3: aws.credentials: the live site does not say where its credentials come from. "
                        + "Add a profile, or from-environment"
                ]
            ),
            (
                "region: eu-central-1\nendpoint: http://127.0.0.1:4566\nstsEndpoint: https://s.example" + keys, [:],
                ["s.yaml:5:13: aws.endpoint: a live ceremony does not talk to http://127.0.0.1:4566, \(toAWS)"]
            ),
            (
                "region: eu-central-1\nstsEndpoint: https://localhost" + keys, [:],
                ["s.yaml:5:16: aws.stsEndpoint: a live ceremony does not talk to https://localhost, \(toAWS)"]
            ),
            (
                "region: eu-central-1\nendpoint: https://0.0.0.0:8443" + keys, [:],
                ["s.yaml:5:13: aws.endpoint: a live ceremony does not talk to https://0.0.0.0:8443, \(toAWS)"]
            ),
            (
                "region: eu-central-1\nendpoint: from-environment\nstsEndpoint: from-environment" + keys,
                ["AWS_ENDPOINT_URL_KMS": "http://localhost:4566"],
                [
                    "s.yaml:5:13: aws.endpoint: a live ceremony does not talk to http://localhost:4566, \(toAWS)",
                    "s.yaml:6:16: aws.stsEndpoint: a live ceremony does not talk to http://localhost:4566, \(toAWS)",
                ]
            ),
            (
                "region: eu-central-1\nstsEndpoint: from-environment" + keys,
                ["AWS_ENDPOINT_URL": "https://127.1"],
                ["s.yaml:5:16: aws.stsEndpoint: a live ceremony does not talk to https://127.1, \(toAWS)"]
            ),
        ] as [(String, [String: String], [String])])
    func machine(_ aws: String, _ environment: [String: String], _ refusals: [String]) throws {
        #expect(try Self.refusals(aws, environment) == refusals)
    }

    @Test("this machine as the endpoint of a shared file")
    func sharedFile() async throws {
        try await withTemporaryFolder { folder in
            let config = folder.appending(path: "config").path
            try Data("[default]\nendpoint_url = http://127.0.0.1:4566\n".utf8).write(to: URL(filePath: config))
            let found = try Self.refusals(
                "region: eu-central-1\nendpoint: from-environment" + Self.keys, ["AWS_CONFIG_FILE": config])
            #expect(
                found.first == "s.yaml:5:13: aws.endpoint: a live ceremony does not talk to http://127.0.0.1:4566, "
                    + Self.toAWS)
        }
    }
}

@Suite("The environment that a program was started with")
struct StartingEnvironmentTests {
    @Test("has the names of what was set then, to something, and of nothing that was set since")
    func names() throws {
        let found = try StartingEnvironment.names()
        let variables = try String(contentsOfFile: "/proc/self/environ", encoding: .utf8).split(separator: "\0")
        let set = variables.compactMap { variable -> String? in
            let halves = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return halves.count == 2 && !halves[1].isEmpty ? String(halves[0]) : nil
        }
        #expect(found == Set(set))
        #expect(found.contains("PATH"))
        // scripts/test sets it to nothing, and the tests that talk to a token server to something.
        #expect(!found.contains("P11_KIT_SERVER_ADDRESS"))
    }
}
