import Estate
import Evidence
import Foundation

/// Lines of a snapshot, for tests that say what is in it.
struct ImpactEstate {
    static let account = "111122223333"
    static let other = "444455556666"
    static let here = "eu-central-1"
    static let now = Timestamp(epochSeconds: 1_785_600_000)  // 2026-08-01T16:00:00Z

    private var header: String {
        """
        {"accounts":["111122223333"],"at":"2026-07-01T12:00:00Z",\(events.map { "\"events\":\($0)," } ?? "")\
        "partition":"aws","regions":["eu-central-1","us-east-1"],"schema":"\(schema)"}
        """
    }

    var schema = InventorySnapshot.schema
    /// The header's, as JSON; nil where callers were not looked for.
    var events: String?
    var keys: [[String: Any]] = []
    var aliases: [[String: Any]] = []
    var references: [[String: Any]] = []
    var callers: [[String: Any]] = []
    var unread: [[String: Any]] = []

    static let key = arn("k-1")

    static func arn(_ id: String, _ region: String = here, _ account: String = account) -> String {
        "arn:aws:kms:\(region):\(account):key/\(id)"
    }

    /// An imported symmetric key with one material and 3 rotations used, but for what is said otherwise; nil leaves out.
    mutating func addKey(_ id: String = "k-1", region: String = here, _ otherwise: [String: Any?] = [:]) {
        var key: [String: Any] = [
            "kind": "key", "arn": Self.arn(id, region), "id": id, "account": Self.account, "region": region,
            "manager": "CUSTOMER", "origin": "EXTERNAL", "spec": "SYMMETRIC_DEFAULT", "usage": "ENCRYPT_DECRYPT",
            "state": "Enabled", "aliases": [String](), "rotationsUsed": 3, "grants": [Any](), "tags": [Any](),
            "materials": [["id": "m1", "state": "CURRENT", "importState": "IMPORTED"]],
        ]
        for (name, value) in otherwise { key[name] = value }
        keys.append(key)
    }

    mutating func addAlias(_ name: String, _ key: String?, region: String = here) {
        var alias: [String: Any] = [
            "kind": "alias", "name": name, "arn": "arn:aws:kms:\(region):\(Self.account):\(name)",
            "account": Self.account, "region": region, "standing": key == nil ? "no-target" : "known",
        ]
        alias["key"] = key
        aliases.append(alias)
    }

    mutating func add(
        _ service: String, _ type: String, _ resource: String, _ setting: String = "KmsKeyId", by name: String? = nil,
        follows: Bool = false, key: String? = arn("k-1"), standing: String = "known", account: String = account,
        bucketKey: Bool? = nil, algorithm: String? = nil, cluster: String? = nil, deleted: String? = nil
    ) {
        var reference: [String: Any] = [
            "kind": "reference", "service": service, "type": type, "resource": resource, "setting": setting,
            "account": account, "region": Self.here, "form": name == nil ? "key-arn" : "alias", "followsAlias": follows,
            "standing": standing, "names": name ?? key ?? "?",
        ]
        reference["key"] = key
        reference["bucketKey"] = bucketKey
        reference["algorithm"] = algorithm
        reference["cluster"] = cluster
        reference["deleted"] = deleted
        references.append(reference)
    }

    /// A secret under the key that AWS manages for the service.
    mutating func addServiceDefault(_ resource: String, standing: String) {
        references.append([
            "kind": "reference", "service": "secretsmanager", "type": "AWS::SecretsManager::Secret",
            "resource": resource, "setting": "KmsKeyId", "account": Self.account, "region": Self.here,
            "form": "service-default", "followsAlias": false, "standing": standing,
        ])
    }

    mutating func addBucket(
        _ name: String, by alias: String? = nil, account: String = account, bucketKey: Bool = false,
        algorithm: String? = nil
    ) {
        add(
            "s3", "AWS::S3::Bucket", "arn:aws:s3:::\(name)", "KMSMasterKeyID", by: alias, follows: alias != nil,
            account: account, bucketKey: bucketKey, algorithm: algorithm)
    }

    mutating func addTable(_ name: String, by alias: String? = nil) {
        add("dynamodb", "AWS::DynamoDB::Table", name, "SSEDescription.KMSMasterKeyArn", by: alias)
    }

    /// Somebody who calls KMS by a key's ARN.
    mutating func addCaller(_ name: String, key: String = arn("k-1"), standing: String = "known") {
        events = events ?? #"{"first":"2026-06-01T00:00:00Z","last":"2026-06-30T00:00:00Z","records":900}"#
        callers.append([
            "kind": "caller", "caller": "arn:aws:iam::\(Self.account):role/\(name)", "account": Self.account,
            "region": Self.here, "names": key, "form": "key-arn", "key": key, "standing": standing,
            "operations": ["Decrypt"], "calls": 7, "first": "2026-06-02T00:00:00Z", "last": "2026-06-03T00:00:00Z",
        ])
    }

    mutating func addUnread(
        _ service: String, _ operation: String, region: String = here, account: String = account,
        of resource: String? = nil
    ) {
        var gap = [
            "kind": "unread", "service": service, "account": account, "region": region, "operation": operation,
            "reason": "denied",
        ]
        gap["resource"] = resource
        unread.append(gap)
    }

    /// A bucket that follows, one that is pinned, a table and an instance that were given an alias, and a snapshot.
    static func payments() -> ImpactEstate {
        var estate = ImpactEstate()
        estate.addKey("k-1", ["aliases": ["alias/payments"]])
        estate.addAlias("alias/payments", key)
        estate.addBucket("follows", by: "alias/payments")
        estate.addBucket("pinned")
        estate.addTable("table", by: "alias/payments")
        estate.add("rds", "AWS::RDS::DBInstance", "instance", by: "alias/payments")
        estate.add("ec2", "AWS::EC2::Snapshot", "snapshot")
        return estate
    }

    func snapshot() throws -> InventorySnapshot {
        func lines(_ things: [[String: Any]], by names: String...) throws -> [String] {
            let sorted = things.sorted { one, other in
                names.map { one[$0] as? String ?? "" }.lexicographicallyPrecedes(
                    names.map { other[$0] as? String ?? "" })
            }
            return try sorted.map { thing in
                let data = try JSONSerialization.data(
                    withJSONObject: thing, options: [.sortedKeys, .withoutEscapingSlashes])
                return String(decoding: data, as: UTF8.self)
            }
        }
        var all =
            try [header] + lines(keys, by: "arn", "region") + lines(aliases, by: "arn")
            + lines(references, by: "service", "account", "region", "type", "resource", "setting")
            + lines(callers, by: "caller", "account", "region", "names")
            + lines(unread, by: "service", "account", "region", "operation", "resource")
        if schema == InventorySnapshot.schema { all.append(#"{"kind":"end","lines":\#(all.count)}"#) }
        return try InventorySnapshot(Array(all.map { $0 + "\n" }.joined().utf8), from: "snapshot")
    }

    func report(
        on keys: [String] = [], strategies: [ImpactStrategy] = ImpactStrategy.allCases, prices: String? = nil,
        quantities: String? = nil
    ) throws -> ImpactReport {
        let prices = try prices.map { try PriceList(Array($0.utf8), from: "prices", at: Self.now) }
        let quantities = try quantities.map { try QuantityList(Array($0.utf8), from: "quantities") }
        return try Impact(of: try snapshot(), prices: prices, quantities: quantities, at: Self.now)
            .report(on: keys, strategies: strategies)
    }
}
