import AWS
import Testing

@Suite("Regions and endpoints")
struct AddressTests {
    @Test(
        "a Region has its partition's address",
        arguments: [
            ("eu-central-1", "https://kms.eu-central-1.amazonaws.com"),
            ("us-gov-west-1", "https://kms.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", "https://kms.cn-north-1.amazonaws.com.cn"),
            ("us-iso-east-1", "https://kms.us-iso-east-1.c2s.ic.gov"),
            ("eusc-de-east-1", "https://kms.eusc-de-east-1.amazonaws.eu"),
        ])
    func addresses(_ region: String, _ url: String) throws {
        #expect(try Region(region).endpoint(for: "kms").description == url)
    }

    @Test(
        "a Region without a known partition needs an endpoint",
        arguments: ["us-moon-east-1", "eusc-fr-east-1", "xx-x-1", "cn-a-b-1"])
    func unknownPartitions(_ name: String) throws {
        let region = try Region(name)
        #expect(throws: AWSError.self) { try region.endpoint(for: "kms") }
    }

    @Test(
        "what is no Region does not reach a host name",
        arguments: [
            "", "eu", "eu-central", "eu-central-1.evil.example#", "EU-central-1", "eu--1", "eu-central-1 ", "a/b-c-1",
        ])
    func noRegions(_ name: String) {
        #expect(throws: AWSError.self) { try Region(name) }
    }

    @Test(
        "an endpoint is a scheme, a host and a port",
        arguments: [
            ("https://kms.example.com", "kms.example.com", 443, false),
            ("https://KMS.example.com:8443/", "kms.example.com:8443", 8443, false),
            ("http://127.0.0.1:4566", "127.0.0.1:4566", 4566, true), ("http://127.9.9.9", "127.9.9.9", 80, true),
            ("http://localhost:80", "localhost", 80, true), ("http://[::1]:99", "[::1]:99", 99, true),
            ("https://127.0.0.1.example.com", "127.0.0.1.example.com", 443, false),
        ])
    func endpoints(_ url: String, _ host: String, _ port: Int, _ loopback: Bool) throws {
        let endpoint = try Endpoint(url)
        #expect(endpoint.hostHeader == host)
        #expect(endpoint.port == port)
        #expect(endpoint.isLoopback == loopback)
    }

    @Test(
        "this machine is known in every writing",
        arguments: [
            "127.0.0.1", "127.255.0.9", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "0", "[::1]",
            "[::]",
            "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "localhost", "LOCALHOST",
            "localhost.", "kms.localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback",
        ])
    func thisMachine(_ host: String) throws {
        #expect(try Endpoint("https://" + host).mayBeThisMachine)
    }

    @Test(
        "and others are not taken for it",
        arguments: [
            "kms.eu-central-1.amazonaws.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "128.0.0.1",
            "[2001:db8::1]", "[::ffff:10.0.0.1]", "[fe80::1]", "notlocalhost",
        ])
    func otherMachine(_ host: String) throws {
        #expect(try !Endpoint("https://" + host).mayBeThisMachine)
    }

    @Test(
        "plain HTTP beyond this machine, and whatever else a URL can hold, is refused",
        arguments: [
            "", "kms.example.com", "ftp://127.0.0.1", "http://kms.example.com", "http://127.0.0.1.example.com",
            "http://127.0.1", "http://0127.0.0.1", "http://0.0.0.0", "http://10.0.0.1", "https://", "https://h/path",
            "https://h?q", "https://h#f", "https://h:0", "https://h:65536", "https://a b", "https://h\r\nX: y",
            "https://ü.example.com",
        ])
    func refusals(_ url: String) {
        #expect(throws: AWSError.self) { try Endpoint(url) }
    }

    @Test("a password in an endpoint is refused and not repeated")
    func password() async throws {
        let error = try await failure { _ = try Endpoint("https://user:hunter2@kms.example.com") }
        #expect(!error.description.contains("hunter2"))
    }
}
