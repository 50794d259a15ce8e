import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import KeyriteCommands
import Room
import TestSupport
import Testing

@Suite("The definition of a roster is read strictly: an error names file, line and path")
struct RosterDefinitionTests {
    static let adasKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA2CHsLOQN/LHOxKXe+ypqQVRRsKIe9XPHv3J5v94XdV"
    static let bensKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkp/GL+UdzhEeVgFNCQFKOlsY8H5mI1vHfrR0Ebt6ah"

    static let text = """
        schema: keyrite.roster-definition/1
        mode: live
        members:
          - name: ben
            role: custodian
            key: \(bensKey)
            validFrom: 2026-01-01T00:00:00Z
            validUntil: 2027-01-01T00:00:00Z
          - name: ada
            role: administrator
            key: \(adasKey)
            validFrom: "2026-01-01T00:00:00Z"
            validUntil: "2027-01-01T00:00:00Z"
        rules:
          authorize: {custodian: 1}
          release: {custodian: 1}
          activate: {custodian: 1}
          close: {custodian: 1}
          change: {custodian: 1}
        """

    @Test("the good one makes a first roster, and one that follows another")
    func good() throws {
        let definition = try RosterDefinition(yaml: Self.text, file: "r.yaml")
        let first = try definition.first()
        #expect(first.members.map(\.name) == ["ada", "ben"])
        #expect(first.members.map(\.key) == [Self.adasKey, Self.bensKey])
        #expect(first.members[1].validUntil == Timestamp("2027-01-01T00:00:00Z"))
        #expect(first.rules.change == [GateRequirement(role: .custodian, count: 1)])
        let edition = try RosterEdition(first, bytes: try first.json(), after: nil)
        let later = try RosterDefinition(yaml: Self.text.replacing("2027", with: "2028"), file: "r.yaml")
        let next = try later.next(after: edition)
        #expect(next.sequence == 2)
        #expect(next.previous == SHA256Digest(of: try first.json()))
    }

    @Test(
        "its mistakes",
        arguments: [
            ("mode: live", "mode: test", "2:7: mode is not known. This version knows live, rehearsal"),
            (
                "role: custodian\n", "role: boss\n",
                "5:11: members[0].role is not known. This version knows administrator, custodian, witness, auditor"
            ),
            (
                "name: ben", "name: 7",
                "4:11: members[0].name must be text. Put it in quotes if it looks like something else"
            ),
            (
                "name: ben", "nom: ben",
                "4:5: members[0].nom is not known here. Known are name, role, key, keyFile, userPresence, "
                    + "validFrom, validUntil"
            ),
            (
                "validFrom: 2026-01-01T00:00:00Z", "validFrom: 2026-01-01",
                "7:16: members[0].validFrom must be a time. Write it as 2026-11-23T18:33:00Z, in UTC"
            ),
            (
                "validFrom: 2026-01-01T00:00:00Z", "validFrom: 2026-02-30T00:00:00Z",
                "7:16: members[0].validFrom must be a time. Write it as 2026-11-23T18:33:00Z, in UTC"
            ),
            (
                "key: \(bensKey)", "key: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQM=",
                "6:10: members[0].key cannot be used: the public key"
            ),
            ("key: \(bensKey)", "key: \(bensKey) ben@home", "6:10: members[0].key cannot be used: a public key is"),
            (
                "    key: \(bensKey)\n", "",
                "4:5: members[0].key or keyFile: just one of the two must be there. Write the key, or name its .pub file"
            ),
            (
                "    role: custodian\n", "    role: custodian\n    keyFile: x.pub\n",
                "7:10: members[0].key or keyFile: just one"
            ),
            (
                "key: \(bensKey)", "keyFile: none.pub",
                "6:14: members[0].keyFile /nowhere/none.pub cannot be read as text. Name a .pub file beside the definition"
            ),
            ("key: \(bensKey)", "key: \(adasKey)", "1:1: ada and ben have the same key. Enrol a key for each person"),
            ("  change: {custodian: 1}", "", "15:3: rules.change is missing. Add it"),
            (
                "change: {custodian: 1}", "change: {custodian: 0}",
                "1:1: a change of the roster needs 0 of role custodian. Give a count of at least 1, or leave the role out"
            ),
            (
                "change: {custodian: 1}", "change: {boss: 1}",
                "19:12: rules.change.boss is not known here. Known are administrator, custodian, witness, auditor"
            ),
            (
                "change: {custodian: 1}", "change: {custodian: one}",
                "19:23: rules.change.custodian must be a whole number. Correct it"
            ),
            (
                "keyrite.roster-definition/1", "keyrite.definition/1",
                "1:9: schema is not keyrite.roster-definition/1. Start from ceremony/roster.yaml"
            ),
        ])
    func mistakes(text: String, other: String, expected: String) throws {
        let changed = Self.text.replacing(text, with: other)
        try #require(changed != Self.text)
        let error = #expect(throws: CeremonyError.self) {
            try RosterDefinition(yaml: changed, file: "/nowhere/r.yaml").first()
        }
        #expect(error?.kind == .invalidInput)
        #expect(error?.description.hasPrefix("/nowhere/r.yaml:" + expected) == true, "\(String(describing: error))")
    }

    @Test("a .pub file is read as ssh-keygen writes it, and one of several lines is not")
    func keyFile() async throws {
        try await withTemporaryFolder { base in
            let file = base.appending(path: "r.yaml").path
            let text = Self.text.replacing("key: \(Self.bensKey)", with: "keyFile: ben.pub")
            for line in ["\(Self.bensKey)\n", "\(Self.bensKey) ben at home\n", Self.bensKey] {
                try Data(line.utf8).write(to: base.appending(path: "ben.pub"))
                #expect(try RosterDefinition(yaml: text, file: file).first().members[1].key == Self.bensKey)
            }
            try Data("\(Self.bensKey)\n\(Self.adasKey)\n".utf8).write(to: base.appending(path: "ben.pub"))
            let error = #expect(throws: CeremonyError.self) { try RosterDefinition(yaml: text, file: file) }
            #expect(error?.what == "\(file):6:14: members[0].keyFile \(base.path)/ben.pub has 2 lines, not one")
        }
    }

    @Test("what is shown before it is signed has every value of the bytes, and says what the change is")
    func shownWhole() throws {
        let first = try RosterDefinition(yaml: Self.text, file: "r.yaml").first()
        let edition = try RosterEdition(first, bytes: try first.json(), after: nil)
        let changed = Self.text.replacing("2027", with: "2028").replacing(
            "change: {custodian: 1}", with: "change: {custodian: 1, auditor: 1}"
        )
        .replacing(
            "rules:",
            with: """
                  - name: eve
                    role: auditor
                    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqi
                    validFrom: 2026-01-01T00:00:00Z
                    validUntil: 2027-01-01T00:00:00Z
                rules:
                """)
        let next = try RosterDefinition(yaml: changed, file: "r.yaml").next(after: edition)
        let bytes = try next.json()
        let shown = try RosterText.paragraphs(bytes, before: first).map { $0.lead + $0.text }
        var leaves: [String] = []
        func collect(_ value: JSONValue, _ key: String) {
            switch value {
            case .object(let members): for (key, value) in members { collect(value, key) }
            case .array(let elements): for element in elements { collect(element, key) }
            case .string(let text): leaves.append(text)
            case .integer(let number): leaves.append("\(number)")
            default: Issue.record("a roster has no \(value)")
            }
        }
        collect(try CanonicalJSON.parse(bytes), "")
        #expect(leaves.count > 30)
        for leaf in leaves { #expect(shown.contains { $0.contains(leaf) }, "\(leaf) is not shown") }
        for sentence in [
            "  eve comes, as auditor.", "  ben is valid until 2028-01-01T00:00:00Z, not 2027-01-01T00:00:00Z.",
            "  change needs 1 custodian and 1 auditor, not 1 custodian.",
        ] {
            #expect(shown.contains(sentence), "\(sentence)")
        }
    }
}
