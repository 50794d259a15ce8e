import AWS
import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("A site gives each part of a ceremony a role of its own")
struct SiteRolesTests {
    private static func role(_ name: String) -> String {
        "  \(name):\n    role: arn:aws:iam::111122223333:role/\(name)\n"
    }

    private static let start = "region: eu-central-1\n"
    private static let assumed = ["look", "fetch", "import", "activate"].map(role).joined()

    private static func site(_ aws: String, mode: String = "live") throws -> Site {
        try Site(yaml: SiteAccessTests.yaml(mode: mode, aws: aws), file: "s.yaml")
    }

    @Test(
        "and is written back as it was read",
        arguments: [
            "credentials:\n  profile: p\nroles:\n" + assumed,
            "credentials: from-environment\nroles:\n" + assumed + role("create") + "    externalId: \"4 2\"\n",
            """
            roles:
              look: from-environment
              fetch:
                profile: f
              import:
                profile: i
                configFile: /etc/i
              activate:
                profile: a
                configFile: /etc/a
                credentialsFile: /etc/c
            sessionTags:
              Room: a
            """,
        ])
    func roundTrip(_ aws: String) throws {
        let site = try Self.site(Self.start + aws)
        #expect(site.access?.roles != nil)
        #expect(try Site(yaml: site.yaml, file: "written") == site)
    }

    @Test(
        "and what is wrong with them has file, line and path",
        arguments: [
            ("roles:\n" + role("look"), "6:5: aws.roles.fetch is missing. Roles are apart, or there are none: add it"),
            ("roles:\n" + assumed + role("verify"), "14:5: aws.roles.verify is not known"),
            (
                "roles:\n" + assumed.replacing("role/fetch", with: "role/import"),
                "11:7: aws.roles.import is the caller of fetch. Give each a user or an IAM role of its own"
            ),
            (
                "roles:\n" + assumed.replacing("role: arn:aws:iam::111122223333:role/import", with: "role: import"),
                "11:13: aws.roles.import.role is no IAM role's ARN. Write arn:aws:iam::ACCOUNT:role/NAME"
            ),
            (
                "roles:\n" + assumed + "    profile: p\n",
                "14:16: aws.roles.activate.profile stands beside role, which the site's own credentials assume. Remove one"
            ),
            (
                "roles:\n" + assumed.replacing("role: arn:aws:iam::111122223333:role/fetch", with: "externalId: x"),
                "9:19: aws.roles.fetch.externalId is for a role, and none is named"
            ),
            (
                "credentials:\n  profile: p\nroles:\n  look: from-environment\n"
                    + ["fetch", "import", "activate"].map { "  \($0):\n    profile: \($0)\n" }.joined(),
                "aws.credentials are nobody's, where each role has others"
            ),
        ])
    func mistakes(_ aws: String, _ message: String) throws {
        let error = #expect(throws: CeremonyError.self) { try Self.site(Self.start + aws) }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test("a live ceremony holds every role's sources to what it holds the site's own credentials to")
    func live() async throws {
        func refusals(_ aws: String, _ environment: [String: String]) throws -> [String] {
            let site = try Self.site(Self.start + aws)
            let all = ["HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"]
                .merging(environment) { $1 }
            return LiveRules(site).refusals(
                of: try site.access?.resolved(Variables(all).environment), environment: Set(all.keys)
            ).map(\.description)
        }
        #expect(
            try refusals("roles:\n" + Self.assumed, [:]).first?
                .contains("the live site does not say where its credentials come from") == true)
        #expect(try refusals("credentials: from-environment\nroles:\n" + Self.assumed, [:]) == [])
        let server = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/x"]
        try await withTemporaryFolder { folder in
            func profile(_ role: String) throws -> String {
                let config = folder.appending(path: role).path
                try Data("[profile p]\naws_access_key_id = a\naws_secret_access_key = b\n".utf8).write(
                    to: URL(filePath: config))
                return "  \(role):\n    profile: p\n    configFile: \(config)\n"
            }
            let profiles = try ["fetch", "import", "activate"].map(profile).joined()
            let named = try refusals("roles:\n  look: from-environment\n" + profiles, server)
            #expect(named.count == 1 && named[0].contains("takes no credentials from a server on this very machine"))
            let unnamed = try refusals("roles:\n" + profile("look") + profiles, server)
            #expect(unnamed.contains { $0.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI is set") }, "\(unnamed)")
        }
    }
}
