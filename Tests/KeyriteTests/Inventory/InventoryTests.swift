import Foundation
import Glibc
import TestSupport
import Testing

@Suite("keyrite inventory, against emulators that nobody here wrote", .timeLimit(.minutes(30)))
struct InventoryTests {
    /// What both emulators do not serve, and must stand among what was not read.
    private static let unserved = [
        "moto": [
            "DescribeDBClusterAutomatedBackups", "DescribeDBInstanceAutomatedBackups", "GetEbsDefaultKmsKeyId",
            "GetKeyLastUsage",
        ],
        "ministack": [
            "DescribeDBClusterAutomatedBackups", "DescribeDBInstanceAutomatedBackups", "GetEbsDefaultKmsKeyId",
            "GetKeyLastUsage", "ListKeyRotations",
        ],
    ]

    @Test(
        "finds what boto3 finds, over page boundaries, none missed and none made up; twice the same, byte for byte",
        arguments: ["moto", "ministack"])
    func estate(_ which: String) async throws {
        let folder = try TemporaryFolder()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "estate.py").path
        let python = try BotoTests.interpreter()
        let environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path, "LC_ALL": "C.UTF-8"]
        try await LoopbackServer.running(
            [python, "-B", script, "serve", which], environment: environment, in: URL(filePath: folder.path)
        ) { server, port in
            let url = "http://127.0.0.1:\(port)"
            try await untilItListens(port, server)
            func boto(_ arguments: String...) async throws -> ProcessOutcome {
                try await runProcess(
                    "/usr/bin/timeout", ["--kill-after=5", "240", python, "-B", script] + arguments,
                    environment: environment)
            }
            let built = try await boto("build", which, url)
            try #require(built.status == 0, "\(built.stderrText)\(server.lastWords)")
            let site = try ConnectedSite.write(url, to: folder)
            func inventory(_ arguments: [String]) async throws -> ProcessOutcome {
                try await CeremonyRoom.keyrite(
                    ["inventory", "--site", site, "--region", "eu-north-1", "--region", "eu-central-1"] + arguments)
            }
            let first = try await inventory(["--out", folder.path + "/first", "--strict"])
            #expect(first.status == 5, "\(first.stderrText)")
            let second = try await inventory(["--out", folder.path + "/second", "--format", "json"])
            #expect(second.status == 0, "\(second.stderrText)")

            let text = String(decoding: try folder.read("first"), as: UTF8.self)
            let lines = text.split(separator: "\n")
            let again = String(decoding: try folder.read("second"), as: UTF8.self).split(separator: "\n")
            #expect(lines.dropFirst() == again.dropFirst())
            try Self.expectCanonical(lines)
            let diff = try await CeremonyRoom.keyrite([
                "inventory", "diff", folder.path + "/first", folder.path + "/second",
            ])
            #expect(diff.status == 0 && diff.stdoutText == "Nothing changed.\n", "\(diff.stdoutText)\(diff.stderrText)")
            let object = try #require(try JSONSerialization.jsonObject(with: Data(second.stdout)) as? [String: Any])
            #expect(object["schema"] as? String == "keyrite.inventory/3")

            let decoded = try lines.dropFirst().map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            let references = decoded.filter { $0.kind == "reference" }
            let answer = try await boto("read", url, "eu-central-1", "eu-north-1")
            try #require(answer.status == 0, "\(answer.stderrText)")
            let others = try JSONDecoder().decode([[String]].self, from: Data(answer.stdout))
            #expect(references.map(\.words).sorted { "\($0)" < "\($1)" } == others.sorted { "\($0)" < "\($1)" })
            #expect(references.count == (which == "moto" ? 303 : 31))
            let strange = references.filter {
                $0.resource?.contains("<b>Gr%C3%B6%C3%9Fe & %E9%8D%B5 %2541</b>") == true
            }
            #expect(strange.map(\.service) == (which == "moto" ? ["logs", "secretsmanager"] : ["logs"]))
            try Self.expectKeys(decoded.filter { $0.kind == "key" }, try await boto("keys", url))
            let clusters = references.compactMap(\.cluster)
            #expect(
                clusters.count == (which == "moto" ? 2 : 0) && clusters.allSatisfy { $0.hasSuffix(":cluster:cluster") })
            try expectStandings(references, first.stdoutText)

            try await Self.expectGoingOn(port, python, folder, to: lines.dropFirst())

            let unread = decoded.filter { $0.kind == "unread" }
            #expect(Set(unread.compactMap(\.operation)).isSubset(of: Set(Self.unserved[which] ?? [])))
            #expect(Set(unread.compactMap(\.operation)).contains("DescribeDBClusterAutomatedBackups"))
            #expect(first.stdoutText.contains("could not be read"))
            let described = decoded.filter { $0.description != nil }
            #expect(described.map(\.description) == ["<b>\"Gr%C3%B6%C3%9Fe\" & %E9%8D%B5 %2541%E2%80%AE</b>"])
            #expect(described.first?.aliases == ["alias/payments"])
            let accounts = try await boto("accounts", which, url)
            try #require(accounts.status == 0, "\(accounts.stderrText)")
            try await Self.expectAccounts(
                accounts.stdoutText.trimmingCharacters(in: .whitespacesAndNewlines), site, folder, all: references.count
            )
            guard which == "moto" else { return }
            let misspelt = try await CeremonyRoom.keyrite([
                "inventory", "--site", site, "--region", "eu-centrl-1", "--out", folder.path + "/none",
            ])
            #expect(misspelt.status == 2, "\(misspelt.stderrText)")
            #expect(misspelt.stderrText.contains("There is no such Region: eu-centrl-1. Name some of these: "))
            #expect(misspelt.stderrText.contains("eu-central-1, "))
            let organization = try await boto("organization", url)
            try #require(organization.status == 0, "\(organization.stderrText)")
            try await Self.expectOrganization(
                try JSONDecoder().decode(Members.self, from: Data(organization.stdout)), site, folder)
            let policy = try await CeremonyRoom.keyrite(["policy", "inventory"])
            let keys = try await boto("deny", url, policy.stdoutText)
            try #require(keys.status == 0, "\(keys.stderrText)")
            try await Self.expectSignatures(
                try JSONDecoder().decode([String].self, from: Data(keys.stdout)), ConnectedSite.text(url, folder),
                folder,
                all: references)
        }
    }

    /// Policies and grants, of which there is one, are those that boto3 finds.
    private static func expectKeys(_ keys: [Line], _ answer: ProcessOutcome) throws {
        try #require(answer.status == 0, "\(answer.stderrText)")
        let others = try JSONDecoder().decode([String: [[String]]].self, from: Data(answer.stdout))
        let found = keys.filter { $0.manager == "CUSTOMER" }.map { key in
            let grants = (key.grants ?? []).map { [$0.id, $0.grantee ?? "-"] + $0.operations }
            return (key.arn ?? "-", [[key.policySHA256 ?? "-"]] + grants.sorted { $0[0] < $1[0] })
        }
        #expect(Dictionary(uniqueKeysWithValues: found) == others)
        #expect(found.map(\.1.count).sorted() == [1, 2])
    }

    /// Ended by Ctrl-C and killed in the middle, each time a little further: in the end it is what an undisturbed reading is.
    ///
    /// What the program waits for when it is ended is never answered, so it is not done before.
    private static func expectGoingOn(
        _ port: Int, _ python: String, _ folder: TemporaryFolder, to lines: ArraySlice<Substring>
    ) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "estate.py").path
        let held = try folder.write([], to: "held")
        let place = URL(filePath: folder.path + "/relay")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
        try await LoopbackServer.running(
            [python, "-B", script, "relay", "\(port)", held], environment: ["PATH": "/usr/bin:/bin"],
            in: place
        ) { _, relay in
            let site = try folder.write(
                Array(ConnectedSite.text("http://127.0.0.1:\(relay)", folder).utf8), to: "relayed.yaml")
            let out = folder.path + "/resumed"
            let command = [
                try CeremonyRoom.program(), "inventory", "--site", site, "--region", "eu-north-1", "--region",
                "eu-central-1", "--out", out, "--parallel", "1",
            ]
            var known = 0
            for (columns, ending, scope, read) in [
                (80, SIGINT, "eu-central-1/elasticfilesystem", 6), (30, SIGKILL, "eu-central-1/s3", 12),
                (12, SIGKILL, "eu-north-1/sqs", 19),
            ] as [(UInt16, Int32, String, Int)] {
                try folder.write(Array(scope.utf8), to: "held")
                let room = try Pseudoterminal(command, environment: ["PATH": "/usr/bin:/bin"], columns: columns)
                if known > 0 { try await room.expect("\(known) of 20 parts are taken over from \(out).parts") }
                let (done, all) = (read - known, 20 - known)
                try await room.expect(columns == 12 ? "\r\(done)/\(all)" : "\r\(done) of \(all) read")
                if ending == SIGINT { room.type("\u{3}") } else { room.signal(ending) }
                #expect(try await room.end().status == -ending)
                #expect(room.shown.split(whereSeparator: \.isNewline).allSatisfy { !$0.contains("\u{1B}[K ") })
                if ending == SIGINT { #expect(room.words.contains("the same command again goes on there")) }
                let files = try FileManager.default.contentsOfDirectory(atPath: out + ".parts")
                let parts = files.count { $0.hasSuffix(".part") }
                // More were read than are kept, for want of an answer of AWS's own.
                #expect(parts > known && parts <= read)
                known = parts
                #expect(!FileManager.default.fileExists(atPath: out))
            }
            try folder.write([], to: "held")
            let last = try await CeremonyRoom.keyrite(Array(command.dropFirst()))
            #expect(last.status == 0, "\(last.stderrText)")
            #expect(last.stderrText.hasPrefix("\(known) of 20 parts are taken over") && !last.stderrText.contains("\r"))
            let text = String(decoding: try folder.read("resumed"), as: UTF8.self).split(separator: "\n")
            #expect(text.dropFirst() == lines)
            // They stay where something can pass, as what an emulator does not serve, and the command says so.
            #expect(
                FileManager.default.fileExists(atPath: out + ".parts")
                    == last.stderrText.contains("could not be read that may be the next time. The same command asks"))
        }
    }

    /// Two accounts, each by a role, and what they have of each other.
    private static func expectAccounts(
        _ role: String, _ site: String, _ folder: TemporaryFolder, all: Int
    ) async throws {
        let first = String(decoding: try folder.read("first"), as: UTF8.self)
        let account = try #require(first.firstMatch(of: /"accounts":\["([0-9]{12})"\]/)).1
        let roles = """
            {"schema": "keyrite.roles/1", "roles": [
              {"role": "\(role)", "externalId": "1234-5678"}, {"role": "arn:aws:iam::\(account):role/reader"}]}
            """
        // ministack has a role only where one was made; its own account is entered by nobody else.
        let isMoto = account == "123456789012"
        let list = try folder.write(Array(roles.utf8), to: "roles.json")
        let scope = isMoto ? ["--roles", list] : ["--role", role]
        let outcome = try await CeremonyRoom.keyrite(
            ["inventory", "--site", site, "--out", folder.path + "/both", "--parallel", "3"] + scope)
        #expect(outcome.status == 0, "\(outcome.stderrText)")
        let text = String(decoding: try folder.read("both"), as: UTF8.self)
        let lines = try text.split(separator: "\n").dropFirst().map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        let accounts = isMoto ? "\(account)\",\"222233334444" : "222233334444"
        #expect(text.hasPrefix("{\"accounts\":[\"\(accounts)\"],"))
        func standing(_ queue: String) -> String? {
            lines.first { $0.resource?.hasSuffix(":" + queue) == true }?.standing
        }
        let across = isMoto ? "known" : "other-account"
        #expect((0..<4).map { standing("other-\($0)") } == ["known", across, across, "other-account"])
        guard isMoto else { return }
        #expect(standing("across") == "known")
        // All of the former, five queues more, and the key of the second.
        #expect(lines.count { $0.kind == "reference" } == all + 5)
        #expect(lines.count { $0.kind == "key" } == 3)
        #expect(outcome.stdoutText.contains("2 accounts, eu-central-1: 3 keys;"))
    }

    private struct Members: Decodable {
        let closed: String
        let last: String
        let all: [String]
    }

    /// 25 accounts, over a page boundary, one of them closed.
    private static func expectOrganization(
        _ members: Members, _ site: String, _ folder: TemporaryFolder
    ) async throws {
        let outcome = try await CeremonyRoom.keyrite([
            "inventory", "--site", site, "--organization", "reader", "--out", folder.path + "/all", "--strict",
        ])
        #expect(outcome.status == 5, "\(outcome.stderrText)")
        let text = String(decoding: try folder.read("all"), as: UTF8.self)
        struct Header: Decodable { let accounts: [String] }
        let first = try #require(text.split(separator: "\n").first)
        let read = try JSONDecoder().decode(Header.self, from: Data(first.utf8)).accounts
        #expect(read == (members.all.filter { $0 != members.closed } + ["123456789012"]).sorted())
        #expect(text.contains(#"{"account":"\#(members.last)","#) && text.contains("in the last account"))
        let closed = text.split(separator: "\n").filter { $0.contains("not-active") }
        #expect(closed.count == 1 && closed.first?.contains(#""account":"\#(members.closed)""#) == true)
    }

    /// moto computes each signature again, and lets a reader do what the printed policy allows, but for one call. It mistakes the paths of REST, boto3's as well, so that it takes
    /// none of EFS's.
    private static func expectSignatures(
        _ keys: [String], _ site: String, _ folder: TemporaryFolder, all: [Line]
    ) async throws {
        let text = site.replacing("aws:\n", with: "aws:\n  credentials: from-environment\n")
        let site = try folder.write(Array(text.utf8), to: "site-environment.yaml")
        func inventory(_ secret: String) async throws -> ProcessOutcome {
            try await CeremonyRoom.keyrite(
                ["inventory", "--site", site, "--out", folder.path + "/denied"],
                environment: ["AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": secret, "HOME": folder.path])
        }
        #expect(try await inventory("wrong").status == 1)
        let outcome = try await inventory(keys[1])
        #expect(outcome.status == 0, "\(outcome.stderrText)")
        let lines = try folder.read("denied").split(separator: UInt8(ascii: "\n")).dropFirst().map {
            try JSONDecoder().decode(Line.self, from: Data($0))
        }
        let left = all.filter { $0.service != "sns" && $0.service != "elasticfilesystem" }.map(\.words)
        #expect(lines.filter { $0.kind == "reference" && !$0.isOfAccounts }.map(\.words) == left)
        let denied = lines.filter { $0.reason == "denied" }
        #expect(denied.map(\.operation) == ["ListTopics"])
    }

    private struct Line: Decodable {
        let kind: String
        let service: String?
        let type: String?
        let resource: String?
        let region: String?
        let setting: String?
        let names: String?
        let standing: String?
        let followsAlias: Bool?
        let bucketKey: Bool?
        let cluster: String?
        let operation: String?
        let reason: String?
        let description: String?
        let aliases: [String]?
        let arn: String?
        let manager: String?
        let policySHA256: String?
        let grants: [Grant]?

        struct Grant: Decodable {
            let id: String
            let grantee: String?
            let operations: [String]
        }

        /// Of the queue that was made when the second account was.
        var isOfAccounts: Bool { resource?.hasSuffix(":across") == true }

        /// As the second opinion has it.
        var words: [String] {
            [service, type, resource?.removingPercentEncoding, region, setting, names ?? "default"].map { $0 ?? "-" }
        }
    }

    private func expectStandings(_ references: [Line], _ table: String) throws {
        func bucket(_ number: Int) throws -> Line {
            try #require(references.first { $0.resource == "arn:aws:s3:::bucket-\(number)" })
        }
        let standings = try [0, 1, 2, 3, 4, 6].map { try bucket($0).standing }
        #expect(standings == ["known", "known", "known", "no-alias", "missing", "other-account"])
        let follows = try (0..<4).map { try bucket($0).followsAlias }
        #expect(follows == [true, false, false, true])
        #expect(try (0..<2).map { try bucket($0).bucketKey } == [true, false])
        #expect(!references.contains { ["rds", "dynamodb", "logs"].contains($0.service) && $0.followsAlias == true })
        #expect(table.contains("alias/nowhere: there is no such alias"))
        #expect(table.contains("of another account"))
    }

    /// Each line as `jq -cS` writes it, in the order of kinds.
    private static func expectCanonical(_ lines: [Substring]) throws {
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let written = try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            #expect(String(decoding: written, as: UTF8.self) == line)
            #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
    }

    private func untilItListens(_ port: Int, _ server: LoopbackServer) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while server.isRunning, ContinuousClock.now < deadline {
            let probe = try await runProcess("/bin/bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)"])
            if probe.status == 0 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the server does not listen: \(server.lastWords)")
    }
}
