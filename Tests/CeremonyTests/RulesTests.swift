import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What a key must be")
struct KeyAttributesTests {
    private static let right = KeyAttributes.template(of: .symmetric) + KeyAttributes.provenance

    @Test("the attributes that were asked for are taken, more of them do not hurt")
    func taken() throws {
        let read = Self.right + [AttributeSetting("CKA_MODIFIABLE", "true")]
        #expect(KeyAttributes.differences(read, KeyAttributes.template(of: .symmetric)) == [])
    }

    @Test(
        "every attribute that is otherwise or missing is named",
        arguments: KeyAttributes.template(of: .symmetric) + KeyAttributes.provenance)
    func wrong(attribute: AttributeSetting) throws {
        let others = Self.right.filter { $0 != attribute }
        for (value, said) in [("wrong", "wrong"), ("unavailable", "unavailable"), (nil, "missing")] {
            let read = others + (value.map { [AttributeSetting(attribute.name, $0)] } ?? [])
            let differences = KeyAttributes.differences(read, KeyAttributes.template(of: .symmetric))
            #expect(differences == ["\(attribute.name) \(said) for \(attribute.value)"])
        }
    }

    @Test("a settled key encrypts no more, and is otherwise the same")
    func settled() throws {
        let settled = KeyAttributes.settled(KeyAttributes.template(of: .symmetric))
        #expect(KeyAttributes.differences(settled + KeyAttributes.provenance, settled) == [])
        #expect(KeyAttributes.differences(Self.right, settled) == ["CKA_ENCRYPT true for false"])
    }

    @Test("an attribute that a token answers twice is no answer")
    func twice() {
        let read = Self.right + [AttributeSetting("CKA_SENSITIVE", "false")]
        #expect(
            KeyAttributes.differences(read, KeyAttributes.template(of: .symmetric)) == [
                "an attribute that was answered twice"
            ])
    }
}

@Suite("Surroundings are held to the plan's")
struct EnvironmentRulesTests {
    /// The surroundings as one host without an air gap sees them.
    private func check(_ seen: CeremonyEnvironment, against planned: CeremonyEnvironment) throws {
        try EnvironmentRules.check(seen.seen(from: nil, programs: seen.programs), against: planned)
    }

    @Test("the same surroundings are taken, and a plan for two hosts is for each of them")
    func same() throws {
        try check(.example, against: .example)
        let other = ProgramDigest(host: "other", program: SHA256Digest(of: [3]))
        try check(.example, against: .make(programs: [other, TestRoom.program]))
    }

    private static func token(
        label: String = FakeHSM.token.label, manufacturer: String = FakeHSM.token.manufacturer,
        model: String = FakeHSM.token.model, serial: String = FakeHSM.token.serial
    ) -> TokenIdentity {
        TokenIdentity(label: label, manufacturer: manufacturer, model: model, serial: serial)
    }

    @Test(
        "each difference is named",
        arguments: [
            (CeremonyEnvironment.make(account: "9"), "the AWS account is 9, planned was 111122223333"),
            (.make(caller: "x"), "the caller is x"), (.make(partition: "aws-cn"), "the partition is aws-cn"),
            (.make(region: "x"), "the Region is x"), (.make(endpoint: "x"), "the KMS endpoint is x"),
            (.make(stsEndpoint: "x"), "the STS endpoint is x"),
            (.make(authorities: "x"), "the set of certificate authorities is x"),
            (.make(proxy: "http://x:1"), "the proxy is http://x:1, planned was none"),
            (.make(token: token(label: "x")), "the token's label is x"),
            (.make(token: token(manufacturer: "x")), "the token's manufacturer is x"),
            (.make(token: token(model: "x")), "the token's model is x"),
            (.make(token: token(serial: "x")), "the token's serial is x"),
            (.make(module: 9), "the PKCS#11 module's SHA-256 is"),
            (
                .make(programs: [ProgramDigest(host: "host", program: SHA256Digest(of: [9]))]),
                "the program on host has the SHA-256"
            ),
        ])
    func difference(observed: CeremonyEnvironment, message: String) throws {
        let error = #expect(throws: CeremonyError.self) { try check(observed, against: .example) }
        #expect(error?.kind == .environment)
        #expect(error?.what.contains(message) == true)
        #expect(error?.what.contains(";") == false, "one difference, and nothing else")
    }

    @Test("all differences are named at once")
    func several() throws {
        let error = #expect(throws: CeremonyError.self) {
            try check(.make(account: "9", region: "x"), against: .example)
        }
        #expect(error?.what.contains("the AWS account is 9") == true)
        #expect(error?.what.contains("; the Region is x") == true)
    }
}

@Suite("A definition is checked before anything is looked at")
struct DefinitionTests {
    @Test("a good one is taken")
    func good() throws {
        let keys = ["alias/a", "alias/A/b_c-1"].map { DefinedKey(alias: $0, strategy: .rotate, proof: true) }
        try Definition(title: "x", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_4096"), keys: keys).validate()
        #expect(keys.map(\.slot) == ["a", "A.b_c-1"])
    }
}
