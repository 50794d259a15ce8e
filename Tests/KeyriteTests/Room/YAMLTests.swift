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

    @Test("a module and its parameters are as they were written, and a site writes them so that it reads them again")
    func module() throws {
        let parameters = #"configdir='sql:/a b' flags="x\y" # not a comment"#
        let written = "library: /l.so\n  parameters: |-\n    \(parameters)"
        let site = try Site(yaml: Self.site.replacing("socket: \"/tmp/s\"", with: written), file: "s.yaml")
        #expect(site.module == .library(path: "/l.so", parameters: parameters))
        #expect(try Site(yaml: site.yaml, file: "s.yaml").module == site.module)
        let plain = try Site(yaml: Self.site.replacing("socket: \"/tmp/s\"", with: "library: /l.so"), file: "s.yaml")
        #expect(plain.module == .library(path: "/l.so"))
    }

    @Test(
        "a definition's mistakes",
        arguments: [
            ("windowHours: 4", "windowHours: four", "3:14: windowHours must be a whole number. Correct it"),
            ("windowHours: 4", "windowHours: 4.0", "3:14: windowHours must be a whole number. Correct it"),
            ("windowHours: 4", "windowHours: \"4\"", "3:14: windowHours must be a whole number. Correct it"),
            ("windowHours: 4\n", "", "1:1: windowHours is missing. Add it"),
            (
                "windowHours: 4", "windowhours: 4",
                "3:1: windowhours is not known here. Known are schema, title, windowHours, wrappingKeySpec, keys, "
                    + "policy"
            ),
            (
                "windowHours: 4", "windowHours: 0",
                "3:14: windowHours: a window of 0 hours. Choose between 1 and 168 hours"
            ),
            ("title: A rotation", "title: 7", "2:8: title must be text. \(quotes)"),
            ("title: A rotation", "title: true", "2:8: title must be text. \(quotes)"),
            ("title: A rotation", "title: [x]", "2:8: title must be text. \(quotes)"),
            (
                "keyrite.definition/1", "keyrite.definition/2",
                "1:9: schema is not keyrite.definition/1. Start from an example in ceremony/"
            ),
            ("proof: true", "proof: yes please", "8:12: keys[0].proof must be true or false. Correct it"),
            ("proof: true", "prove: true", "8:5: keys[0].prove is not known here. \(known)"),
            ("    proof: true", "", "6:5: keys[0].proof is missing. Add it"),
            (
                "strategy: rotate", "strategy: restore",
                "7:15: keys[0].strategy is not known. This version knows import, rotate, replace, reimport, revoke"
            ),
            (
                "  - alias: alias/payments\n    strategy: rotate\n    proof: true", "  alias: x",
                "6:3: keys must be a list. Correct it"
            ),
            (
                "  - alias: alias/payments\n    strategy: rotate\n    proof: true", "  - x",
                "6:5: keys[0] must be a mapping. Write keys and values below it"
            ),
            (
                "\n  - alias: alias/payments\n    strategy: rotate\n    proof: true", " []",
                "5:7: keys: it is empty. Add at least one key"
            ),
            (
                "RSA_4096", "RSA_512",
                "4:18: wrappingKeySpec: RSA_512 is no wrapping key spec. Use RSA_2048, RSA_3072 or RSA_4096"
            ),
            (
                "alias/payments", "payments",
                "6:12: keys[0].alias: payments is no alias of a customer's key. Write alias/ and then up to 180 letters, "
                    + "digits, / _ or -"
            ),
            (
                "proof: true", "proof: true\n  - {alias: alias/payments, strategy: rotate, proof: true}",
                "9:13: keys[1].alias: alias/payments stands here and before. Keep it once"
            ),
        ])
    func definitionMistake(text: String, mistake: String, message: String) throws {
        try #require(Self.definition.contains(text))
        let yaml = Self.definition.replacing(text, with: mistake)
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "d.yaml:" + message)
    }

    private static let quotes = "Put it in quotes if it looks like something else"
    private static let ofEach = "Known are alias, strategy, proof, trustedWrapping, retention, backup"
    private static let known =
        "Known are alias, backup, checkValues, description, expires, id, key, label, material, multiRegion, policyFile, "
        + "proof, restored, retention, strategy, tags, trustedWrapping"

    @Test(
        "what a definition asks of the quorum, in mistakes",
        arguments: [
            ("policy: 8", "5:9: policy must be a mapping. Write keys and values below it"),
            ("policy: {quorum: 3}", "5:10: policy.quorum is not known here. \(policies)"),
            (
                "policy: {rules: {opening: []}}",
                "5:18: policy.rules.opening is not known here. Known are authorize, release, activate, close"
            ),
            ("policy: {rules: {release: 3}}", "5:27: policy.rules.release must be a list. Correct it"),
            (
                "policy:\n  rules:\n    release:\n      - {role: guard, count: 3}",
                "8:16: policy.rules.release[0].role is not known. This version knows custodian, witness, auditor"
            ),
            (
                "policy: {rules: {release: [{role: witness, count: two}]}}",
                "5:51: policy.rules.release[0].count must be a whole number. Correct it"
            ),
            ("policy: {separate: release}", "5:20: policy.separate must be a list of pairs. Correct it"),
            (
                "policy:\n  separate:\n    - [authorize, release]\n    - [release]",
                "8:7: policy.separate[1] must be a pair. Write it as [one, other]"
            ),
            (
                "policy: {separate: [[authorize, opening]]}",
                "5:20: policy.separate names opening, which is no gate. The gates are authorize, release, activate, close"
            ),
            ("policy: {approvalHours: 1.5}", "5:25: policy.approvalHours must be a whole number. Correct it"),
        ])
    func policyMistake(policy: String, message: String) throws {
        let yaml = Self.definition.replacing("keys:", with: policy + "\nkeys:")
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "d.yaml:" + message)
    }

    private static let policies = "Known are rules, separate, approvalHours, foldsActivate"

    @Test("a definition asks more of the quorum, or nothing")
    func policy() throws {
        let policy = """
            policy:
              rules:
                release: [{role: custodian, count: 3}, {role: witness, count: 1}]
              separate: [[release, authorize]]
              approvalHours: 8
              foldsActivate: true
            keys:
            """
        let yaml = Self.definition.replacing("keys:", with: policy)
        #expect(
            try Definition(yaml: yaml, file: "d.yaml").policy
                == QuorumPolicy(
                    rules: [
                        RaisedRule(
                            gate: .release,
                            requirements: [
                                GateRequirement(role: .custodian, count: 3), GateRequirement(role: .witness, count: 1),
                            ])
                    ], separate: [Separation(.authorize, .release)], approvalHours: 8, foldsActivate: true))
        #expect(try Definition(yaml: Self.definition, file: "d.yaml").policy == QuorumPolicy())
    }

    @Test(
        "a site's mistakes",
        arguments: [
            (
                "keyrite.site/1", "keyrite.site/2",
                "1:9: schema is not keyrite.site/1. Start from an example in ceremony/"
            ),
            ("mode: rehearsal", "mode: real", "2:7: mode must be live or rehearsal. Correct it"),
            (
                "  socket: \"/tmp/s\"\n", "",
                "7:3: hsm.library and socket: one of the two must be there. Name one"
            ),
            (
                "socket: \"/tmp/s\"", "socket: /s\n  parameters: x",
                "8:15: hsm.parameters goes with a library. Tell them to the server's module, or leave it out"
            ),
            (
                "socket: \"/tmp/s\"", "library: /l\n  parameters: \"a\\nb\"",
                "8:15: hsm.parameters has a control character. Write it on one line"
            ),
            ("\"/tmp/s\"", "s", "7:11: hsm.socket is no absolute path. Write it out from /"),
            ("socket: \"/tmp/s\"", "library: l", "7:12: hsm.library is no absolute path. Write it out from /"),
            (
                "pkcs11:token=x", "x",
                "8:10: hsm.token is wrong: a PKCS#11 URI begins with pkcs11: and is ASCII without white space. Correct it"
            ),
            (
                "pkcs11:token=ben", "pkcs11:token=ben?pin-value=hunter2",
                "10:8: signers.ben is wrong: a PIN does not belong in a URI; Keyrite asks for it when it is needed. "
                    + "Correct it"
            ),
            ("  region: eu-central-1\n", "", "4:3: aws.region is missing. Add it"),
            ("  ben: \"pkcs11:token=ben\"", "  ben: 7", "10:8: signers.ben must be text. \(quotes)"),
            (
                "memory: \"/tmp/m\"", "memory: \"/tmp/m\"\npin: 1234",
                "12:1: pin is not known here. Known are schema, mode, gap, aws, hsm, signers, memory, timestamp"
            ),
            (
                "  region: eu-central-1", "  region: eu-central-1\n  quotas: {GetParametersForImport: 0}",
                "5:36: aws.quotas.GetParametersForImport must be 1 or more. Write the calls a second"
            ),
        ])
    func siteMistake(text: String, mistake: String, message: String) throws {
        try #require(Self.site.contains(text))
        let yaml = Self.site.replacing(text, with: mistake)
        let error = #expect(throws: CeremonyError.self) { try Site(yaml: yaml, file: "s.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "s.yaml:" + message)
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
            (
                "strategy: rotate\n    key: x",
                "8:10: keys[0].key does not belong to rotate. \(ofEach)"
            ),
            (
                "strategy: rotate\n    tags: {a: b}",
                "8:11: keys[0].tags does not belong to rotate. \(ofEach)"
            ),
            (
                "strategy: import\n    policyFile: p",
                "8:17: keys[0].policyFile does not belong to import. \(ofEach), key"
            ),
            (
                "strategy: replace\n    key: x",
                "8:10: keys[0].key does not belong to replace. \(ofEach), policyFile, description, "
                    + "tags, multiRegion"
            ),
            (
                "strategy: replace\n    tags: [a]",
                "8:11: keys[0].tags must be a mapping. Write keys and values below it"
            ),
            ("strategy: replace\n    tags: {a: 1}", "8:15: keys[0].tags.a must be text. \(quotes)"),
            (
                "strategy: replace\n    policyFile: /none.json",
                "8:17: keys[0].policyFile /none.json cannot be read as text. Name a file beside the definition"
            ),
            (
                "strategy: replace\n    policyFile: /etc/passwd",
                "8:17: keys[0].policyFile /etc/passwd is no JSON document with a Statement. Write a key policy"
            ),
            (
                "strategy: import\n    key: alias/x",
                "8:10: keys[0].key: alias/x is no key's id or ARN. Write it as DescribeKey has it"
            ),
            ("strategy: import\n    key: 7", "8:10: keys[0].key must be text. \(quotes)"),
            (
                "strategy: replace\n    tags: {\"aws:x\": y}",
                "8:11: keys[0].tags: the tag aws:x cannot be given. \(tags)"
            ),
            (
                "strategy: replace\n    tags: {keyrite: y}",
                "8:11: keys[0].tags: the tag keyrite cannot be given. \(tags)"
            ),
        ])
    func strategyMistake(mistake: String, message: String) throws {
        let yaml = Self.definition.replacing("strategy: rotate", with: mistake)
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "d.yaml:" + message)
    }

    private static let tags = "Not longer than 128 and 256 bytes, not aws:..., not keyrite"

    @Test("a first import names its key or its alias")
    func importOfNothing() throws {
        let yaml = Self.definition.replacing("alias: alias/payments\n    strategy: rotate", with: "strategy: import")
        let error = #expect(throws: CeremonyError.self) { try Definition(yaml: yaml, file: "d.yaml") }
        #expect(
            error?.description
                == "d.yaml:6:5: keys[0].key and alias: one of the two must be there. Name the key, its alias, or both")
    }

    @Test("aliases of aliases are refused before anything is made of them, also where a key of a mapping is one")
    func aliasesOfAliases() throws {
        let lines = (1..<64).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let text = (["a0: &a0 [x, x]"] + lines + ["? *a63", ": x", ""]).joined(separator: "\n")
        #expect(throws: CeremonyError.self) { try Definition(yaml: text, file: "definition.yaml") }
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

    @Test(
        "what does not fit the rehearsal that is held is refused before anything is connected",
        arguments: [
            (
                "mode: rehearsal", "mode: live",
                "2:7: mode: this version holds rehearsals only, and the site says live. Live ceremonies need the checks of "
                    + "the HSM that keyrite doctor will make"
            ),
            (
                "http://127.0.0.1:1", "https://kms.example",
                "5:13: aws.endpoint: a rehearsal never talks to https://kms.example. \(emulator)"
            ),
            (
                "  endpoint: \"http://127.0.0.1:1\"\n", "",
                "4:3: aws.endpoint: a rehearsal never talks to https://kms.eu-central-1.amazonaws.com. \(emulator)"
            ),
            (
                "hsm:", "  stsEndpoint: https://sts.example\nhsm:",
                "6:16: aws.stsEndpoint: a rehearsal never talks to https://sts.example. \(emulator)"
            ),
        ])
    func unfit(text: String, change: String, message: String) throws {
        let site = try Site(yaml: Self.site.replacing(text, with: change), file: "s.yaml")
        let error = #expect(throws: CeremonyError.self) { try site.requireRehearsal() }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description == "s.yaml:" + message)
    }

    @Test("a roster of another mode, and a person whose token it does not name, have the place in the site, too")
    func others() throws {
        let site = try Site(yaml: Self.site, file: "s.yaml")
        var error = #expect(throws: CeremonyError.self) { try site.require(.live) }
        #expect(
            error?.description == "s.yaml:2:7: mode: the site is for rehearsal, the roster for live. "
                + "Take the site and the roster that belong together")
        error = #expect(throws: CeremonyError.self) { try site.signer(of: "carol") }
        #expect(error?.description == "s.yaml:10:3: signers: it does not say where carol's token is. Add it there")
    }

    private static let emulator = "Point the site at an emulator on this machine"
}
