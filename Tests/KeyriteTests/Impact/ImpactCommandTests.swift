import Estate
import Evidence
import Foundation
import KeyriteCommands
import Room
import TestSupport
import Testing

@Suite("keyrite impact, on an inventory of an estate in moto", .timeLimit(.minutes(30)))
struct ImpactCommandTests {
    @Test("says of each resource in the estate what happens, with costs as reckoned by hand, and what was not read")
    func estate() async throws {
        let folder = try TemporaryFolder()
        let snapshot = try await Self.inventory(folder)
        let prices = try folder.write(Array(Self.prices(until: "9999-12-31").utf8), to: "prices.json")
        let quantities = try folder.write(Array(Self.quantities.utf8), to: "quantities.json")
        let figures = ["--prices", prices, "--quantities", quantities]
        func impact(_ arguments: String...) async throws -> ProcessOutcome {
            try await CeremonyRoom.keyrite(["impact", "--snapshot", snapshot] + arguments)
        }
        let outcome = try await CeremonyRoom.keyrite(
            ["impact", "--snapshot", snapshot, "--key", "alias/payments", "--format", "json"] + figures)
        try #require(outcome.status == 0, "\(outcome.stderrText)")
        try Self.expectPayments(try JSONDecoder().decode(Report.self, from: Data(outcome.stdout)))

        try Self.expectLive(Data(outcome.stdout), folder)

        let all = try await impact("--strict", "--strategy", "replace", "--format", "json")
        #expect(all.status == 5, "\(all.stderrText)")
        try Self.expectAll(try JSONDecoder().decode(Report.self, from: Data(all.stdout)))

        try Self.expectText(try folder.read("snapshot"), figures: (prices, quantities))
        try Self.expectHarmless(try folder.read("snapshot"))
        try await Self.expectCaller(try Self.withCaller(try folder.read("snapshot")), folder)
        for (arguments, words) in [
            (["--key", "alias/nowhere"], "the snapshot has no such alias"),
            (
                ["--prices", try folder.write(Array(Self.prices(until: "2026-01-01").utf8), to: "old.json")],
                "held until"
            ),
            (["--quantities", prices], "schema: it is keyrite.prices/1"),
        ] {
            let refused = try await CeremonyRoom.keyrite(["impact", "--snapshot", snapshot] + arguments)
            #expect(refused.status == 2 && refused.stdout.isEmpty, "\(arguments)")
            #expect(refused.stderrText.contains(words), "\(refused.stderrText)")
        }
        let other = String(decoding: try folder.read("snapshot"), as: UTF8.self)
            .replacing("keyrite.inventory/3", with: "keyrite.inventory/9")
        let newer = try folder.write(Array(other.utf8), to: "newer")
        let refused = try await CeremonyRoom.keyrite(["impact", "--snapshot", newer])
        #expect(refused.status == 2 && refused.stderrText.contains("its schema is keyrite.inventory/9"))
    }

    // MARK: What is expected

    private static func expectPayments(_ report: Report) throws {
        #expect(report.schema == "keyrite.impact/1" && report.limited)
        #expect(Set(report.unread.map(\.operation)).contains("DescribeDBClusterAutomatedBackups"))
        let key = try #require(report.keys.first)
        #expect(report.keys.count == 1 && key.aliases == ["alias/payments"] && key.whole == false)
        // 3 buckets, 35 tables and a backup, a cluster and the snapshots of its deletion and by hand, a volume and its
        // snapshot, a file system, 12 log groups, 70 secrets, 26 topics, 2 queues.
        let rules = Dictionary(grouping: key.resources) { $0.rule ?? "-" }.mapValues(\.count)
        #expect(rules["s3.bucket"] == 3 && rules["dynamodb.table"] == 35 && rules["rds.cluster"] == 1)
        #expect(rules["logs.group"] == 12 && rules["secretsmanager.secret"] == 70 && rules["sns.topic"] == 26)
        #expect(rules["sqs.queue"] == 2 && rules["ebs.volume"] == 1 && rules["efs.file-system"] == 1)
        #expect(rules["-"] == nil && rules["rds.instance"] == nil)
        let cluster = try #require(key.resources.first { $0.rule == "rds.cluster" })
        let members = try #require(cluster.members)
        #expect(members.count == 2 && members.allSatisfy { $0.contains(":db:member-") })
        let rotate = try #require(key.rotate)
        #expect((rotate.verdict, rotate.grade, rotate.changed, rotate.cutOvers) == ("possible", "none", 0, 0))
        #expect((rotate.cost?.once, rotate.cost?.monthly, rotate.cost?.onceWhole) == ("0.00", "1.00", true))
        let replace = try #require(key.replace)
        #expect((replace.verdict, replace.grade, replace.cutOvers) == ("possible", "high", 3))
        #expect(replace.changed == key.resources.count && replace.aliases == ["alias/payments"])
        // 1,234,567 objects: 12.34567 for requests, 1.234567 for objects, 0.25 for the job. The rest is not known, nor
        // what S3 asks KMS.
        #expect((replace.cost?.once, replace.cost?.onceWhole) == ("13.830237", false))
        #expect(replace.cost?.missingQuantities["objects"] == 2)
        #expect(key.recommendation?.choice == "rotate")
        let bucket = try #require(key.resources.first { $0.reference.resource == "arn:aws:s3:::bucket-0" })
        #expect(bucket.replace == "s3.bucket/replace/follows" && bucket.quantities == ["objects": 1_234_567])
        #expect(bucket.costs?["replace"]?.onceWhole == false && bucket.unknown.isEmpty)
        for resource in key.resources {
            for id in [resource.rotate, resource.replace] {
                let effect = try #require(report.effects[id ?? "-"])
                #expect(effect.sources.allSatisfy { $0.page.hasPrefix("https://docs.aws.amazon.com/") })
            }
        }
    }

    private static func expectAll(_ report: Report) throws {
        // Two of the estate, the one of another account, and one that a bucket names and that is not there.
        #expect(report.keys.count == 4)
        #expect(report.keys.allSatisfy { $0.rotate == nil && $0.recommendation == nil && $0.replace?.cost == nil })
        func standings(_ verdict: String) -> [String] {
            report.keys.filter { $0.replace?.verdict == verdict }.flatMap(\.resources).map(\.reference.standing)
        }
        #expect(standings("never") == ["missing"] && standings("unknown") == ["other-account"])
        #expect(report.keys.flatMap(\.traps).contains { $0.name == "s3-key-of-another-account" })
        #expect(report.unresolved.map(\.standing) == ["no-alias", "no-alias"])
    }

    /// Read from AWS for one key, all of it is as in the snapshot of everything, but for what was not asked of KMS.
    private static func expectLive(_ bytes: Data, _ folder: TemporaryFolder) throws {
        func object(_ bytes: Data) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        }
        var (live, all) = (try object(Data(try folder.read("live.json"))), try object(bytes))
        for name in ["snapshot", "unread"] {
            live[name] = nil
            all[name] = nil
        }
        #expect(live as NSDictionary == all as NSDictionary)
        let unread = try JSONDecoder().decode(Report.self, from: Data(try folder.read("live.json"))).unread
        #expect(
            Set(unread.map(\.operation)) == ["DescribeDBClusterAutomatedBackups", "GetEbsDefaultKmsKeyId"])
    }

    /// At the widths of narrow terminals.
    private static func expectText(_ snapshot: [UInt8], figures: (prices: String, quantities: String)) throws {
        func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }
        let now = Timestamp(epochSeconds: 1_785_600_000)
        let impact = Impact(
            of: try InventorySnapshot(snapshot, from: "snapshot"),
            prices: try PriceList(try bytes(figures.prices), from: "prices", at: now),
            quantities: try QuantityList(try bytes(figures.quantities), from: "quantities"), at: now)
        for width in [40, 60, 80] {
            let text = ImpactWords(try impact.report(on: [])).text(width: width)
            for line in text.split(separator: "\n") {
                // A word that is longer, such as an ARN, stands whole and alone, so that it can be copied.
                let isOneWord = line.split(separator: " ").count == 1
                #expect(ShownText.columns(line) <= width || isOneWord, "\(line)")
                #expect(line.unicodeScalars.allSatisfy(ShownText.isShown), "\(line)")
            }
            let summary = """
                                      ROTATE         REPLACE
                possible              yes            yes
                highest risk          none           high
                """
            #expect(text.contains(summary) == (width > 40))
            #expect(text.contains("\npossible: rotate yes; replace yes\n") == (width == 40))
            #expect(text.replacing("\n", with: " ").contains(" BETTER ROTATE. The key stays the key"))
            for arn in text.matches(of: #/arn:aws:kms:[^ \n]*/#).map(\.output) where !arn.contains(":alias/") {
                #expect(arn.contains(#/:key/[0-9a-f-]{36}/#), "\(arn)")
            }
            let title = "\n1. S3 buckets' default encryption (1), follows alias/payments\n"
            #expect(text.contains(title) == (width == 80))
            let flat = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(
                flat.contains("NOT READ, so that more may use these keys") && flat.contains("there is no such alias"))
            #expect(flat.contains("NOT READ of keys themselves, which hides nothing that uses them:"))
            #expect(text.contains("  - rds 123456789012 "))
        }
    }

    /// A bucket whose name would paint the screen and turn the line round.
    private static func expectHarmless(_ snapshot: [UInt8]) throws {
        let hostile = String(decoding: snapshot, as: UTF8.self)
            .replacing(#"arn:aws:s3:::bucket-0""#, with: #"arn:aws:s3:::bucket-%1B[31m%E2%80%AE""#)
        let impact = Impact(
            of: try InventorySnapshot(Array(hostile.utf8), from: "snapshot"), at: Timestamp(epochSeconds: 1_785_600_000)
        )
        let text = ImpactWords(try impact.report(on: ["alias/payments"])).text(width: 80)
        #expect(text.contains("arn:aws:s3:::bucket- [31m "))
        for line in text.split(separator: "\n") { #expect(line.unicodeScalars.allSatisfy(ShownText.isShown)) }
    }

    /// In words, and as data.
    private static func expectCaller(_ snapshot: [UInt8], _ folder: TemporaryFolder) async throws {
        let impact = Impact(
            of: try InventorySnapshot(snapshot, from: "snapshot"), at: Timestamp(epochSeconds: 1_785_600_000))
        let text = ImpactWords(try impact.report(on: ["alias/payments"])).text(width: 200)
        #expect(text.contains(". Callers of KMS by the key's id or ARN (1), pinned\n"))
        #expect(text.contains("step 1: in these programs: name the alias, or the new key"))
        #expect(
            text.contains(
                "  arn:aws:iam::123456789012:role/billing\n    7 calls in 123456789012 eu-central-1, "
                    + "2026-06-02T00:00:00Z to 2026-06-03T00:00:00Z: Decrypt\n"))
        #expect(text.contains("\nuses to change  ") && !text.contains("by key id, ARN or alias"))
        let outcome = try await CeremonyRoom.keyrite([
            "impact", "--snapshot", try folder.write(snapshot, to: "called"), "--key", "alias/payments", "--format",
            "json",
        ])
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.stdout))
        let caller = try #require(report.keys.first?.callers.first)
        #expect(caller.caller.caller == "arn:aws:iam::123456789012:role/billing")
        #expect(report.effects[caller.rotate ?? "-"] != nil && report.effects[caller.replace ?? "-"] != nil)
        #expect(report.untold.contains { $0.contains("are from 2026-06-01T00:00:00Z to 2026-06-30T00:00:00Z") })
    }

    /// As if the inventory had been given events in which somebody calls KMS by a key's ARN.
    private static func withCaller(_ snapshot: [UInt8]) throws -> [UInt8] {
        let aliases = try InventorySnapshot(snapshot, from: "snapshot").aliases
        let key = try #require(aliases.first { $0.name.text == "alias/payments" }?.key)
        let caller = """
            {"account":"123456789012","caller":"arn:aws:iam::123456789012:role/billing","calls":7,\
            "first":"2026-06-02T00:00:00Z","form":"key-arn","key":"\(key.text)","kind":"caller",\
            "last":"2026-06-03T00:00:00Z","names":"\(key.text)","operations":["Decrypt"],"region":"eu-central-1",\
            "standing":"known"}
            """
        let events = #""events":{"first":"2026-06-01T00:00:00Z","last":"2026-06-30T00:00:00Z","records":900},"#
        var lines = String(decoding: snapshot, as: UTF8.self).split(separator: "\n").map(String.init)
        lines[0] = lines[0].replacing(#""partition""#, with: events + #""partition""#)
        lines.insert(caller, at: lines.firstIndex { $0.contains(#""kind":"unread""#) } ?? lines.endIndex)
        lines[lines.count - 1] = #"{"kind":"end","lines":\#(lines.count - 1)}"#
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    // MARK: The estate

    /// - Returns: The path of a snapshot of the estate.
    private static func inventory(_ folder: TemporaryFolder) async throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Inventory/estate.py")
            .standardized.path
        let python = try BotoTests.interpreter()
        let environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path, "LC_ALL": "C.UTF-8"]
        try await LoopbackServer.running(
            [python, "-B", script, "serve", "moto"], environment: environment, in: URL(filePath: folder.path)
        ) { server, port in
            let url = "http://127.0.0.1:\(port)"
            let built = try await runProcess(
                "/usr/bin/timeout", ["--kill-after=5", "240", python, "-B", script, "build", "moto", url],
                environment: environment)
            try #require(built.status == 0, "\(built.stderrText)\(server.lastWords)")
            let read = try await CeremonyRoom.keyrite([
                "inventory", "--site", try ConnectedSite.write(url, to: folder), "--out",
                folder.path + "/snapshot",
            ])
            try #require(read.status == 0, "\(read.stderrText)")
            try await readLive(try ConnectedSite.write(url, to: folder), folder)
        }
        return folder.path + "/snapshot"
    }

    /// What `expectLive` looks at; and what is refused.
    private static func readLive(_ site: String, _ folder: TemporaryFolder) async throws {
        func impact(_ arguments: String...) async throws -> ProcessOutcome {
            try await CeremonyRoom.keyrite(["impact", "--site", site] + arguments)
        }
        let prices = try folder.write(Array(prices(until: "9999-12-31").utf8), to: "prices.json")
        let quantities = try folder.write(Array(quantities.utf8), to: "quantities.json")
        let live = try await impact(
            "--key", "alias/payments", "--format", "json", "--prices", prices, "--quantities", quantities)
        try #require(live.status == 0, "\(live.stderrText)")
        try folder.write(live.stdout, to: "live.json")
        let text = try await impact("--key", "alias/payments", "--strict")
        #expect(text.status == 5 && text.stdoutText.contains("in account 123456789012, eu-central-1."))
        for (arguments, words) in [
            (
                ["--key", "alias/paymnts"],
                "--key alias/paymnts: there is no such alias in account 123456789012, eu-central-1"
            ),
            (["--key", "payments"], "if alias/payments is meant"), ([], "With --site, name the key"),
            (["--key", "a", "--snapshot", site], "and not both"),
        ] {
            let refused = try await CeremonyRoom.keyrite(["impact", "--site", site] + arguments)
            #expect(refused.status == 2 && refused.stdout.isEmpty, "\(arguments)")
            #expect(refused.stderrText.contains(words), "\(refused.stderrText)")
        }
        let neither = try await CeremonyRoom.keyrite(["impact", "--key", "alias/payments"])
        #expect(neither.status == 2 && neither.stderrText.contains("Give --site FILE and --key K"))
    }

    private static func prices(until day: String) -> String {
        """
        {"schema":"keyrite.prices/1","region":"eu-central-1","currency":"EUR","validUntil":"\(day)","prices":{\
        "kms-key":{"amount":"1","per":"key and month"},"kms-rotation":{"amount":"1","per":"rotation and month"},\
        "s3-update-object-encryption":{"amount":"0.01","per":"1000 requests"},\
        "s3-batch-job":{"amount":"0.25","per":"job"},"s3-batch-objects":{"amount":"1","per":"1000000 objects"}}}
        """
    }

    private static let quantities = """
        {"schema":"keyrite.quantities/1","resources":{"arn:aws:s3:::bucket-0":{"objects":1234567}}}
        """

    // MARK: The report

    private struct Report: Decodable {
        struct Named: Decodable { let name: String }
        struct Gap: Decodable { let operation: String }
        struct Reference: Decodable {
            let resource: String?
            let standing: String
        }
        struct Choice: Decodable { let choice: String }
        struct Source: Decodable { let page: String }
        struct Effect: Decodable { let sources: [Source] }
        struct Cost: Decodable {
            let once: String
            let monthly: String
            let onceWhole: Bool
            let missingQuantities: [String: Int]
        }
        struct Side: Decodable {
            let verdict: String
            let grade: String
            let changed: Int
            let cutOvers: Int
            let aliases: [String]
            let cost: Cost?
        }
        struct Resource: Decodable {
            let reference: Reference
            let members: [String]?
            let rule: String?
            let rotate: String?
            let replace: String?
            let quantities: [String: Int]
            let unknown: [String]
            let costs: [String: Cost]?
        }
        struct Caller: Decodable {
            struct Line: Decodable { let caller: String }
            let caller: Line
            let rotate: String?
            let replace: String?
        }
        struct Key: Decodable {
            let aliases: [String]?
            let whole: Bool
            let traps: [Named]
            let rotate: Side?
            let replace: Side?
            let recommendation: Choice?
            let resources: [Resource]
            let callers: [Caller]
        }
        let schema: String
        let keys: [Key]
        let effects: [String: Effect]
        let unresolved: [Reference]
        let unread: [Gap]
        let untold: [String]
        let limited: Bool
    }
}
