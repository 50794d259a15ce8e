import Ceremony
import Evidence
import Room
import Testing

@Suite("Definitions and sites are read strictly: an error names file, line and path")
struct YAMLTests {
    static let definition = """
        schema: keyrite.definition/1
        title: A rotation
        windowHours: 4
        wrappingKeySpec: RSA_4096
        keys:
          - alias: alias/payments
            strategy: rotate
            proof: true
        """

    static let site = """
        schema: keyrite.site/1
        mode: rehearsal
        aws:
          region: eu-central-1
          endpoint: "http://127.0.0.1:1"
        hsm:
          socket: "/tmp/s"
          token: "pkcs11:token=x"
        signers:
          ben: "pkcs11:token=ben"
        memory: "/tmp/m"
        """

    @Test("the good ones are taken")
    func good() throws {
        #expect(try Definition(yaml: Self.definition, file: "d.yaml").windowHours == 4)
        #expect(try Site(yaml: Self.site, file: "s.yaml").signers == ["ben": "pkcs11:token=ben"])
    }

    @Test(
        "a definition's mistakes",
        arguments: [
            ("windowHours: 4", "windowHours: four", "d.yaml:3:14: windowHours must be a whole number"),
            ("windowHours: 4", "windowHours: 4.0", "d.yaml:3:14: windowHours must be a whole number"),
            ("windowHours: 4", "windowHours: \"4\"", "d.yaml:3:14: windowHours must be a whole number"),
            ("windowHours: 4\n", "", "d.yaml:1:1: windowHours is missing"),
            ("windowHours: 4", "windowhours: 4", "d.yaml:3:1: windowhours is not known here"),
            ("title: A rotation", "title: 7", "d.yaml:2:8: title must be text"),
            ("title: A rotation", "title: true", "d.yaml:2:8: title must be text"),
            ("title: A rotation", "title: [x]", "d.yaml:2:8: title must be text"),
            ("keyrite.definition/1", "keyrite.definition/2", "d.yaml:1:9: schema is not keyrite.definition/1"),
            ("proof: true", "proof: yes please", "d.yaml:8:12: keys[0].proof must be true or false"),
            ("proof: true", "prove: true", "d.yaml:8:5: keys[0].prove is not known here"),
            ("    proof: true", "", "d.yaml:6:5: keys[0].proof is missing"),
            ("strategy: rotate", "strategy: reimport", "d.yaml:7:15: keys[0].strategy is not known"),
            (
                "  - alias: alias/payments\n    strategy: rotate\n    proof: true", "  alias: x",
                "d.yaml:6:3: keys must be a list"
            ),
            (
                "  - alias: alias/payments\n    strategy: rotate\n    proof: true", "  - x",
                "d.yaml:6:5: keys[0] must be a mapping"
            ),
            ("alias/payments", "payments", "d.yaml: payments is no alias of a customer's key"),
        ])
    func definitionMistake(text: String, mistake: String, message: String) throws {
        try #require(Self.definition.contains(text))
        let yaml = Self.definition.replacing(text, with: mistake)
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.what.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test(
        "a site's mistakes",
        arguments: [
            ("mode: rehearsal", "mode: real", "s.yaml:2:7: mode must be live or rehearsal"),
            ("  socket: \"/tmp/s\"\n", "", "s.yaml:7:3: hsm.library and socket: one of the two must be there"),
            ("  socket: \"/tmp/s\"", "  socket: s\n  library: l", "s.yaml:8:12: hsm.library and socket"),
            ("  region: eu-central-1\n", "", "s.yaml:4:3: aws.region is missing"),
            ("  ben: \"pkcs11:token=ben\"", "  ben: 7", "s.yaml:10:8: signers.ben must be text"),
            ("memory: \"/tmp/m\"", "memory: \"/tmp/m\"\npin: 1234", "s.yaml:12:1: pin is not known here"),
        ])
    func siteMistake(text: String, mistake: String, message: String) throws {
        try #require(Self.site.contains(text))
        let yaml = Self.site.replacing(text, with: mistake)
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: yaml, file: "s.yaml") }
        #expect(error?.what.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test("each strategy has its keys, and what they say reaches the definition")
    func strategies() throws {
        let yaml = Self.definition.replacing(
            "strategy: rotate",
            with: """
                strategy: replace
                    description: new
                    tags: {Service: ledger}
                    multiRegion: true
                """)
        let replaced = try Definition(yaml: yaml, file: "d.yaml").keys[0]
        #expect(replaced.strategy == .replace)
        #expect(
            replaced.changes == KeyChanges(description: "new", tags: ["Service": "ledger"], multiRegion: true))
        let imported = Self.definition.replacing(
            "alias: alias/payments\n    strategy: rotate",
            with: """
                key: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
                    strategy: import
                """)
        let key = try Definition(yaml: imported, file: "d.yaml").keys[0]
        #expect(key.alias == nil)
        #expect(key.slot == "1234abcd-12ab-34cd-56ef-1234567890ab")
    }

    @Test(
        "a key of another strategy does not belong, and what it says must make sense",
        arguments: [
            ("strategy: rotate\n    key: x", "d.yaml:8:10: keys[0].key does not belong to rotate"),
            ("strategy: rotate\n    tags: {a: b}", "d.yaml:8:11: keys[0].tags does not belong to rotate"),
            ("strategy: import\n    policyFile: p", "d.yaml:8:17: keys[0].policyFile does not belong to import"),
            ("strategy: replace\n    key: x", "d.yaml:8:10: keys[0].key does not belong to replace"),
            ("strategy: replace\n    tags: [a]", "d.yaml:8:11: keys[0].tags must be a mapping"),
            ("strategy: replace\n    tags: {a: 1}", "d.yaml:8:15: keys[0].tags.a must be text"),
            ("strategy: replace\n    policyFile: none.json", "d.yaml:8:17: keys[0].policyFile"),
            ("strategy: import\n    key: alias/x", "d.yaml: alias/x is no key's id or ARN"),
            ("strategy: import\n    key: 7", "d.yaml:8:10: keys[0].key must be text"),
            ("strategy: replace\n    tags: {\"aws:x\": y}", "d.yaml: The tag aws:x of payments cannot be given"),
            ("strategy: replace\n    tags: {keyrite: y}", "d.yaml: The tag keyrite of payments cannot be given"),
        ])
    func strategyMistake(mistake: String, message: String) throws {
        let yaml = Self.definition.replacing("strategy: rotate", with: mistake)
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.what.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test("a first import names its key or its alias")
    func importOfNothing() throws {
        let yaml = Self.definition.replacing("alias: alias/payments\n    strategy: rotate", with: "strategy: import")
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(error?.what == "d.yaml:6:5: keys[0].key and alias: one of the two must be there")
    }

    @Test(
        "what is no mapping, not YAML, or says a thing twice is refused",
        arguments: ["", "- x", "x", "a: [", "title: a\ntitle: b", "schema: &a x\ntitle: *b"])
    func noMapping(yaml: String) {
        #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
    }

    @Test("a key that stands twice is refused, even with the same value")
    func duplicate() {
        let yaml = Self.definition.replacing("windowHours: 4", with: "windowHours: 4\nwindowHours: 4")
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(error?.what.contains("d.yaml") == true)
        #expect(error?.what.contains("windowHours") == true)
    }

    @Test("a site that is live, or leads off this machine, is refused before anything is connected")
    func liveOrRemote() throws {
        for (text, change) in [("mode: rehearsal", "mode: live"), ("http://127.0.0.1:1", "https://kms.example")] {
            let site = try Site(yaml: Self.site.replacing(text, with: change), file: "s.yaml")
            #expect(throws: CeremonyError.self) { try site.requireRehearsal() }
        }
    }
}
