import AWS
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("keyrite policy check")
struct PolicyCheckTests {
    private struct Report: Decodable {
        struct Holder: Decodable {
            let power: String
            let who: String
            let throughIAM: Bool
        }
        struct Cause: Decodable {
            let statement: Int?
            let sid: String?
            let grant: String?
        }
        struct Finding: Decodable {
            let kind: String
            let cause: Cause
            let words: String
        }
        let schema: String
        let holders: [Holder]
        let findings: [Finding]
    }

    @Test("of a live key reads its policy and its grants, before and after it has the printed one")
    func live() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            func check() async throws -> (Int32, Report) {
                let outcome = try await CeremonyRoom.keyrite(
                    ["policy", "check", room.ceremony, "--site", room.room.siteFile, "--key", CeremonyRoom.alias]
                        + ["--format", "json"] + PolicyPrintTests.roles)
                return (outcome.status, try JSONDecoder().decode(Report.self, from: Data(outcome.stdout)))
            }
            let (standard, first) = try await check()
            #expect(standard == 5)
            #expect(first.schema == "keyrite.policy-check/1")
            #expect(first.findings.map(\.kind) == ["all-actions", "through-iam"])
            #expect(first.findings.allSatisfy { $0.cause.statement == 1 && $0.cause.sid != nil })

            let printed = try await CeremonyRoom.keyrite(
                ["policy", "print", room.ceremony, "--key-policy"] + PolicyPrintTests.roles)
            try #require(printed.status == 0, "\(printed.stderrText)")
            let client = try room.room.client()
            let key = try await client.describeKey(.init(keyID: CeremonyRoom.alias)).output.keyMetadata.arn
            _ = try await client.call(
                PutKeyPolicy.self,
                .init(keyID: key, policy: printed.stdoutText.trimmingCharacters(in: .newlines)))
            let (after, second) = try await check()
            #expect(after == 0)
            #expect(second.findings.isEmpty)
            #expect(
                second.holders.contains { $0.power == "import" && $0.who.hasSuffix("role/import") && !$0.throughIAM })

            _ = try await client.call(
                CreateGrant.self,
                .init(
                    keyID: key, operations: [.decrypt], granteePrincipal: "arn:aws:iam::111122223333:role/other"))
            let (granted, third) = try await check()
            #expect(granted == 5)
            #expect(third.findings.map(\.kind) == ["grant"])
            #expect(third.findings.first?.cause.grant?.count == 64)
        }
    }

    @Test(
        "of a key that is not on record yet knows the plan's new key by its tag, and takes none for it that has it not")
    func marked() async throws {
        try await CeremonyRoom.with { room in
            let client = try room.room.client()
            let old = try await client.createKey(.init()).output.keyMetadata
            _ = try await client.createAlias(.init(aliasName: "alias/archive", targetKeyID: old.keyID))
            let definition = room.base.appending(path: "definition.yaml")
            let text = """
                schema: keyrite.definition/1
                title: A key of our own
                windowHours: 24
                wrappingKeySpec: RSA_2048
                keys:
                  - {alias: alias/archive, strategy: replace, proof: true}
                """
            try Data(text.utf8).write(to: definition)
            try await room.plan(definition: definition.path)
            let label = try FrozenCeremony(reading: try DiskFolder(at: room.ceremony)).plan.slots[0].label
            for (tag, status) in [(label, Int32(5)), (label + "0", 2), (nil, 2)] {
                let tags = tag.map { [Tag(tagKey: "keyrite", tagValue: $0)] } ?? []
                let key = try await client.createKey(.init(origin: .external, tags: tags)).output.keyMetadata
                _ = try await client.updateAlias(.init(aliasName: "alias/archive", targetKeyID: key.keyID))
                let outcome = try await CeremonyRoom.keyrite(
                    [
                        "policy", "check", room.ceremony, "--site", room.room.siteFile, "--key", "alias/archive",
                    ] + PolicyPrintTests.roles)
                #expect(outcome.status == status, "\(tag ?? "-"): \(outcome.stderrText)")
            }
        }
    }

    @Test("of saved files says the same on a screen, whose text cannot be made to say something else")
    func saved() async throws {
        try await withTemporaryFolder { base in
            func file(_ name: String, _ text: String) throws -> String {
                try Data(text.utf8).write(to: base.appending(path: name))
                return base.appending(path: name).path
            }
            let statement =
                #"{"Sid":"AS INTENDED\u001b[2J\u202e","Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"kms:Decrypt","Resource":"*"}"#
            let policy = #"{"Version":"2012-10-17","Statement":["# + statement + "]}"
            let answer = try JSONEncoder().encode(["Policy": policy, "PolicyName": "default"])
            let saved = try file("answer.json", String(decoding: answer, as: UTF8.self))
            let grants = try file(
                "grants.json",
                #"{"Grants":[{"KeyId":"k","GrantId":"g\u0007","GranteePrincipal":"arn:aws:iam::111122223333:role/x","Operations":["CreateGrant"]}]}"#
            )
            let outcome = try await CeremonyRoom.keyrite([
                "policy", "check", "--key-policy", saved, "--grants", grants, "--account", "111122223333",
            ])
            #expect(outcome.status == 5)
            #expect(!outcome.stdoutText.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\u{7}" })
            for words in ["\nother-account   ", "\ngrant           ", "\nlocked-out      ", "\nNOT AS INTENDED: "] {
                #expect(outcome.stdoutText.contains(words), "\(outcome.stdoutText)")
            }
            // The document itself is read as well.
            let plain = try file("plain.json", policy)
            let same = try await CeremonyRoom.keyrite(
                ["policy", "check", "--key-policy", plain, "--account", "111122223333", "--user", "444455556666"])
            #expect(same.stdoutText.contains("findings: 1."))

            // Whose two halves could say two things.
            let both = try file(
                "both.json", String(decoding: answer, as: UTF8.self).dropLast() + #","Statement":[]}"#)
            let key = "arn:aws:kms:eu-central-1:111122223333:key/x"
            for (arguments, words) in [
                (["--key-policy", both], "no element Policy"),
                (["--key-policy", saved, "--grants", grants, "--key", key], "it is a grant of k"),
                (["--key-policy", saved, "--key", "alias/x"], "is no ARN of a key"),
                (["--key-policy", saved, "--role-arn", "look=arn:aws:iam::444455556666:role/x"], "of another account"),
            ] {
                let outcome = try await CeremonyRoom.keyrite(
                    ["policy", "check", "--account", "111122223333"] + arguments)
                #expect(outcome.status == 2)
                #expect(outcome.stderrText.contains(words), "\(outcome.stderrText)")
            }

            let broken = try file("broken.json", policy.replacing("Effect", with: "Efect"))
            let refused = try await CeremonyRoom.keyrite(
                ["policy", "check", "--key-policy", broken, "--account", "111122223333"])
            #expect(refused.status == 2)
            #expect(refused.stderrText.contains("broken.json: $.Statement[0]: the language has no element Efect here"))
        }
    }

    @Test("wants to be told what to check", arguments: [[], ["--site", "x"], ["--key-policy", "x"]])
    func usage(arguments: [String]) async throws {
        #expect(try await CeremonyRoom.keyrite(["policy", "check"] + arguments).status == 2)
    }
}
