import Evidence
import Foundation
import TestSupport
import Testing

@Suite("Files that people wrote wrong", .timeLimit(.minutes(60)))
struct FileInputTests {
    /// A mistake in one of two files: what stands there, what is written in its place, and what `keyrite plan` says.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let file: String
        let text: String
        let mistake: String
        let complaint: String

        var testDescription: String { "\(file): \(mistake)" }
    }

    private static func definition(_ text: String, _ mistake: String, _ complaint: String) -> Mistake {
        Mistake(file: "definition.yaml", text: text, mistake: mistake, complaint: complaint)
    }

    private static func site(_ text: String, _ mistake: String, _ complaint: String) -> Mistake {
        Mistake(file: "site.yaml", text: text, mistake: mistake, complaint: complaint)
    }

    static let mistakes = [
        definition(
            "windowHours: 4", "windowHours: 4\nhours: 4",
            "BASE/definition.yaml:4:1: hours is not known here. Known are schema, title, windowHours, wrappingKeySpec, keys, "
                + "policy"
        ),
        definition(
            "strategy: rotate", "strategy: rotate\n    prof: true",
            "BASE/definition.yaml:8:5: keys[0].prof is not known here. Known are alias, backup, checkValues, description, "
                + "expires, id, key, label, material, multiRegion, policyFile, proof, restored, retention, strategy, "
                + "tags, trustedWrapping"),
        definition(
            "windowHours: 4", "windowHours: 4\nwindowHours: 4",
            "BASE/definition.yaml:3:1: windowHours stands here and again in the same mapping. Correct it"),
        definition(
            "strategy: rotate", "strategy: rotate\n    alias: alias/b",
            "BASE/definition.yaml:6:5: alias stands here and again in the same mapping. Correct it"),
        definition(
            "windowHours: 4", "windowHours: \"4\"",
            "BASE/definition.yaml:3:14: windowHours must be a whole number. Correct it"),
        definition(
            "title: A rotation", "title: 2026",
            "BASE/definition.yaml:2:8: title must be text. Put it in quotes if it looks like something else"),
        definition(
            "title: A rotation", "title: no",
            "BASE/definition.yaml:2:8: title must be text. Put it in quotes if it looks like something else"),
        definition(
            "proof: true", "proof: 1", "BASE/definition.yaml:8:12: keys[0].proof must be true or false. Correct it"),
        definition("proof: true", "", "BASE/definition.yaml:6:5: keys[0].proof is missing. Add it"),
        definition(
            "title: A rotation", "title: &t A rotation",
            "BASE/definition.yaml:2:8: the anchor &t and its aliases are refused. Write the value out wherever it belongs"
        ),
        definition(
            "- alias: alias/payments", "- &k\n    alias: alias/payments",
            "BASE/definition.yaml:6:5: the anchor &k and its aliases are refused. Write the value out wherever it belongs"
        ),
        definition(
            "title: A rotation", "title: *t",
            "BASE/definition.yaml:2:8: this is not valid YAML: found undefined alias. Correct it"),
        definition(
            "proof: true", "<<: {proof: true}",
            "BASE/definition.yaml:8:5: keys[0].<< is not known here. Known are alias, backup, checkValues, description, "
                + "expires, id, key, label, material, multiRegion, policyFile, proof, restored, retention, strategy, "
                + "tags, trustedWrapping"),
        definition(
            "title: A rotation", "title: A rotation\n---\ntitle: Another",
            "BASE/definition.yaml:3:1: this is not valid YAML: but found another document. Correct it"),
        definition(
            "title: A rotation", "title: [A",
            "BASE/definition.yaml:3:12: this is not valid YAML: did not find expected ',' or ']'. Correct it"),
        definition(
            "alias: alias/payments", "alias: payments",
            "BASE/definition.yaml:6:12: keys[0].alias: payments is no alias of a customer's key. Write alias/ and then up to 180 "
                + "letters, digits, / _ or -"
        ),
        definition(
            "RSA_4096", "RSA_1024",
            "BASE/definition.yaml:4:18: wrappingKeySpec: RSA_1024 is no wrapping key spec. Use RSA_2048, RSA_3072 or RSA_4096"
        ),
        definition(
            "windowHours: 4", "windowHours: 169",
            "BASE/definition.yaml:3:14: windowHours: a window of 169 hours. Choose between 1 and 168 hours"),
        site(
            "mode: rehearsal", "mode: rehearsal\npin: \"1234\"",
            "BASE/site.yaml:3:1: pin is not known here. Known are schema, mode, gap, aws, hsm, signers, memory, timestamp"
        ),
        site(
            "  region: eu-central-1", "  region: eu-central-1\n  region: eu-central-1",
            "BASE/site.yaml:4:3: region stands here and again in the same mapping. Correct it"),
        site(
            "region: eu-central-1", "region: Frankfurt",
            "BASE/site.yaml:4:11: aws.region is wrong: \"Frankfurt\" is not the name of an AWS Region. Correct it"),
        site(
            "http://LOOPBACK", "http://kms.eu-central-1.amazonaws.com",
            "BASE/site.yaml:5:13: aws.endpoint is wrong: \"http://kms.eu-central-1.amazonaws.com\" cannot be an endpoint: "
                + "plain HTTP is for this machine's loopback addresses alone. Correct it"),
        site(
            "http://LOOPBACK", "https://kms.eu-central-1.amazonaws.com",
            "BASE/site.yaml:5:13: aws.endpoint: a rehearsal never talks to https://kms.eu-central-1.amazonaws.com. "
                + "Point the site at an emulator on this machine"),
        site(
            "mode: rehearsal", "mode: live",
            "BASE/site.yaml:2:7: mode: this version holds rehearsals only, and the site says live. "
                + "Live ceremonies need the checks of the HSM that keyrite doctor will make"),
    ]

    private static let files = [
        "definition.yaml": """
        schema: keyrite.definition/1
        title: A rotation
        windowHours: 4
        wrappingKeySpec: RSA_4096
        keys:
          - alias: alias/payments
            strategy: rotate
            proof: true
        """,
        "site.yaml": """
        schema: keyrite.site/1
        mode: rehearsal
        aws:
          region: eu-central-1
          endpoint: http://LOOPBACK
        hsm:
          socket: /nowhere
          token: "pkcs11:token=x"
        signers:
          ben: "pkcs11:token=ben"
        memory: /nowhere
        """,
    ]

    @Test("are refused before anything is connected, with file, line, path and remedy", arguments: mistakes)
    func yaml(_ given: Mistake) async throws {
        try await withTemporaryFolder { base in
            for (file, text) in Self.files {
                let wrong = file == given.file ? text.replacing(given.text, with: given.mistake) : text
                try #require(file != given.file || wrong != text)
                try Data(wrong.replacing("LOOPBACK", with: "127.0.0.1:1").utf8).write(to: base.appending(path: file))
            }
            let said = try await plan(in: base)
            #expect(said == Complaint(2, "keyrite: " + given.complaint))
        }
    }

    @Test("a file that is not there, and one that is no text")
    func unreadable() async throws {
        try await withTemporaryFolder { base in
            try Data((Self.files["site.yaml"] ?? "").replacing("LOOPBACK", with: "127.0.0.1:1").utf8)
                .write(to: base.appending(path: "site.yaml"))
            var said = try await plan(in: base)
            #expect(
                said
                    == Complaint(
                        2, "keyrite: BASE/definition.yaml cannot be read. Check the path and its permissions"))
            try Data([0x61, 0xFF]).write(to: base.appending(path: "definition.yaml"))
            said = try await plan(in: base)
            #expect(said == Complaint(2, "keyrite: BASE/definition.yaml is not UTF-8 text. Save it as UTF-8"))
        }
    }

    @Test("a roster with a weak key, without an acceptance, changed after it was accepted, or not in its one form")
    func roster() async throws {
        try await withTemporaryFolder { base in
            for (file, text) in Self.files {
                try Data(text.replacing("LOOPBACK", with: "127.0.0.1:1").utf8).write(to: base.appending(path: file))
            }
            let folder = base.appending(path: "roster")
            try FileManager.default.createDirectory(
                at: folder.appending(path: "roster"), withIntermediateDirectories: true)
            let good = try await keyPair("ed25519", bits: nil, "ada", in: base)
            let weak = try await keyPair("rsa", bits: "1024", "ben", in: base)
            func complaint(_ bytes: [UInt8]) async throws -> Complaint {
                try Data(bytes).write(to: folder.appending(path: "roster.json"))
                return try await plan(in: base)
            }
            var said = try await complaint(try Self.roster(ada: good, ben: weak).json())
            #expect(
                said
                    == Complaint(
                        2,
                        "keyrite: BASE/roster/roster.json: ben's key cannot be used; the public key is an RSA "
                            + "key. Enrol the first two words of the .pub file of an ECDSA P-256 or Ed25519 key, on a FIDO2 "
                            + "authenticator or not"))
            let other = try await keyPair("ed25519", bits: nil, "carol", in: base)
            let bytes = try Self.roster(ada: good, ben: other).json()
            said = try await complaint(bytes)
            #expect(
                said
                    == Complaint(
                        2,
                        "keyrite: BASE/roster/roster/ada.sig: it is missing. Name the folder with roster.json and "
                            + "roster/NAME.sig of every member"))
            said = try await complaint(bytes + [10])
            #expect(
                said
                    == Complaint(
                        2,
                        "keyrite: BASE/roster/roster.json: it is no roster in canonical form, at $ (byte \(bytes.count)): "
                            + "bytes follow the end of the document. Take the file that the members signed"))
            // ada's signature over another roster stands in for one over this roster before it was changed.
            try Data(try Self.roster(ada: good, ben: other, days: 2).json()).write(to: base.appending(path: "before"))
            let signed = try await runProcess(
                "/usr/bin/ssh-keygen",
                [
                    "-q", "-Y", "sign", "-f", base.path + "/ada", "-n", "keyrite.roster.v1.rehearsal",
                    base.path + "/before",
                ])
            try #require(signed.status == 0, "\(signed.stderrText)")
            try FileManager.default.moveItem(
                at: base.appending(path: "before.sig"), to: folder.appending(path: "roster/ada.sig"))
            said = try await complaint(bytes)
            #expect(
                said
                    == Complaint(
                        2,
                        "keyrite: BASE/roster/roster/ada.sig: ada's acceptance counts for nothing: the SSH signature does not sign these bytes; the key is FINGERPRINT. Ada signs roster.json "
                            + "again with the key it lists, for keyrite.roster.v1.rehearsal"))
        }
    }

    /// Plans, and sees that nothing was made.
    private func plan(in base: URL) async throws -> Complaint {
        let before = try snapshot(of: base)
        let outcome = try await CeremonyRoom.keyrite([
            "plan", "--definition", base.path + "/definition.yaml", "--site", base.path + "/site.yaml", "--roster",
            base.path + "/roster", "--out", base.path + "/ceremony",
        ])
        #expect(outcome.stdout.isEmpty)
        #expect(try snapshot(of: base) == before)
        return Complaint(outcome, base: base)
    }

    private func keyPair(_ type: String, bits: String?, _ name: String, in base: URL) async throws -> String {
        let file = base.path + "/" + name
        let made = try await runProcess(
            "/usr/bin/ssh-keygen", ["-q", "-t", type, "-N", "", "-f", file] + (bits.map { ["-b", $0] } ?? []))
        try #require(made.status == 0, "\(made.stderrText)")
        let line = try String(contentsOfFile: file + ".pub", encoding: .utf8)
        return line.split(separator: " ").prefix(2).joined(separator: " ")
    }

    private static func roster(ada: String, ben: String, days: Int64 = 1) -> Roster {
        let from = Timestamp(epochSeconds: 1_782_907_200)
        let members = [("ada", Role.administrator, ada), ("ben", .custodian, ben)].map { name, role, key in
            Member(
                name: name, role: role, key: key, validFrom: from,
                validUntil: from.advanced(bySeconds: days * 86_400))
        }
        let rule = [GateRequirement(role: .custodian, count: 1)]
        return Roster(
            mode: .rehearsal, members: members,
            rules: GateRules(authorize: rule, release: rule, activate: rule, close: rule, change: rule))
    }
}
