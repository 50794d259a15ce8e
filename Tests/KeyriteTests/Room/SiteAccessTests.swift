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
            sessionTags:
              Room: "Zürich 1"
              ticket: a:b/c
            awsProgram: /usr/local/bin/aws
            """,
        ])
    func roundTrip(_ aws: String) throws {
        let site = try Site(yaml: Self.yaml(aws: aws), file: "s.yaml")
        #expect(try Site(yaml: site.yaml, file: "written") == site)
    }

    @Test(
        "and what is wrong with it has file, line and path",
        arguments: [
            ("endpoint: https://h", "4:3: aws.region is missing. Add it"),
            (
                "region: Frankfurt",
                "4:11: aws.region is wrong: \"Frankfurt\" is not the name of an AWS Region. Correct it"
            ),
            ("region: 7", "4:11: aws.region must be text. \(quotes)"),
            (
                "region: eu-central-1\nendpoint: http://kms.example.com",
                "5:13: aws.endpoint is wrong: \"http://kms.example.com\" cannot be an endpoint: plain HTTP is for this "
                    + "machine's loopback addresses alone. Correct it"
            ),
            (
                "region: eu-central-1\nstsEndpoint: sts",
                "5:16: aws.stsEndpoint is wrong: \"sts\" cannot be an endpoint: it must start with https://. Correct it"
            ),
            (
                "region: eu-central-1\nendpoints: FIPS",
                "5:14: aws.endpoints is not known. Known are standard, fips, dual-stack, fips-dual-stack, from-environment"
            ),
            (
                "region: eu-central-1\nendpoint: https://a\nstsEndpoint: https://b\nendpoints: fips",
                "7:14: aws.endpoints chooses among the Region's own, and none is used. Remove it, or an endpoint"
            ),
            (
                "region: eu-central-1\nproxy: http://p:1",
                "5:10: aws.proxy must be from-environment or a mapping. Correct it"
            ),
            (
                "region: eu-central-1\nproxy:\n  url: https://p:1",
                "6:10: aws.proxy.url is wrong: \"https://p:1\" cannot be a proxy: write http://host:port; it is spoken to "
                    + "in plain HTTP, and TLS runs through it. Correct it"
            ),
            (
                "region: eu-central-1\nproxy:\n  url: p\n  except: [1]",
                "7:14: aws.proxy.except[0] must be text. Put it in quotes"
            ),
            (
                "region: eu-central-1\nproxy:\n  url: p\n  except: a",
                "7:13: aws.proxy.except must be a list. Correct it"
            ),
            (
                "region: eu-central-1\nproxy:\n  port: 1",
                "6:5: aws.proxy.port is not known here. Known are url, except"
            ),
            (
                "region: eu-central-1\ncredentials: ada",
                "5:16: aws.credentials must be from-environment or a mapping. Correct it"
            ),
            (
                "region: eu-central-1\ncredentials:\n  configFile: a",
                "6:5: aws.credentials.profile is missing. Add it"
            ),
            (
                "region: eu-central-1\ncredentials:\n  secret: a",
                "6:5: aws.credentials.secret is not known here. Known are profile, configFile, credentialsFile"
            ),
            (
                "region: eu-central-1\ncredentials: from-environment\nsessionTags:\n  a: \"b*\"",
                "7:8: aws.sessionTags.a is wrong: \"a\" cannot be a session tag: a key has 1 to 128 characters, a value up to "
                    + "256, of letters, digits, space and _.:/=+-@. Correct it"
            ),
            (
                "region: eu-central-1\ncredentials: from-environment\nawsProgram: aws",
                "6:15: aws.awsProgram must be the whole path of a program, without =. Start it with /"
            ),
            (
                "region: eu-central-1\nawsProgram: /usr/bin/aws",
                "4:3: aws.credentials are not named, and something is to become of them. Add them"
            ),
        ])
    func mistakes(_ aws: String, _ message: String) throws {
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: Self.yaml(aws: aws), file: "s.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "s.yaml:" + message)
    }

    private static let quotes = "Put it in quotes if it looks like something else"

    @Test("and a proxy's password in it is refused and not repeated")
    func password() throws {
        let aws = "region: eu-central-1\nproxy:\n  url: http://ben:hunter2@p:1"
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: Self.yaml(aws: aws), file: "s.yaml") }
        #expect(error?.description.contains("hunter2") == false)
    }
}
