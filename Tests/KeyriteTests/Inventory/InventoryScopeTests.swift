import AWS
import Estate
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("Which accounts an inventory is of")
struct InventoryScopeTests {
    @Test("an account whose role cannot be assumed is named with STS's reason, and the others are read")
    func closed() async throws {
        let folder = try TemporaryFolder()
        let emulator = try await EmulatorProcess.start(
            program: try CeremonyRoom.program(), log: folder.path + "/emulator.log", wrappingKeysAhead: nil)
        defer { emulator.stop() }
        let site = try ConnectedSite.write("\(emulator.endpoint)", to: folder)
        let closed = "arn:aws:iam::999988887777:role/reader"
        let event = """
            {"eventID":"4f5b1c2d-0000-4000-8000-000000000001","eventName":"Sign","eventSource":"kms.amazonaws.com","eventTime":"2026-07-01T12:00:00Z",\
            "awsRegion":"eu-central-1","recipientAccountId":"111122223333",\
            "userIdentity":{"arn":"arn:aws:iam::1:user/a\\u001b"},\
            "requestParameters":{"keyId":"1234abcd"}}
            """
        let events = try folder.write(Array(event.utf8), to: "events.json")
        func inventory(_ roles: String...) async throws -> ProcessOutcome {
            try await CeremonyRoom.keyrite(
                // The same event twice.
                ["inventory", "--site", site, "--out", folder.path + "/out", "--events", events, "--events", events]
                    + roles.flatMap { ["--role", $0] })
        }
        let outcome = try await inventory(closed, "arn:aws:iam::111122223333:role/reader")
        #expect(outcome.status == 0, "\(outcome.stderrText)")
        let text = String(decoding: try folder.read("out"), as: UTF8.self)
        #expect(text.hasPrefix(#"{"accounts":["111122223333"],"#))
        #expect(outcome.stdoutText.contains("arn:aws:iam::1:user/a") && !outcome.stdoutText.contains("\u{1B}"))
        #expect(outcome.stdoutText.contains("\n1 call stands in the events again, and counts once.\n"))
        let callers = text.split(separator: "\n").filter { $0.contains(#""kind":"caller""#) }
        #expect(callers.count == 1)
        let start = #"{"account":"111122223333","caller":"arn:aws:iam::1:user/a%1B","calls":1,"#
        #expect(callers.first?.hasPrefix(start) == true)
        let unread = text.split(separator: "\n").filter { $0.contains("999988887777") }
        #expect(unread.count == 1)
        #expect(unread.first?.contains(#""operation":"AssumeRole","reason":"denied""#) == true, "\(unread)")
        let alone = try await inventory(closed)
        #expect(
            alone.status == 1
                && alone.stderrText.contains("None of the 1 accounts could be entered (999988887777: denied"))
    }

    @Test("who calls KMS by key ids is looked up in CloudTrail itself, for all keys or for the one that is asked about")
    func lookup() async throws {
        let folder = try TemporaryFolder()
        let emulator = try await EmulatorProcess.start(
            program: try CeremonyRoom.program(), log: folder.path + "/emulator.log", wrappingKeysAhead: nil)
        defer { emulator.stop() }
        let site = try ConnectedSite.write("\(emulator.endpoint)", to: folder)
        let kms = try KMSClient(
            .init(
                credentials: try RehearsalCredentials.make(), region: try Region("eu-central-1"),
                endpoint: try Endpoint(emulator.endpoint)))
        let made = try await kms.createKey(.init()).output.keyMetadata
        let other = try await kms.createKey(.init()).output.keyMetadata
        _ = try await kms.createAlias(.init(aliasName: "alias/payments", targetKeyID: made.keyID))
        for name in [made.keyID, made.arn, "alias/payments", other.keyID] {
            _ = try await kms.encrypt(.init(keyID: name, plaintext: Blob([1])))
        }
        let read = try await CeremonyRoom.keyrite([
            "inventory", "--site", site, "--out", folder.path + "/out", "--lookup", "1",
        ])
        #expect(read.status == 0, "\(read.stderrText)")
        let lines = String(decoding: try folder.read("out"), as: UTF8.self).split(separator: "\n")
        #expect(lines.first?.contains(#""since":"2"#) == true)
        let callers = lines.filter { $0.contains(#""kind":"caller""#) }
        #expect(callers.count { $0.contains(#""key":"\#(made.arn)""#) } == 1, "\(callers)")
        #expect(callers.contains { $0.contains(#""calls":2,"#) && $0.contains(#""form":"key-arn""#) })
        #expect(callers.count { $0.contains(#""key":"\#(other.arn)""#) } == 1)
        try await Self.expectDaysBeforeTheLookup(site, "\(try Endpoint(emulator.endpoint))", folder)
        let impact = try await CeremonyRoom.keyrite([
            "impact", "--site", site, "--key", "alias/payments", "--lookup", "90",
        ])
        #expect(impact.status == 0, "\(impact.stderrText)")
        #expect(impact.stdoutText.contains("Callers of KMS by the key's id or ARN (1), pinned"))
        for (arguments, words) in [
            (["--lookup", "91"], "--lookup takes 1 to 90 days"), (["--lookup", "0"], "--lookup takes 1 to 90 days"),
            (["--lookup", "1", "--events", site], "Give --events or --lookup"),
        ] {
            let refused = try await CeremonyRoom.keyrite(["inventory", "--site", site] + arguments)
            #expect(refused.status == 2 && refused.stderrText.contains(words), "\(refused.stderrText)")
        }
    }

    @Test("a snapshot that is not whole takes the place of one that is, which is kept under its time, and that is said")
    func kept() async throws {
        let folder = try TemporaryFolder()
        let emulator = try await EmulatorProcess.start(
            program: try CeremonyRoom.program(), log: folder.path + "/emulator.log", wrappingKeysAhead: nil)
        defer { emulator.stop() }
        let site = try ConnectedSite.write("\(emulator.endpoint)", to: folder)
        let whole = """
            {"accounts":["111122223333"],"at":"2026-11-27T16:00:00Z","partition":"aws","regions":["eu-central-1"],\
            "schema":"keyrite.inventory/3"}
            {"kind":"end","lines":1}

            """
        let out = try folder.write(Array(whole.utf8), to: "out")
        func inventory() async throws -> ProcessOutcome {
            try await CeremonyRoom.keyrite(["inventory", "--site", site, "--out", out, "--afresh"])
        }
        let first = try await inventory()
        #expect(first.status == 0, "\(first.stderrText)")
        let kept = "out.20261127T160000Z"
        #expect(first.stderrText.contains("it is kept as \(folder.path)/\(kept)."), "\(first.stderrText)")
        #expect(try folder.read(kept) == Array(whole.utf8))
        #expect(String(decoding: try folder.read("out"), as: UTF8.self).contains(#""kind":"unread""#))
        // The next one lacks no more than this.
        let second = try await inventory()
        #expect(second.status == 0 && !second.stderrText.contains("is kept as"), "\(second.stderrText)")
        // Nobody's file is written over.
        _ = try folder.write(Array(whole.utf8), to: "out")
        let third = try await inventory()
        #expect(third.stderrText.contains("it is kept as \(folder.path)/\(kept).2."), "\(third.stderrText)")
    }

    /// Though parts of a reading are taken over that began twenty hours ago.
    private static func expectDaysBeforeTheLookup(_ site: String, _ url: String, _ folder: TemporaryFolder) async throws
    {
        let now = SystemClock().now()
        let began = now.advanced(bySeconds: -20 * 3_600)
        let out = folder.path + "/resumed"
        do {
            let question = PartsQuestion(
                endpoint: url, site: "eu-central-1", caller: "arn:aws:iam::111122223333:user/rehearsal",
                account: "111122223333", roles: [], organization: nil, regions: ["eu-central-1"])
            _ = try PartsFolder(at: PartsFolder.path(beside: out), for: question, meeting: .takeOver) { began }
        }
        let read = try await CeremonyRoom.keyrite(["inventory", "--site", site, "--out", out, "--lookup", "1"])
        #expect(read.status == 0, "\(read.stderrText)")
        let header = try InventorySnapshot(try folder.read("resumed"), from: out).header
        #expect(header.at == began)
        #expect(try #require(header.events?.since) >= now.advanced(bySeconds: -86_400))
    }

    @Test("no account is read twice, and what is no role, or another partition's, is refused before anything is asked")
    func refused() async throws {
        let folder = try TemporaryFolder()
        // Nobody listens there.
        let site = try ConnectedSite.write("http://127.0.0.1:9", to: folder)
        let role = "arn:aws:iam::222233334444:role/reader"
        func list(_ text: String) throws -> String { try folder.write(Array(text.utf8), to: "roles.yaml") }
        let cases: [([String], String)] = [
            (["--role", role, "--role", role + "2"], "Account 222233334444 would be read twice"),
            (
                ["--role", role, "--roles", try list("schema: keyrite.roles/1\nroles:\n- role: \"\(role)\"\n")],
                "Account 222233334444 would be read twice"
            ),
            (["--role", "reader"], "is no IAM role's ARN"),
            (["--role", "arn:aws-cn:iam::222233334444:role/a"], "is no role of the site's partition, aws"),
            (["--region", "all", "--region", "eu-central-1"], "--region all is every Region"),
            (["--organization", role], "and no ARN"), (["--parallel", "0"], "--parallel takes 1 to 64"),
        ]
        for (arguments, words) in cases {
            let outcome = try await CeremonyRoom.keyrite(["inventory", "--site", site] + arguments)
            #expect(outcome.status == 2 && outcome.stderrText.contains(words), "\(outcome.stderrText)")
        }
        for (text, words) in [
            ("schema: keyrite.roles/2\nroles: []\n", "roles.yaml:1:9: schema is none of a list of roles"),
            ("schema: keyrite.roles/1\nroles:\n- role: reader\n", "roles[0].role is no IAM role's ARN"),
            ("schema: keyrite.roles/1\nroles:\n- arn: reader\n", "roles[0].arn is not known here"),
        ] {
            let outcome = try await CeremonyRoom.keyrite(["inventory", "--site", site, "--roles", try list(text)])
            #expect(outcome.status == 2 && outcome.stderrText.contains(words), "\(outcome.stderrText)")
        }
    }
}
