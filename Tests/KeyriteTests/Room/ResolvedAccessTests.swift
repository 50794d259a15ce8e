import AWS
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("What a site says of AWS comes down to one Region, two endpoints, CAs, a proxy and a key")
struct ResolvedAccessTests {
    /// The site's `aws`, an environment, and what becomes of them. `{}` stands for the folder of the files.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let aws: String
        let environment: [String: String]
        let expected: Resolved

        init(
            _ description: String, _ aws: String, in environment: [String: String] = hostile, _ expected: Resolved
        ) {
            testDescription = description
            self.aws = aws
            self.environment = environment
            self.expected = expected
        }
    }

    /// What can be told of it.
    struct Resolved: Equatable, Sendable {
        var region = "eu-central-1"
        var kms = "https://kms.eu-central-1.amazonaws.com"
        var sts = "https://sts.eu-central-1.amazonaws.com"
        /// The name of the test's CA file.
        var ca: String?
        var proxy: String?
        var exceptions: [String] = []
        var key = RehearsalCredentials.accessKeyID
    }

    /// Everything that a site must name before it counts, all of it set to what no case expects.
    private static let hostile = [
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2", "AWS_PROFILE": "stranger",
        "AWS_ACCESS_KEY_ID": "AKIASTRANGER", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": "https://a.stranger",
        "AWS_ENDPOINT_URL_KMS": "https://k.stranger", "AWS_ENDPOINT_URL_STS": "https://s.stranger",
        "AWS_CA_BUNDLE": "{}/stranger.pem", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "HTTPS_PROXY": "http://stranger:1", "https_proxy": "http://stranger:2", "NO_PROXY": "*",
    ]
    private static let region = "region: eu-central-1"
    private static let ceremony = """
        credentials:
          profile: ceremony
          configFile: "{}/config"
          credentialsFile: "{}/credentials"
        """

    private static let named = [
        Case("the Region alone", region, Resolved()),
        Case(
            "a Region of another partition", "region: cn-north-1",
            Resolved(
                region: "cn-north-1", kms: "https://kms.cn-north-1.amazonaws.com.cn",
                sts: "https://sts.cn-north-1.amazonaws.com.cn")),
        Case(
            "endpoints", "\(region)\nendpoint: https://k.example:8443\nstsEndpoint: https://s.example",
            Resolved(kms: "https://k.example:8443", sts: "https://s.example")),
        Case(
            "an endpoint of KMS alone", "\(region)\nendpoint: https://k.example", Resolved(kms: "https://k.example")),
        Case(
            "this machine's KMS, which has its STS too", "\(region)\nendpoint: http://127.0.0.1:1",
            Resolved(kms: "http://127.0.0.1:1", sts: "http://127.0.0.1:1")),
        Case(
            "this machine's KMS, and an STS elsewhere",
            "\(region)\nendpoint: http://127.0.0.1:1\nstsEndpoint: https://s.example",
            Resolved(kms: "http://127.0.0.1:1", sts: "https://s.example")),
        Case(
            "FIPS", "\(region)\nendpoints: fips",
            Resolved(
                kms: "https://kms-fips.eu-central-1.amazonaws.com", sts: "https://sts-fips.eu-central-1.amazonaws.com")
        ),
        Case(
            "dual stack", "\(region)\nendpoints: dual-stack",
            Resolved(kms: "https://kms.eu-central-1.api.aws", sts: "https://sts.eu-central-1.api.aws")),
        Case(
            "both", "\(region)\nendpoints: fips-dual-stack",
            Resolved(kms: "https://kms-fips.eu-central-1.api.aws", sts: "https://sts-fips.eu-central-1.api.aws")),
        Case(
            "FIPS for what has no endpoint", "\(region)\nendpoint: https://k.example\nendpoints: fips",
            Resolved(kms: "https://k.example", sts: "https://sts-fips.eu-central-1.amazonaws.com")),
        Case("a CA file", "\(region)\ncaFile: \"{}/ca.pem\"", Resolved(ca: "ca.pem")),
        Case(
            "a proxy with exceptions", "\(region)\nproxy:\n  url: http://p:3128\n  except: [k.example, b]",
            Resolved(proxy: "http://p:3128", exceptions: ["k.example", "b"])),
        Case(
            "a proxy for all", "\(region)\nproxy:\n  url: http://p:3128", Resolved(proxy: "http://p:3128")),
        Case("a profile", "\(region)\n\(ceremony)", Resolved(key: "AKIACEREMONY")),
    ]

    private static let left = [
        Case(
            "the Region, by its variable", "region: from-environment", in: ["AWS_REGION": "eu-west-1"],
            Resolved(
                region: "eu-west-1", kms: "https://kms.eu-west-1.amazonaws.com",
                sts: "https://sts.eu-west-1.amazonaws.com")),
        Case(
            "the Region, by the profile that the site names", "region: from-environment\n\(ceremony)", in: [:],
            Resolved(
                region: "eu-west-3", kms: "https://kms.eu-west-3.amazonaws.com",
                sts: "https://sts.eu-west-3.amazonaws.com", key: "AKIACEREMONY")),
        Case(
            "KMS's endpoint alone", "\(region)\nendpoint: from-environment",
            in: [
                "AWS_ENDPOINT_URL_KMS": "https://k.example", "AWS_ENDPOINT_URL_STS": "https://s.stranger",
                "AWS_ENDPOINT_URL": "https://a.stranger",
            ], Resolved(kms: "https://k.example")),
        Case(
            "STS's endpoint alone", "\(region)\nstsEndpoint: from-environment",
            in: ["AWS_ENDPOINT_URL": "https://s.example", "AWS_ENDPOINT_URL_KMS": "https://k.stranger"],
            Resolved(sts: "https://s.example")),
        Case(
            "this machine's KMS by the environment, which has its STS too", "\(region)\nendpoint: from-environment",
            in: ["AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1"],
            Resolved(kms: "http://127.0.0.1:1", sts: "http://127.0.0.1:1")),
        Case(
            "endpoints that the environment does not name",
            "\(region)\nendpoint: from-environment\nstsEndpoint: from-environment\nendpoints: fips", in: [:],
            Resolved(
                kms: "https://kms-fips.eu-central-1.amazonaws.com", sts: "https://sts-fips.eu-central-1.amazonaws.com")
        ),
        Case(
            "which of the Region's endpoints, by a variable", "\(region)\nendpoints: from-environment",
            in: ["AWS_USE_DUALSTACK_ENDPOINT": "true"],
            Resolved(kms: "https://kms.eu-central-1.api.aws", sts: "https://sts.eu-central-1.api.aws")),
        Case(
            "which of the Region's endpoints, by the profile", "\(region)\nendpoints: from-environment\n\(ceremony)",
            in: [:],
            Resolved(
                kms: "https://kms-fips.eu-central-1.amazonaws.com", sts: "https://sts-fips.eu-central-1.amazonaws.com",
                key: "AKIACEREMONY")),
        Case(
            "the CA file, by its variable", "\(region)\ncaFile: from-environment", in: ["AWS_CA_BUNDLE": "{}/ca.pem"],
            Resolved(ca: "ca.pem")),
        Case(
            "the CA file, by the profile", "\(region)\ncaFile: from-environment\n\(ceremony)", in: [:],
            Resolved(ca: "ca.pem", key: "AKIACEREMONY")),
        Case("a CA file that nothing names", "\(region)\ncaFile: from-environment", in: [:], Resolved()),
        Case(
            "the proxy", "\(region)\nproxy: from-environment",
            in: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "k.example, b"],
            Resolved(proxy: "http://p:3128", exceptions: ["k.example", "b"])),
        Case("a proxy that nothing names", "\(region)\nproxy: from-environment", in: ["NO_PROXY": "*"], Resolved()),
        Case(
            "the key, by its variables", "\(region)\ncredentials: from-environment",
            in: ["AWS_ACCESS_KEY_ID": "AKIAVARIABLE", "AWS_SECRET_ACCESS_KEY": "s"], Resolved(key: "AKIAVARIABLE")),
        Case(
            "the key, by the profile of AWS_PROFILE", "\(region)\ncredentials: from-environment",
            in: ["AWS_PROFILE": "ceremony"], Resolved(key: "AKIACEREMONY")),
    ]

    @Test("what the site names, whatever the environment says", arguments: named)
    func namedBySite(_ given: Case) async throws {
        try await expect(given)
    }

    @Test("what the site leaves to the environment, and nothing else of it", arguments: left)
    func leftToEnvironment(_ given: Case) async throws {
        try await expect(given)
    }

    @Test(
        "or is refused, before anything is connected",
        arguments: [
            (
                "region: from-environment", [:],
                "the site leaves the Region to the environment, which names none; set AWS_REGION, or name it in the site"
            ),
            (
                "\(region)\nendpoint: from-environment\nendpoints: from-environment",
                ["AWS_ENDPOINT_URL": "https://k.example", "AWS_USE_FIPS_ENDPOINT": "true"],
                "an endpoint for kms is configured, and FIPS or dual stack too; those are for the Region's own"
            ),
            (
                "\(region)\nendpoint: from-environment", ["AWS_ENDPOINT_URL": "http://k.example"],
                "\"http://k.example\" cannot be an endpoint: plain HTTP is for this machine's loopback addresses alone"
            ),
            (
                "\(region)\ncaFile: \"{}/none.pem\"", [:],
                "the CA file {}/none.pem cannot be read: check the path and its permissions"
            ),
            (
                "\(region)\ncaFile: from-environment", ["AWS_CA_BUNDLE": "{}/none.pem"],
                "the CA file {}/none.pem cannot be read: check the path and its permissions"
            ),
            (
                "\(region)\nproxy: from-environment", ["HTTPS_PROXY": "http://ben:hunter2@p:1"],
                "the proxy must not name a user or a password: Keyrite keeps none for it"
            ),
            (
                "\(region)\ncredentials:\n  profile: nobody\n  configFile: \"{}/config\"", [:],
                "the AWS profile \"nobody\" is in neither shared file; correct its name, or add it; there are \"ceremony\", "
                    + "\"role\", \"stranger\""
            ),
            (
                "\(region)\ncredentials: from-environment", ["AWS_EC2_METADATA_DISABLED": "true"],
                "the AWS profile \"default\" has no credentials; give it aws_access_key_id and aws_secret_access_key, or a "
                    + "credential_process; or choose another profile by AWS_PROFILE, or set AWS_ACCESS_KEY_ID and its like"
            ),
        ] as [(String, [String: String], String)])
    func refused(_ aws: String, _ environment: [String: String], _ message: String) async throws {
        try await withTemporaryFolder { folder in
            let error = #expect(throws: AWSError.self) { try Self.resolve(aws, environment, in: folder) }
            #expect(error == .configuration(message.replacing("{}", with: folder.path)))
        }
    }

    @Test("a role is assumed at the site's STS, in a session that has the ceremony's name, with the site's tags")
    func role() async throws {
        let aws = """
            \(Self.region)
            stsEndpoint: http://127.0.0.1:1
            credentials:
              profile: role
              configFile: "{}/config"
              credentialsFile: "{}/credentials"
            sessionTags:
              Ceremony: keys
            """
        try await withTemporaryFolder { folder in
            let access = try Self.resolve(aws, Self.hostile, in: folder)
            let error = await #expect(throws: AWSError.self) { try await access.credentials.credentials(at: Date()) }
            let told = error?.description ?? ""
            #expect(
                told.hasPrefix("the role arn:aws:iam::111122223333:role/r was not assumed: AssumeRole was not sent"))
            #expect(told.contains("http://127.0.0.1:1 cannot be reached"), "\(told)")
            let keys = aws.replacing("profile: role", with: "profile: ceremony")
            #expect(throws: AWSError.self, "tags without a role") { try Self.resolve(keys, Self.hostile, in: folder) }
        }
    }

    @Test("and the plan binds all of it but the key, by the caller that the key stands for")
    func bound() async throws {
        let aws = """
            \(Self.region)
            endpoint: https://k.example
            endpoints: fips
            caFile: "{}/ca.pem"
            proxy: from-environment
            """
        try await withTemporaryFolder { folder in
            let access = try Self.resolve(aws, ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "b,é"], in: folder)
            let caller = CallerIdentity(
                arn: "arn:aws:iam::111122223333:user/José", account: "111122223333", time: nil)
            #expect(
                access.environment(of: caller)
                    == AWSEnvironment(
                        partition: "aws", account: "111122223333", region: "eu-central-1",
                        endpoint: "https://k.example", stsEndpoint: "https://sts-fips.eu-central-1.amazonaws.com",
                        authorities: SHA256Digest(of: Array(Self.certificate.utf8)).hex,
                        proxy: "http://p:3128 except b, %C3%A9", caller: "arn:aws:iam::111122223333:user/Jos%C3%A9"))
            let straight = try Self.resolve(Self.region, Self.hostile, in: folder).environment(of: caller)
            #expect(straight.proxy == "none")
            #expect(straight.authorities == "system")
        }
    }

    @Test(
        "IAM is on this machine where KMS is, and else the partition's, signed for its own Region",
        arguments: [
            (region, "https://iam.amazonaws.com", "us-east-1"),
            ("\(region)\nendpoint: https://k.example", "https://iam.amazonaws.com", "us-east-1"),
            ("\(region)\nendpoint: http://127.0.0.1:1", "http://127.0.0.1:1", "eu-central-1"),
            ("\(region)\nendpoints: fips", "https://iam-fips.amazonaws.com", "us-east-1"),
            ("region: cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("region: us-gov-east-1\nendpoints: fips", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
            ("region: cn-north-1\nendpoints: fips", nil, nil),
        ])
    func iam(aws: String, endpoint: String?, region: String?) async throws {
        try await withTemporaryFolder { folder in
            let access = try Self.resolve(aws, Self.hostile, in: folder)
            #expect(access.iam?.endpoint.description == endpoint)
            #expect(access.iam?.region.name == region)
            #expect(try access.iamClient()?.endpoint == access.iam?.endpoint)
        }
    }

    private func expect(_ given: Case) async throws {
        try await withTemporaryFolder { folder in
            let access = try Self.resolve(given.aws, given.environment, in: folder)
            let files = try ["ca.pem", "stranger.pem"].map {
                ($0, SHA256Digest(of: [UInt8](try Data(contentsOf: folder.appending(path: $0)))))
            }
            func told(_ endpoint: Endpoint) async throws -> Resolved {
                // What calls are made with.
                let configuration = access.configuration(at: endpoint)
                #expect(configuration.endpoint == endpoint)
                return Resolved(
                    region: configuration.region.name, kms: access.endpoint.description,
                    sts: access.stsEndpoint.description,
                    ca: configuration.authorities.map { found in
                        files.first { $0.1 == found.digest }?.0 ?? "another file"
                    },
                    proxy: configuration.proxy?.proxy.description, exceptions: configuration.proxy?.exceptions ?? [],
                    key: try await configuration.credentials.credentials(at: Date()).accessKeyID)
            }
            #expect(try await told(access.endpoint) == given.expected)
            #expect(try await told(access.stsEndpoint) == given.expected)
            #expect(access.region.name == given.expected.region)
        }
    }

    private static func resolve(
        _ aws: String, _ environment: [String: String], in folder: URL
    ) throws -> ResolvedAccess {
        let config = """
            [profile ceremony]
            region = eu-west-3
            use_fips_endpoint = true
            ca_bundle = \(folder.path)/ca.pem
            [profile stranger]
            region = us-west-1
            [profile role]
            role_arn = arn:aws:iam::111122223333:role/r
            source_profile = ceremony
            """
        let credentials = """
            [ceremony]
            aws_access_key_id = AKIACEREMONY
            aws_secret_access_key = s
            """
        for (name, text) in [
            ("config", config), ("credentials", credentials), ("ca.pem", certificate),
            ("stranger.pem", "another\n" + certificate),
        ] { try Data(text.utf8).write(to: folder.appending(path: name)) }
        let found = [
            "HOME": folder.path, "AWS_CONFIG_FILE": folder.path + "/config",
            "AWS_SHARED_CREDENTIALS_FILE": folder.path + "/credentials",
        ]
        let variables = Variables(
            found.merging(environment.mapValues { $0.replacing("{}", with: folder.path) }) { _, given in given })
        let yaml = SiteAccessTests.yaml(aws: aws.replacing("{}", with: folder.path))
        return try #require(try Site(yaml: yaml, file: "s.yaml").access).resolved(variables.environment)
    }

    /// Of a CA that signs nothing.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBejCCASGgAwIBAgIUWZtgyjgOghJ4zJShMeVUC2kk9F4wCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHdGVzdCBDQTAgFw0yNjExMjUyMjI4MTRaGA8yMTI2MTEwMTIy
        MjgxNFowEjEQMA4GA1UEAwwHdGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABJcz7n4F/PuypL+RQ/c1gQyA4sOvlihstvIYR2Hn269SUn9cfGZ5g1CdQ7pX
        0GJSkjunW57YyOhwJJ0oD2+22fejUzBRMB0GA1UdDgQWBBTTPdTT3At2wM4Y38am
        EKtQuHmHMjAfBgNVHSMEGDAWgBTTPdTT3At2wM4Y38amEKtQuHmHMjAPBgNVHRMB
        Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIDtgyKmhklhskZobpU5WhLN1CJy3
        sxv3Vqo+KdslOUg9AiABt2eszHqdYIfd7Nhy3DidZPJhg8330ZdPA6mu1NEu7w==
        -----END CERTIFICATE-----
        """
}
