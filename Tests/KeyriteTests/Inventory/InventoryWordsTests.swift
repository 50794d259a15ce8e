import Estate
import Foundation
import KeyriteCommands
import Room
import Testing

@Suite("An inventory and its impact in words")
struct InventoryWordsTests {
    private static let account = "111122223333"

    private static func arn(_ id: String) -> String { "arn:aws:kms:eu-central-1:\(account):key/\(id)" }

    private static func header() throws -> String {
        try InventoryPageTests.line([
            "schema": "keyrite.inventory/2", "accounts": [account], "partition": "aws", "regions": ["eu-central-1"],
            "at": "2026-11-27T16:00:00Z",
        ])
    }

    private static func key(_ id: String, _ more: [String: Any] = [:]) throws -> String {
        let members: [String: Any] = [
            "kind": "key", "arn": arn(id), "id": id, "account": account, "region": "eu-central-1", "state": "Enabled",
            "manager": "CUSTOMER", "origin": "EXTERNAL", "spec": "SYMMETRIC_DEFAULT", "usage": "ENCRYPT_DECRYPT",
        ]
        return try InventoryPageTests.line(members.merging(more) { $1 })
    }

    private static func bucket(_ name: String, _ key: String, _ more: [String: Any] = [:]) throws -> String {
        let members: [String: Any] = [
            "kind": "reference", "service": "s3", "type": "AWS::S3::Bucket", "resource": "arn:aws:s3:::\(name)",
            "account": account, "region": "eu-central-1", "setting": "KMSMasterKeyID", "standing": "known",
            "key": arn(key),
            "names": arn(key), "form": "key-arn", "followsAlias": false, "bucketKey": true,
        ]
        return try InventoryPageTests.line(members.merging(more) { $1 })
    }

    private static func unread(_ operation: String, _ id: String) throws -> String {
        try InventoryPageTests.line([
            "kind": "unread", "service": "kms", "account": account, "region": "eu-central-1", "operation": operation,
            "resource": arn(id), "reason": "denied",
        ])
    }

    private static func snapshot(_ lines: [String]) throws -> InventorySnapshot {
        try InventorySnapshot(Array((try [header()] + lines).map { $0 + "\n" }.joined().utf8), from: "snapshot")
    }

    private static func estate() throws -> InventorySnapshot {
        try snapshot([
            key(
                "k-1",
                ["aliases": (0..<100).map { String(format: "alias/%02d", $0) }, "rotationsUsed": 3, "materials": []]),
            key("k-2", ["spec": "RSA_4096", "aliases": []]), key("k-3"),
            bucket("plain-bucket", "k-1"),
            bucket(
                "zone", "k-0", ["names": "alias/lost", "form": "alias", "followsAlias": true, "standing": "missing"]),
            bucket("%E9%8D%B5%E9%8D%B5%E9%8D%B5", "k-1"),
        ])
    }

    @Test("what is to be deleted says so in the table: the key, and what it is used by")
    func deleted() throws {
        let header = try Self.header().replacing("inventory/2", with: "inventory/3")
        let lines = [
            header, try Self.key("k-1", ["state": "PendingDeletion", "deleted": "2026-12-05T00:00:00Z"]),
            try Self.bucket("gone", "k-1", ["deleted": "2026-11-20T00:00:00Z"]), #"{"kind":"end","lines":3}"#,
        ]
        let snapshot = try InventorySnapshot(Array(lines.map { $0 + "\n" }.joined().utf8), from: "snapshot")
        var table = ""
        try InventoryWords(InventoryOutcome(snapshot)).write(width: 400) { table += $0 }
        #expect(table.contains("PendingDeletion, deleted 2026-12-05T00:00:00Z"))
        #expect(table.contains("(is scheduled for deletion itself)"))
    }

    @Test("stand in columns of any alphabet; where that is too wide, a row goes on below, and no cell is broken")
    func columns() throws {
        let words = InventoryWords(InventoryOutcome(try Self.estate()))
        let rows = try words.text(width: .max).split(separator: "\n").filter { $0.contains("arn:aws:s3:::") }
        let settings = rows.map { row in
            ShownText.columns(row[..<(row.range(of: "KMSMasterKeyID")?.lowerBound ?? row.startIndex)])
        }
        #expect(rows.count == 3 && Set(settings).count == 1, "\(rows)")
        for width in [40, 80, 100] {
            let text = try words.text(width: width)
            for line in text.split(separator: "\n") where ShownText.columns(line) > width {
                let cells = line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
                #expect(line.hasSuffix(cells) && !cells.contains("  "), "\(line)")
                #expect(line.contains("arn:") || line.contains("alias") || line.hasPrefix("Account"), "\(line)")
            }
            #expect(text.contains(Self.arn("k-1")))
            // A sentence at a row's end is broken between its words.
            #expect(text.contains(#/\n    alias.lost -> *\n? *arn:[^ ]+key.k-0: *\n? *the alias/#), "\(text)")
        }
        let narrow = try words.text(width: 40).split(separator: "\n")
        #expect(narrow.contains { $0 == "    the alias is there, its key is not" })
    }

    @Test("say what was not read, what there is none of, and what never was, each in its words")
    func absent() throws {
        let text = try InventoryWords(InventoryOutcome(try Self.estate())).text(width: .max)
        let keys = text.split(separator: "\n").filter { $0.hasPrefix("k-") }.map {
            $0.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
        try #require(keys.count == 3)
        #expect(keys[0].suffix(5) == ["0", "3 of 25", "never", "not read", "alias/00 and 99 more"])
        #expect(keys[1].suffix(5) == ["one", "never", "never", "not read", "none"])
        #expect(keys[2].suffix(5) == ["not read", "not read", "never", "not read", "not read"])
        #expect(text.contains("alias/lost -> \(Self.arn("k-0")): the alias is there, its key is not"))
        let undescribed = try Self.snapshot((0..<8).map { try Self.unread("DescribeKey", "k-\($0)") })
        let words = try InventoryWords(InventoryOutcome(undescribed)).text(width: 200)
        #expect(words.contains("0 keys and 8 more that KMS lists and did not describe; 0 references; "))
    }

    @Test("a key's ARN is whole on 80 columns, further left if need be")
    func whole() throws {
        let arn = Self.arn("1234abcd-12ab-34cd-56ef-1234567890ab")
        #expect(arn.count == 78)
        let snapshot = try Self.snapshot([
            Self.bucket("b", "1234abcd-12ab-34cd-56ef-1234567890ab"),
            Self.unread("GetKeyPolicy", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        ])
        let table = try InventoryWords(InventoryOutcome(snapshot)).text(width: 80)
        #expect(table.components(separatedBy: "\n  \(arn)\n").count == 3, "\(table)")
        let impact = ImpactWords(try Impact(of: snapshot, at: snapshot.header.at).report(on: [])).text(width: 80)
        #expect(impact.contains("GetKeyPolicy: denied\n  \(arn)\n"), "\(impact)")
    }

    @Test("what changed is broken between words on a narrow terminal, and no ARN or name is")
    func diff() throws {
        let older = try Self.estate()
        let newer = try Self.snapshot([
            try Self.key("k-1", ["aliases": ["alias/00"], "rotationsUsed": 4, "materials": []]),
            try Self.key("k-2", ["spec": "RSA_4096", "aliases": []]), try Self.key("k-3"),
            try Self.bucket("plain-bucket", "k-1", ["names": "alias/00", "form": "alias", "followsAlias": true]),
            try Self.bucket("plain-bucket-2", "k-1"),
        ])
        let words = InventoryDiffWords(try InventoryDiff(from: older, to: newer))
        let wide = words.text(width: 400)
        #expect(
            wide.contains("\n+ reference eu-central-1 arn:aws:s3:::plain-bucket-2 KMSMasterKeyID\n    arn:aws:kms:"))
        #expect(wide.contains("\n    rotationsUsed: 3 -> 4\n") && wide.hasSuffix("\n\n5 changes."))
        for width in [40, 80] {
            let lines = words.text(width: width).split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.filter(\.isEmpty).count == 1)
            for line in lines where ShownText.columns(line) > width {
                #expect(line.trimmingCharacters(in: .whitespaces).contains(" ") == false, "\(line)")
            }
            #expect(lines.contains { $0.contains(" \(Self.arn("k-1")),") })
        }
    }

    @Test("of more keys than anybody reads, impact has an overview by alias, and each trap once")
    func many() throws {
        let keys = try (0..<30).map { number in
            try Self.key(
                String(format: "k-%02d", number),
                [
                    "aliases": [String(format: "alias/%02d", 29 - number)], "materials": [],
                    "rotationsUsed": number % 2, "grants": [],
                ])
        }
        let snapshot = try Self.snapshot(keys)
        let impact = Impact(of: snapshot, at: snapshot.header.at)
        let text = ImpactWords(try impact.report(on: [])).text(width: 80)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines.prefix(3) == [
                "                        RISK OF", "BETTER      USES        REPLACING   KEY",
                "rotate      0           none        alias/00 in 111122223333 eu-central-1",
            ])
        #expect(lines.count { $0.contains(" alias/") } == 30 && lines.count { $0.contains("rotation-budget") } == 1)
        #expect(lines.count < 113 && !lines.contains("KEY"))
        #expect(lines.suffix(3).joined(separator: " ").contains("the same command with --key and its ARN"))
        // No source that nothing here refers to.
        let sources = lines.count { $0.hasPrefix("    https://") }
        #expect(sources > 0 && (1...sources).allSatisfy { text.contains(" [\($0)]") || text.contains("\n    [\($0)]") })
        #expect(!text.contains("[\(sources + 1)]"))
        // Who names keys gets all of each.
        let named = ImpactWords(try impact.report(on: (0..<30).map { String(format: "k-%02d", $0) })).text(
            width: 80)
        #expect(named.split(separator: "\n").count { $0 == "KEY" } == 30 && !named.contains("--key"))
    }

    @Test("a quantity that is known of no resource is said once; of one that it is known of, it stands at each")
    func quantities() throws {
        let snapshot = try Self.snapshot(
            [Self.key("k-1", ["aliases": []])] + (0..<3).map { try Self.bucket("bucket-\($0)", "k-1") })
        func text(_ resources: String) throws -> String {
            let file = #"{"schema":"keyrite.quantities/1","resources":{\#(resources)}}"#
            let impact = Impact(
                of: snapshot, quantities: try QuantityList(Array(file.utf8), from: "q"), at: snapshot.header.at)
            return ImpactWords(try impact.report(on: [])).text(width: 100)
        }
        let none = try text("")
        #expect(none.contains("objects not known: ") && !none.contains("objects unknown"))
        let one = try text(#""arn:aws:s3:::bucket-1":{"objects":5}"#)
        #expect(one.contains("    objects 5\n") && one.components(separatedBy: "objects unknown").count == 3, "\(one)")
    }

    @Test("where a service was not read, no key is said to have no uses, or to be replaced without risk")
    func unreadUses() throws {
        let gap = try InventoryPageTests.line([
            "kind": "unread", "service": "s3", "account": Self.account, "region": "eu-central-1",
            "operation": "ListBuckets", "reason": "unreachable", "message": "the line is down",
        ])
        let keys = try ["k-1", "k-2"].map { try Self.key($0, ["aliases": ["alias/\($0)"]]) }
        let snapshot = try Self.snapshot(keys + [gap])
        let report = try Impact(of: snapshot, at: snapshot.header.at).report(on: [])
        let text = ImpactWords(report).text(width: 100)
        let row = try #require(text.split(separator: "\n").first { $0.contains("alias/k-1 in") })
        #expect(row.hasPrefix("rotate      0 or more   unknown ") || row.hasPrefix("unknown     0 or more   unknown "))
        #expect(text.contains("unknown, none of what was read") && text.contains("0 of 0 read"))
        #expect(text.contains("ListBuckets: unreachable (the line is down)"))
        let data = try JSONEncoder().encode(ImpactData(report))
        #expect(!String(decoding: data, as: UTF8.self).contains(#""replace":{"aliases":[],"changed":0,"grade":"none""#))
        #expect(String(decoding: data, as: UTF8.self).contains(#""grade":"unknown""#))
        #expect(
            try InventoryWords(InventoryOutcome(snapshot)).text(width: 200).contains("unreachable (the line is down)"))
    }

    @Test(
        "what could not be read for one reason stands in one row, with how many and the first three, and is counted whole"
    )
    func alike() throws {
        var lines = try (0..<300).map { try Self.unread("GetKeyLastUsage", String(format: "k-%03d", $0)) }
        // Two are no more than are shown by themselves, and another reason is another row.
        lines += try (0..<2).map { try Self.unread("ListGrants", "k-00\($0)").replacing("denied", with: "throttled") }
        for (number, region) in ["eu-central-1", "eu-north-1", "us-east-1", "us-west-2"].enumerated() {
            lines.append(
                try InventoryPageTests.line([
                    "kind": "unread", "service": "sns", "account": "11112222333\(3 + number / 2)", "region": region,
                    "operation": "ListTopics", "reason": "denied", "code": "AccessDenied",
                ]))
        }
        let snapshot = try Self.snapshot(lines)
        let wide = try InventoryWords(InventoryOutcome(snapshot)).text(width: 200)
        let table = wide.split(separator: "\n").filter { !$0.hasPrefix("2 accounts") && !$0.hasPrefix("Account") }
        #expect(table.count == 1 + 4 + 4 + 2, "\(wide)")
        #expect(wide.contains(#/kms +111122223333 eu-central-1 +GetKeyLastUsage +denied +300, among them\n/#))
        #expect(wide.contains(#/sns +2 accounts 4 Regions +ListTopics +denied \(AccessDenied\) +4, among them\n/#))
        #expect(wide.contains("\(Self.arn("k-002"))\n") && !wide.contains(Self.arn("k-003")))
        #expect(wide.contains("306 things could not be read"))
        // What is long in one row is no reason to break another.
        let usual = try InventoryWords(InventoryOutcome(snapshot)).text(width: 100)
        #expect(usual.contains(#/kms +111122223333 eu-central-1 +GetKeyLastUsage +denied +300, among them\n/#))
        #expect(usual.contains("them\n    \(Self.arn("k-000"))\n    \(Self.arn("k-001"))\n"))
        let narrow = try InventoryWords(InventoryOutcome(snapshot)).text(width: 40)
        #expect(!narrow.contains("\n\n\n") && narrow.contains("\n    \(Self.arn("k-002"))\n"))
        #expect(!narrow.split(separator: "\n").contains { $0.allSatisfy { $0 == " " } })
        let sentences = narrow.split(separator: "\n").drop { !$0.hasPrefix("Account") }
        #expect(sentences.count > 2 && sentences.allSatisfy { ShownText.columns($0) <= 40 }, "\(sentences)")
        let impact = ImpactWords(try Impact(of: snapshot, at: snapshot.header.at).report(on: [])).text(width: 80)
        #expect(impact.contains("GetKeyLastUsage: denied; 300, among"))
        #expect(impact.contains("\n      \(Self.arn("k-002"))"))
        #expect(!impact.contains(Self.arn("k-003")))
    }

    @Test("with nothing read of which keys there are, impact says that it is not known, and not that there are none")
    func nothingRead() throws {
        func text(_ lines: [String]) throws -> String {
            let snapshot = try Self.snapshot(lines)
            return ImpactWords(try Impact(of: snapshot, at: snapshot.header.at).report(on: [])).text(width: 80)
        }
        let unread = try text([Self.unread("DescribeKey", "k-1")])
        #expect(unread.split(separator: "\n").allSatisfy { ShownText.columns($0) <= 80 })
        #expect(unread.hasPrefix("Which keys there are is not known") && unread.contains("NOT READ"))
        #expect(try text([]).hasPrefix("The snapshot has no key that is not AWS's"))
        let beside = try text([Self.key("k-2"), Self.unread("DescribeKey", "k-1")])
        #expect(beside.contains("There may be more keys"))
    }
}

extension InventoryWords {
    /// All of it at once.
    fileprivate func text(width: Int) throws -> String {
        var text = ""
        try write(width: width) { text += $0 }
        return text
    }
}
