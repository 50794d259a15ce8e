import Ceremony
import Room
import Testing

@Suite("A site names who stamps closed ceremonies")
struct SiteTimeStampTests {
    private static func yaml(_ mode: String, _ timestamp: String) -> String {
        SiteAccessTests.yaml(mode: mode, aws: "region: eu-central-1") + "\ntimestamp:\n" + timestamp
    }

    @Test(
        "and is written back as it was read",
        arguments: [
            "  url: http://timestamp.example.com", "  url: \"https://tsa.example.com:8443/stamp?policy=1\"",
            "  url: http://[::1]:3161/\n  caFile: \"/etc/tsa ca.pem\"",
        ])
    func roundTrip(timestamp: String) throws {
        let site = try Site(yaml: Self.yaml("live", timestamp), file: "s.yaml")
        #expect(site.timestamp != nil)
        let again = try Site(yaml: site.yaml, file: "written")
        #expect(again == site)
        #expect(again.timestamp == site.timestamp)
    }

    @Test(
        "and what is wrong with it has file, line and path",
        arguments: [
            ("live", "  caFile: a", "12:3: timestamp.url is missing. Add it"),
            ("live", "  url: a\n  policy: 1", "13:3: timestamp.policy is not known here. Known are url, caFile"),
            (
                "live", "  url: ftp://a",
                "12:8: timestamp.url is wrong: \"ftp://a\" cannot be a time stamp authority: it must start with http:// "
                    + "or https://. Correct it"
            ),
            (
                "live", "  url: \"http://a#b\"",
                "12:8: timestamp.url is wrong: \"http://a#b\" cannot be a time stamp authority: it has a fragment, or what "
                    + "no URL has. Correct it"
            ),
            (
                "live", "  url: http://ben:hunter2@a",
                "12:8: timestamp.url is wrong: a time stamp authority's URL must not name a user or a password. Correct it"
            ),
            (
                "live", "  url: http://a:70000",
                "12:8: timestamp.url is wrong: \"http://a:70000\" cannot be a time stamp authority: a port is 1 to 65535. "
                    + "Correct it"
            ),
            (
                "rehearsal", "  url: https://tsa.example.com/?token=4711",
                "12:8: timestamp.url is https://tsa.example.com, and a rehearsal never asks anybody off this machine. "
                    + "Point it at an authority on this machine, or remove it"
            ),
        ])
    func mistakes(mode: String, timestamp: String, message: String) throws {
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: Self.yaml(mode, timestamp), file: "s.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "s.yaml:" + message)
    }
}
