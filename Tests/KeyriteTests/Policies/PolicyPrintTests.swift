import Estate
import Evidence
import Foundation
import TestSupport
import Testing

@Suite("keyrite policy print")
struct PolicyPrintTests {
    static let example = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../ceremony/example"
    ).standardized.path
    static let roles = ["look", "fetch", "import", "activate"].flatMap {
        ["--role-arn", "\($0)=arn:aws:iam::111122223333:role/\($0)"]
    }

    private func print(_ more: String...) async throws -> ProcessOutcome {
        try await CeremonyRoom.keyrite(["policy", "print"] + more)
    }

    @Test("prints what moto's IAM and KMS take, as it stands, and keep")
    func moto() async throws {
        var roles: [String] = []
        for role in ["look", "fetch", "import", "activate"] {
            let printed = try await print(Self.example, "--role", role)
            #expect(printed.status == 0)
            roles.append(printed.stdoutText.trimmingCharacters(in: .newlines))
        }
        let replaced = URL(filePath: Self.example).appending(path: "../replace.yaml").standardized.path
        let looked = try await print(
            "--definition", replaced, "--account", "111122223333", "--region", "eu-central-1", "--role", "look")
        roles.append(looked.stdoutText.trimmingCharacters(in: .newlines))
        for arguments in [[], ["--role", "arn:aws:iam::222233334444:role/a", "--organization", "reader"]] {
            let reader = try await CeremonyRoom.keyrite(["policy", "inventory"] + arguments)
            #expect(reader.status == 0, "\(reader.stderrText)")
            roles.append(reader.stdoutText.trimmingCharacters(in: .newlines))
        }
        let key = try await CeremonyRoom.keyrite(
            [
                "policy", "print", Self.example, "--key-policy", "--user", "444455556666", "--user-grants",
                "--administrator",
            ]
                + ["arn:aws:iam::111122223333:role/admin", "--window", "2026-12-01T08:00:00Z/2026-12-01T18:00:00Z"]
                + Self.roles)
        #expect(key.status == 0, "\(key.stderrText)")
        let question = ["roles": roles, "keys": [key.stdoutText.trimmingCharacters(in: .newlines)]]
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "policies.py").path
        let outcome = try await runProcess(
            "/usr/bin/timeout", ["--kill-after=5", "280", try BotoTests.interpreter(), "-B", script],
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"],
            input: Array(try JSONEncoder().encode(question)))
        #expect(outcome.stdoutText == "kept\n", "\(outcome.stderrText)")
    }

    @Test("of an inventory is one document as it stands, and takes no name that means other roles as well")
    func inventory() async throws {
        func inventory(_ arguments: String...) async throws -> ProcessOutcome {
            try await CeremonyRoom.keyrite(["policy", "inventory"] + arguments)
        }
        let reader = try await inventory()
        #expect(reader.status == 0 && reader.stdoutText.hasSuffix("\n"))
        #expect(try ReaderPolicies.account.text() + "\n" == reader.stdoutText)
        let list = "schema: keyrite.roles/1\nroles:\n- role: \"arn:aws:iam::222233334444:role/reader\"\n"
        try await withTemporaryFolder { folder in
            let file = folder.path + "/roles.yaml"
            try Data(list.utf8).write(to: URL(filePath: file))
            let entering = try await inventory("--roles", file)
            #expect(
                entering.stdoutText == """
                    {"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow",\
                    "Resource":"arn:aws:iam::222233334444:role/reader","Sid":"Assume"}],"Version":"2012-10-17"}

                    """)
        }
        let organization = try await inventory("--organization", "reader", "--partition", "aws-us-gov")
        #expect(organization.stdoutText.contains(#""arn:aws-us-gov:iam::*:role/reader""#))
        #expect(organization.stdoutText.contains("organizations:ListAccounts"))
        for (arguments, words) in [
            (["--organization", "read*"], "which mean other roles in a policy"),
            (["--organization", "arn:aws:iam::222233334444:role/reader"], "and no ARN"),
            (["--role", "reader"], "is no IAM role's ARN"),
            (["--role", "arn:aws-cn:iam::222233334444:role/a"], "is no role of the site's partition, aws"),
            (["--partition", "AWS"], "--partition takes the name of one"),
            (
                (0..<400).flatMap { ["--role", "arn:aws:iam::\(100_000_000_000 + $0):role/reader"] },
                "So many roles need 3 policies"
            ),
        ] {
            let refused = try await CeremonyRoom.keyrite(["policy", "inventory"] + arguments)
            #expect(
                refused.status == 2 && refused.stdout.isEmpty && refused.stderrText.contains(words),
                "\(refused.stderrText)")
        }
    }

    @Test("prints all of it as one canonical document, and a table of it")
    func all() async throws {
        let data = try await CeremonyRoom.keyrite(
            ["policy", "print", Self.example, "--format", "json"] + Self.roles)
        let bytes = Array(data.stdout.dropLast())
        guard case .object(let members) = try CanonicalJSON.parse(bytes) else {
            Issue.record("no object")
            return
        }
        #expect(members["schema"] == .string("keyrite.policy/1"))
        #expect(
            members.keys.sorted() == ["account", "keyPolicies", "partition", "region", "roles", "schema"])
        let table = try await print(Self.example)
        #expect(table.stdoutText.contains("\nimport     1 "))
    }

    /// What is asked, and a part of the error.
    private static let refused: [([String], String)] = [
        ([example, "--role", "create"], "has nothing to do here"),
        ([example, "--key-policy"], "give the ARN of its role"),
        ([example, "--role-arn", "import=arn:aws:iam::444455556666:role/x"], "another account"),
        ([example, "--role-arn", "king=arn"], "names no role's ARN"),
        ([example, "--window", "2026-12-01T08:00:00Z"], "no span of time"),
        ([example, "--window", "2026-12-02T08:00:00Z/2026-12-01T08:00:00Z"], "no span of time"),
        ([example, "--key-policy", "--key", "alias/none"] + roles, "no such key"),
        ([example, "--alias-pattern", "alias/*"], "means every alias"),
        ([example, "--part", "1"], "--part goes with --role"), ([], "Give a ceremony's folder"),
        ([example, "--definition", "x"], "Give a ceremony's folder"),
    ]

    @Test("refuses what it cannot print, and says what to do", arguments: refused.indices)
    func refuses(index: Int) async throws {
        let outcome = try await CeremonyRoom.keyrite(["policy", "print"] + Self.refused[index].0)
        #expect(outcome.status == 2)
        #expect(outcome.stdout.isEmpty)
        #expect(outcome.stderrText.contains(Self.refused[index].1), "\(outcome.stderrText)")
    }
}
