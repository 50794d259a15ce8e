import CryptoPrimitives
import Evidence
import Foundation
import Testing

@Suite("Rosters")
struct RosterTests {
    @Test("A roster is read from the bytes that were written, and its digest is theirs")
    func roundTrip() throws {
        let bytes = try RosterFixture.roster.json()
        #expect(try Roster(json: bytes) == RosterFixture.roster)
        #expect(Roster.digest(of: bytes) == SHA256Digest(of: bytes))
        #expect(RosterFixture.roster.member(named: "dan")?.role == .custodian)
        #expect(RosterFixture.roster.member(named: "Dan") == nil)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix(#"{"members":[{"key":"ssh-ed25519 AAAA"#))
        #expect(text.contains(#""name":"alice","role":"administrator","validFrom":"2026-11-18T"#))
        #expect(
            text.hasSuffix(
                #""change":[{"count":2,"role":"custodian"}],"#
                    + #""close":[{"count":2,"role":"custodian"},{"count":1,"role":"witness"}],"#
                    + #""release":[{"count":2,"role":"custodian"}]},"schema":"keyrite.roster/1","sequence":1}"#))
    }

    @Test("A roster sorts the members it is given")
    func sorting() throws {
        let roster = Roster(mode: .rehearsal, members: RosterFixture.members.reversed(), rules: RosterFixture.rules)
        #expect(roster == RosterFixture.roster)
        try roster.validate()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let members: [Member]
        let rules: GateRules
        let description: String
        var testDescription: String { description }

        init(adding members: Member..., expected: String) {
            self.init(RosterFixture.members + members, expected: expected)
        }

        init(_ members: [Member] = RosterFixture.members, rules: GateRules = RosterFixture.rules, expected: String) {
            self.members = members
            self.rules = rules
            description = "roster: " + expected
        }
    }

    typealias Make = RosterFixture
    static let badName = "is no name; use 1 to 32 of a-z, 0-9 and \"-\", beginning with a letter or digit"
    static let badKey =
        "enrol the first two words of the .pub file of an ECDSA P-256 or Ed25519 key, "
        + "on a FIDO2 authenticator or not"
    static let badValidity = "give a validity that begins after 1970-01-01T00:00:00Z and before it ends"

    static let names = [
        Refusal(adding: Make.member("", .witness, key: 9), expected: "\"\" \(badName)"),
        Refusal(adding: Make.member("Eve", .witness, key: 9), expected: "\"Eve\" \(badName)"),
        Refusal(adding: Make.member("e*", .witness, key: 9), expected: "\"e*\" \(badName)"),
        Refusal(adding: Make.member("e,f", .witness, key: 9), expected: "\"e,f\" \(badName)"),
        Refusal(adding: Make.member("../x", .witness, key: 9), expected: "\"../x\" \(badName)"),
        Refusal(adding: Make.member("-rf", .witness, key: 9), expected: "\"-rf\" \(badName)"),
        Refusal(adding: Make.member("eve\n", .witness, key: 9), expected: "\"eve%0A\" \(badName)"),
        Refusal(adding: Make.member("\u{E9}ve", .witness, key: 9), expected: "\"%C3%A9ve\" \(badName)"),
        Refusal(
            adding: Make.member(String(repeating: "e", count: 33), .witness, key: 9),
            expected: "\"\(String(repeating: "e", count: 33))\" \(badName)"),
        Refusal(
            adding: Make.member("dan", .witness, key: 9),
            expected: "two members have the name dan; give each person a name of their own"),
    ]

    static let keys = [
        Refusal(
            adding: Make.member("eve", .witness, key: 2),
            expected: "bob and eve have the same key; enrol a key for each person"),
        Refusal(
            adding: Make.member("eve", .witness, key: Fixture.p256Line + " eve@home"),
            expected:
                "eve's key cannot be used; a public key is \"TYPE BASE64\", one space between them and no comment; "
                + badKey),
        Refusal(
            adding: Make.member("eve", .witness, key: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQM="),
            expected: "eve's key cannot be used; the public key is an RSA key; \(badKey)"),
        Refusal(
            adding: Make.member("eve", .witness, key: 0),
            expected: "eve's key cannot be used; the public key is none: an Ed25519 key of small order belongs to "
                + "everybody; \(badKey)"),
    ]

    static let people = [
        Refusal(
            adding: Make.member("eve", .administrator, key: 9),
            expected: "it has 2 administrators; name exactly one member as administrator"),
        Refusal(
            Array(Make.members.dropFirst()),
            expected: "it has 0 administrators; name exactly one member as administrator"),
        Refusal([], expected: "it has 0 administrators; name exactly one member as administrator"),
        Refusal(
            adding: Make.member("eve", .witness, key: 9, from: 1_800_000_000, until: 1_800_000_000),
            expected: "eve is valid from 2027-01-15T08:00:00Z until 2027-01-15T08:00:00Z; \(badValidity)"),
        Refusal(
            adding: Make.member("eve", .witness, key: 9, from: 0),
            expected: "eve is valid from 1970-01-01T00:00:00Z until 2027-01-15T08:00:00Z; \(badValidity)"),
    ]

    static let gates = Gate.allCases.flatMap { gate in
        let custodian = GateRequirement(role: .custodian, count: 1)
        return [
            Refusal(
                rules: Make.rules(gate, []),
                expected: "the gate \(gate.rawValue) needs nobody; name a role and how many of it must approve"),
            Refusal(
                rules: Make.rules(gate, [custodian, GateRequirement(role: .custodian, count: 2)]),
                expected: "the gate \(gate.rawValue) names a role twice; give each role one count"),
            Refusal(
                rules: Make.rules(gate, [custodian, GateRequirement(role: .administrator, count: 1)]),
                expected: "the gate \(gate.rawValue) counts the administrator; count custodians, witnesses or auditors"),
            Refusal(
                rules: Make.rules(gate, [GateRequirement(role: .custodian, count: 0)]),
                expected: "the gate \(gate.rawValue) needs 0 of role custodian; "
                    + "give a count of at least 1, or leave the role out"),
            Refusal(
                rules: Make.rules(gate, [custodian, GateRequirement(role: .witness, count: -1)]),
                expected: "the gate \(gate.rawValue) needs -1 of role witness; "
                    + "give a count of at least 1, or leave the role out"),
            Refusal(
                rules: Make.rules(gate, [GateRequirement(role: .custodian, count: 4)]),
                expected: "the gate \(gate.rawValue) needs 4 of role custodian and the roster has 3; "
                    + "enrol more of that role, or lower the count"),
            Refusal(
                rules: Make.rules(gate, [custodian, GateRequirement(role: .auditor, count: 1)]),
                expected: "the gate \(gate.rawValue) needs 1 of role auditor and the roster has 0; "
                    + "enrol more of that role, or lower the count"),
        ]
    }

    static let change = [
        ([], "needs nobody; name a role and how many of it must sign it"),
        (
            [GateRequirement(role: .administrator, count: 1)],
            "counts the administrator; count custodians, witnesses or auditors"
        ),
        (
            [GateRequirement(role: .custodian, count: 4)],
            "needs 4 of role custodian and the roster has 3; enrol more of that role, or lower the count"
        ),
    ].map { requirements, expected in
        let rules = Make.rules
        return Refusal(
            rules: GateRules(
                authorize: rules.authorize, release: rules.release, activate: rules.activate, close: rules.close,
                change: requirements), expected: "a change of the roster " + expected)
    }

    @Test(
        "A roster that cannot be relied on is refused, with who and what to do",
        arguments: names + keys + people + gates + change)
    func refused(_ refusal: Refusal) throws {
        let roster = Roster(mode: .live, members: refusal.members, rules: refusal.rules)
        let error = try #require(throws: RosterError.self) { try roster.validate() }
        #expect(error.description == refusal.description)
    }

    @Test("Bytes are refused that differ in order, schema, mode, role or keys")
    func refusedBytes() throws {
        let text = String(decoding: try RosterFixture.roster.json(), as: UTF8.self)
        let other = text.replacing("\"alice\"", with: "\"zoe\"")
        let disorder = #expect(throws: RosterError.self) { try Roster(json: Array(other.utf8)) }
        #expect(disorder?.description == "roster: bob stands after zoe; sort the members by name")
        #expect(throws: RosterError.self) {
            try Roster(json: Array(text.replacing("keyrite.roster/1", with: "keyrite.roster/2").utf8))
        }
        for (part, other) in [
            ("\"rehearsal\"", "\"Live\""), ("\"witness\"", "\"observer\""), ("\"mode\":", "\"mode\": "),
            ("\"schema\"", "\"note\":\"\",\"schema\""), ("\"release\":", "\"releases\":"), ("Z\"}", "\"}"),
        ] {
            let changed = text.replacing(part, with: other)
            try #require(changed != text)
            #expect(throws: CanonicalJSONError.self) { try Roster(json: Array(changed.utf8)) }
        }
    }

    @Test("A member's validity includes its first and its last second")
    func validity() {
        let member = RosterFixture.member("eve", .witness, key: 9, from: 100, until: 200)
        let verdicts = [99, 100, 200, 201].map { member.isValid(at: Timestamp(epochSeconds: $0)) }
        #expect(verdicts == [false, true, true, false])
    }
}
