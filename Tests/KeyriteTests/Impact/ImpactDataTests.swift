import Estate
import Evidence
import Foundation
import KeyriteCommands
import Room
import TestSupport
import Testing

@Suite("What keyrite impact says, as data and on a screen")
struct ImpactDataTests {
    private static let now = Timestamp(epochSeconds: 1_785_600_000)
    private static let (account, region) = ("111122223333", "eu-central-1")
    private static let key = "arn:aws:kms:eu-central-1:111122223333:key/k-1"

    private static func decoded<Value: Decodable>(_ object: [String: Any]) throws -> Value {
        try JSONDecoder().decode(Value.self, from: try JSONSerialization.data(withJSONObject: object))
    }

    private static func reference(
        _ service: String, _ type: String, _ resource: String, _ setting: String, _ more: [String: Any] = [:]
    ) throws -> KeyReference {
        let reference: [String: Any] = [
            "service": service, "type": type, "resource": resource, "account": account, "region": region,
            "setting": setting, "names": key, "form": "key-arn", "followsAlias": false, "key": key,
            "standing": "known",
        ]
        return try decoded(reference.merging(more) { $1 })
    }

    /// A disabled primary key whose replica is not looked at, and some of what uses it.
    private static func snapshot(_ references: Set<KeyReference>) throws -> InventorySnapshot {
        let header: InventorySnapshot.Header = try decoded([
            "schema": InventorySnapshot.schema, "accounts": [account], "partition": "aws", "regions": [region],
            "at": "2026-07-01T12:00:00Z", "events": ["records": 9],
        ])
        let primary: InventoryKey = try decoded([
            "arn": key, "id": "k-1", "account": account, "region": region, "manager": "CUSTOMER", "origin": "EXTERNAL",
            "spec": "SYMMETRIC_DEFAULT", "usage": "ENCRYPT_DECRYPT", "state": "Disabled", "aliases": ["alias/a"],
            "rotationsUsed": 3, "grants": [Any](), "tags": [Any](), "multiRegion": "PRIMARY",
            "related": [key.replacing(region, with: "us-east-1")],
            "materials": [["id": "m1", "state": "CURRENT", "importState": "IMPORTED"]],
        ])
        let caller: InventoryCaller = try decoded([
            "caller": "arn:aws:iam::\(account):role/a", "account": account, "region": region, "names": key,
            "form": "key-arn", "key": key, "standing": "known", "operations": ["Decrypt"], "calls": 7,
            "first": "2026-06-02T00:00:00Z", "last": "2026-06-03T00:00:00Z",
        ])
        let gap: InventoryGap = try decoded([
            "service": "sqs", "account": account, "region": region, "operation": "ListQueues", "reason": "denied",
        ])
        return InventorySnapshot(
            header: header, keys: [primary], aliases: [], references: references, callers: [caller], unread: [gap])
    }

    /// With something of all that a report can have.
    private static func report() throws -> ImpactReport {
        let bucket = "arn:aws:s3:::a"
        let prices = """
            {"schema":"keyrite.prices/1","region":"eu-central-1","currency":"EUR","validUntil":"2026-12-31","prices":{\
            "kms-key":{"amount":"1","per":"key and month"},"s3-batch-job":{"amount":"0.25","per":"job"}}}
            """
        let quantities = #"{"schema":"keyrite.quantities/1","resources":{"\#(bucket)":{"objects":7}}}"#
        let (rds, table) = ("arn:aws:rds:eu-central-1:\(account):", "arn:aws:dynamodb:eu-central-1:\(account):table/t")
        let references = [
            try reference("s3", "AWS::S3::Bucket", bucket, "KMSMasterKeyID", ["bucketKey": true]),
            try reference("rds", "AWS::RDS::DBCluster", rds + "cluster:c", "KmsKeyId"),
            try reference("rds", "AWS::RDS::DBInstance", rds + "db:i", "KmsKeyId", ["cluster": rds + "cluster:c"]),
            try reference(
                "dynamodb", "AWS::DynamoDB::Table", table, "SSEDescription.KMSMasterKeyArn",
                ["names": "alias/a", "form": "alias"]),
        ]
        return try Impact(
            of: try snapshot(Set(references)), prices: try PriceList(Array(prices.utf8), from: "prices", at: now),
            quantities: try QuantityList(Array(quantities.utf8), from: "quantities"), at: now
        ).report(on: [])
    }

    /// The members of the report's own types, as they are written, those that are absent too.
    private static func members(of value: Any, into all: inout [String: Set<String>]) {
        let mirror = Mirror(reflecting: value)
        let type = String(reflecting: type(of: value))
        switch mirror.displayStyle {
        case .optional, .collection, .dictionary, .tuple: break
        case _ where type == "KeyriteCommands.ImpactData" || type.hasPrefix("KeyriteCommands.ImpactData."):
            all[String(type.dropFirst("KeyriteCommands.ImpactData".count)), default: []]
                .formUnion(mirror.children.compactMap(\.label))
        default: return
        }
        for child in mirror.children { members(of: child.value, into: &all) }
    }

    @Test("each member of the data stands in ceremony/impact.md, under what it is of, and no other does")
    func document() throws {
        var written: [String: Set<String>] = [:]
        let data = ImpactData(try Self.report())
        Self.members(of: data, into: &written)
        let names = [
            "": "the report", ".Snapshot": "`snapshot`", ".Prices": "`prices`", ".Key": "a key", ".Trap": "a trap",
            ".Side": "a key's `rotate`, `replace`", ".Obstacle": "an obstacle", ".Choice": "`recommendation`",
            ".Resource": "a resource", ".Caller": "a caller", ".Cost": "a cost", ".Cost.Line": "a line of a cost",
            ".Effect": "an effect", ".Source": "a source",
        ]
        #expect(Set(written.keys) == Set(names.keys))

        let page = URL(filePath: #filePath).appending(path: "../../../../ceremony/impact.md").standardized
        let text = try #require(
            String(decoding: try Data(contentsOf: page), as: UTF8.self).split(separator: "## As data").last)
        var told: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| ") && !line.hasPrefix("| of |") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            told[cells[0]] = Set(cells[1].split(separator: ", ").map { $0.trimmingCharacters(in: ["`"]) })
        }
        #expect(told == Dictionary(uniqueKeysWithValues: written.map { (names[$0] ?? $0, $1) }))

        // Of what is written so, nothing is called otherwise.
        let object = try #require(
            try JSONSerialization.jsonObject(with: try JSONEncoder().encode(data)) as? [String: Any])
        #expect(Set(object.keys).isSubset(of: written[""] ?? []))
        let key = try #require((object["keys"] as? [[String: Any]])?.first)
        #expect(Set(key.keys) == written[".Key"])
    }

    @Test("a setting that no rule knows is shown by its name, which can do nothing to the screen")
    func setting() throws {
        let setting = "Key\u{1B}[31m\u{202E}\n\u{7}Id"
        let snapshot = try Self.snapshot([
            try Self.reference("s3", "AWS::S3::Bucket", "arn:aws:s3:::a", setting)
        ])
        let text = ImpactWords(try Impact(of: snapshot, at: Self.now).report(on: [])).text(width: 80)
        #expect(text.contains("NO RULE says what becomes of these (1):\n  arn:aws:s3:::a Key [31m "), "\(text)")
        for line in text.split(separator: "\n") {
            #expect(line.unicodeScalars.allSatisfy { ShownText.isShown($0) }, "\(line)")
        }
    }
}
