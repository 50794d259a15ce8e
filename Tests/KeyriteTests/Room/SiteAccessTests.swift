import Ceremony
import Evidence
import Room
import Testing

@Suite("A site names how AWS is reached")
struct SiteAccessTests {
    static func yaml(mode: String = "live", aws: String) -> String {
        let lines = aws.split(separator: "\n").map { "  \($0)\n" }.joined()
        return """
            schema: keyrite.site/1
            mode: \(mode)
            aws:
            \(lines)hsm:
              socket: "/tmp/s"
              token: "pkcs11:token=x"
            signers:
              ben: "pkcs11:token=ben"
            memory: "/tmp/m"
            """
    }

    @Test(
        "and is written back as it was read",
        arguments: [
            "region: eu-central-1", "region: from-environment\nendpoint: from-environment\nendpoints: from-environment",
            "region: eu-central-1\nendpoints: fips-dual-stack\ncredentials: from-environment\nproxy: from-environment",
            "region: cn-north-1\nstsEndpoint: \"https://sts.example.com\"\ncaFile: from-environment\nendpoints: fips",
            """
            region: eu-central-1
            caFile: /etc/ca.pem
            proxy:
              url: http://p:3128
              except: [a.example.com, b]
            credentials:
              profile: key ceremony
              configFile: /etc/config
            """,
        ])
    func roundTrip(_ aws: String) throws {
        let site = try Site(yaml: Self.yaml(aws: aws), file: "s.yaml")
        #expect(try Site(yaml: site.yaml, file: "written") == site)
    }

    @Test(
        "and what is wrong with it has file, line and path",
        arguments: [
            ("endpoint: https://h", "s.yaml:4:3: aws.region is missing"),
            ("region: Frankfurt", "s.yaml:4:11: aws.region is wrong: \"Frankfurt\" is not the name of an AWS Region"),
            ("region: 7", "s.yaml:4:11: aws.region must be text"),
            (
                "region: eu-central-1\nendpoint: http://kms.example.com",
                "s.yaml:5:13: aws.endpoint is wrong: \"http://kms.example.com\" cannot be an endpoint"
            ),
            ("region: eu-central-1\nstsEndpoint: sts", "s.yaml:5:16: aws.stsEndpoint is wrong"),
            ("region: eu-central-1\nendpoints: FIPS", "s.yaml:5:14: aws.endpoints is not known"),
            (
                "region: eu-central-1\nendpoint: https://a\nstsEndpoint: https://b\nendpoints: fips",
                "s.yaml:7:14: aws.endpoints chooses among the Region's own, and none is used"
            ),
            ("region: eu-central-1\nproxy: http://p:1", "s.yaml:5:10: aws.proxy must be from-environment or a mapping"),
            ("region: eu-central-1\nproxy:\n  url: https://p:1", "s.yaml:6:10: aws.proxy.url is wrong"),
            ("region: eu-central-1\nproxy:\n  url: p\n  except: [1]", "s.yaml:7:14: aws.proxy.except[0] must be text"),
            ("region: eu-central-1\nproxy:\n  port: 1", "s.yaml:6:5: aws.proxy.port is not known here"),
            ("region: eu-central-1\ncredentials: ada", "s.yaml:5:16: aws.credentials must be from-environment"),
            ("region: eu-central-1\ncredentials:\n  configFile: a", "s.yaml:6:5: aws.credentials.profile is missing"),
            ("region: eu-central-1\ncredentials:\n  secret: a", "s.yaml:6:5: aws.credentials.secret is not known here"),
        ])
    func mistakes(_ aws: String, _ message: String) throws {
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: Self.yaml(aws: aws), file: "s.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.what.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test("and a proxy's password in it is refused and not repeated")
    func password() throws {
        let aws = "region: eu-central-1\nproxy:\n  url: http://ben:hunter2@p:1"
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: Self.yaml(aws: aws), file: "s.yaml") }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(
        "and a rehearsal's leads nowhere but to this machine",
        arguments: [
            "region: eu-central-1", "region: eu-central-1\nendpoint: https://kms.eu-central-1.amazonaws.com",
            "region: eu-central-1\nendpoint: http://127.0.0.1:1\nstsEndpoint: https://sts.eu-central-1.amazonaws.com",
        ])
    func rehearsal(_ aws: String) throws {
        let site = try Site(yaml: Self.yaml(mode: "rehearsal", aws: aws), file: "s.yaml")
        let error = #expect(throws: CeremonyError.self) { try site.requireRehearsal() }
        #expect(error?.what.hasPrefix("A rehearsal never talks to https://") == true)
    }
}
