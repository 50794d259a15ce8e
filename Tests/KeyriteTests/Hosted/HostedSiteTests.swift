import Ceremony
import Room
import Testing

@Suite("Where a site has the HSM's library")
struct HostedSiteTests {
    private static let site = """
        schema: keyrite.site/1
        mode: rehearsal
        aws:
          region: eu-central-1
          endpoint: "http://127.0.0.1:1"
        hsm:
          library: /l.so
          environment:
            SOFTHSM2_CONF: /c.conf
          socket: /s
          token: "pkcs11:token=x"
        signers:
          ben: "pkcs11:token=ben"
        memory: "/tmp/m"
        """

    @Test(
        "library, environment and socket are read, and written as they are read",
        arguments: [
            ("", .library(path: "/l.so", environment: ["SOFTHSM2_CONF": "/c.conf"], socket: "/s")),
            ("  socket: /s\n", .library(path: "/l.so", environment: ["SOFTHSM2_CONF": "/c.conf"])),
            (environment, .library(path: "/l.so", socket: "/s")),
            (environment + "  socket: /s\n", .library(path: "/l.so")),
            ("  library: /l.so\n" + environment, .socket(path: "/s")),
        ] as [(String, Site.ModuleLocation)])
    func read(without text: String, module: Site.ModuleLocation) throws {
        let site = try Site(yaml: text.isEmpty ? Self.site : Self.site.replacing(text, with: ""), file: "s.yaml")
        #expect(site.module == module)
        #expect(try Site(yaml: site.yaml, file: "t.yaml") == site)
    }

    private static let environment = "  environment:\n    SOFTHSM2_CONF: /c.conf\n"

    @Test(
        "what the library's process has in its environment is named one by one, and in rehearsals only",
        arguments: [
            (
                "mode: rehearsal", "mode: live",
                "9:5: hsm.environment is for rehearsals only, and the site says live. Leave it out"
            ),
            (
                "  library: /l.so\n", "",
                "8:5: hsm.environment goes with a library. Give it to the server, and leave it out"
            ),
            (
                "SOFTHSM2_CONF", "LD_PRELOAD",
                "9:5: hsm.environment.LD_PRELOAD is not known here. Known are SOFTHSM2_CONF"
            ),
            (
                "/c.conf", "c.conf",
                "9:20: hsm.environment.SOFTHSM2_CONF is no absolute path. Write it out from /"
            ),
            (
                "/c.conf", "7",
                "9:20: hsm.environment.SOFTHSM2_CONF must be text. Put it in quotes if it looks like something else"
            ),
            (
                "environment:\n    SOFTHSM2_CONF: /c.conf", "environment: {}",
                "8:16: hsm.environment.SOFTHSM2_CONF is missing. Add it"
            ),
            (
                "environment:\n    SOFTHSM2_CONF: /c.conf", "environment: /c.conf",
                "8:16: hsm.environment must be a mapping. Write keys and values below it"
            ),
        ])
    func mistake(text: String, mistake: String, message: String) throws {
        try #require(Self.site.contains(text))
        let error = #expect(throws: CeremonyError.self) {
            try Site(yaml: Self.site.replacing(text, with: mistake), file: "s.yaml")
        }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "s.yaml:" + message)
    }
}
