import AWS
import CryptoPrimitives
import Foundation
import NIOSSL
import TestSupport
import Testing

@Suite("Proxies", .timeLimit(.minutes(60)))
struct ProxyTests {
    struct Case: Sendable {
        let environment: [String: String]
        let url: String
        let proxy: String?
    }

    private static let kms = "https://kms.eu-central-1.amazonaws.com"
    static let cases = [
        Case(environment: [:], url: kms, proxy: nil),
        Case(environment: ["HTTPS_PROXY": "http://p:3128"], url: kms, proxy: "http://p:3128"),
        Case(
            environment: ["https_proxy": "http://q:1", "HTTPS_PROXY": "http://p:3128"], url: kms, proxy: "http://q:1"),
        Case(environment: ["https_proxy": "", "HTTPS_PROXY": "http://p:3128"], url: kms, proxy: nil),
        Case(environment: ["HTTP_PROXY": "http://p:3128", "ALL_PROXY": "http://p:1"], url: kms, proxy: nil),
        Case(environment: ["HTTPS_PROXY": "p:3128"], url: kms, proxy: "http://p:3128"),
        Case(environment: ["HTTPS_PROXY": "//p:3128"], url: kms, proxy: "http://p:3128"),
        Case(environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "amazonaws.com"], url: kms, proxy: nil),
        Case(environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": " x ,.AmazonAWS.com"], url: kms, proxy: nil),
        Case(
            environment: ["HTTPS_PROXY": "http://p:3128", "no_proxy": "x", "NO_PROXY": "*"], url: kms,
            proxy: "http://p:3128"),
        Case(environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "*"], url: kms, proxy: nil),
        Case(environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "x,*"], url: kms, proxy: "http://p:3128"),
        Case(
            environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "naws.com,kms"], url: kms, proxy: "http://p:3128"),
        Case(
            environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "k.example:8443"], url: "https://k.example:8443",
            proxy: nil),
        Case(
            environment: ["HTTPS_PROXY": "http://p:3128", "NO_PROXY": "k.example:1"], url: "https://k.example:8443",
            proxy: "http://p:3128"),
    ]

    private static func keyrite(_ given: Case) throws -> String? {
        try SharedSettings.proxy(Variables(given.environment).environment)?.proxy(for: Endpoint(given.url))?.description
    }

    @Test("of the environment are chosen by HTTPS_PROXY and NO_PROXY", arguments: cases)
    func environment(_ given: Case) throws {
        #expect(try Self.keyrite(given) == given.proxy)
    }

    @Test("of the environment are those that botocore takes")
    func botocore() async throws {
        struct Question: Encodable {
            let environment: [String: String]
            let url: String
        }
        let answers: [String?] = try await Python.run(
            "proxies", Self.cases.map { Question(environment: $0.environment, url: $0.url) })
        #expect(answers == Self.cases.map(\.proxy))
    }

    @Test(
        "are never on the way to this machine, which botocore would have",
        arguments: ["127.0.0.1", "localhost", "[::1]"])
    func loopback(_ host: String) throws {
        let given = Case(environment: ["HTTPS_PROXY": "http://p:3128"], url: "https://\(host):1", proxy: nil)
        #expect(try Self.keyrite(given) == nil)
    }

    @Test("are told with their exceptions")
    func told() throws {
        #expect(ProxyRule(proxy: try Proxy("p:3128"), exceptions: []).description == "http://p:3128")
        #expect(ProxyRule(proxy: try Proxy("p:3128"), exceptions: " a, .b").description == "http://p:3128 except a, .b")
    }

    @Test(
        "that are none, or want a password, are refused and not repeated",
        arguments: [
            "https://p:1", "socks5://p:1", "http://p:0", "http://", "http://user:hunter2@p:1", "hunter2@p", "p:1/x",
        ])
    func refusals(_ url: String) async throws {
        let error = try await failure { _ = try Proxy(url) }
        #expect(!error.description.contains("hunter2"))
    }

    @Test("are asked to connect to the endpoint's name, and TLS runs through them to its certificate")
    func tunnel() async throws {
        try await Scratch.using { scratch in
            let identity = try await Identity.make(in: scratch, name: "DNS:kms.eu-central-1.amazonaws.com")
            let reply = Reply.answer(KMSClientTests.described)
            try await ScriptedServer.playing([reply, reply], tls: identity.server()) { server in
                try await ConnectProxy.running(to: server.endpoint.port) { proxy in
                    let client = try KMSClient(configuration(by: proxy, trusting: identity))
                    for _ in 0..<2 {
                        let answer = try await client.describeKey(KMSClientTests.describe)
                        #expect(try answer.tlsLeafSHA256 == SHA256Digest(of: Data(contentsOf: identity.leafDER)))
                    }
                    #expect(proxy.asked == ["CONNECT kms.eu-central-1.amazonaws.com:443 HTTP/1.1"])
                    #expect(
                        server.received.map { $0.header("host") }
                            == Array(repeating: "kms.eu-central-1.amazonaws.com", count: 2))
                }
            }
        }
    }

    @Test(
        "that refuse are told as a service that cannot be reached",
        arguments: ["403 Forbidden", "407 Proxy Authentication Required"])
    func refused(_ status: String) async throws {
        try await Scratch.using { scratch in
            let identity = try await Identity.make(in: scratch, name: "DNS:kms.eu-central-1.amazonaws.com")
            try await ConnectProxy.running(to: 1, answering: status) { proxy in
                let client = try KMSClient(configuration(by: proxy, trusting: identity))
                let error = try await failure { _ = try await client.describeKey(KMSClientTests.describe) }
                guard case .unreachable = error else { throw Unexpected(error) }
            }
        }
    }

    private func configuration(by proxy: ConnectProxy, trusting identity: Identity) throws -> AWSClient.Configuration {
        var configuration = AWSClient.Configuration(
            credentials: try Credentials.example(), region: try Region("eu-central-1"),
            authorities: try CertificateAuthorities(pemFile: identity.ca))
        configuration.timekeeper = TestTime().keeper
        configuration.idleTimeout = 3600
        configuration.proxy = ProxyRule(proxy: try Proxy("http://127.0.0.1:\(proxy.port)"), exceptions: [])
        return configuration
    }
}
