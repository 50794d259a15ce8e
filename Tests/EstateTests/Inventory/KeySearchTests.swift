import AWS
import Estate
import Evidence
import Synchronization
import Testing

@Suite("Looking for the keys that somebody names")
struct KeySearchTests {
    private static let account = "111122223333"
    private static let here = "eu-central-1"

    private static func arn(_ id: String, _ region: String = here, _ account: String = account) -> String {
        "arn:aws:kms:\(region):\(account):key/\(id)"
    }

    /// Operations that were asked for, by Region.
    private final class Asked: Sendable {
        let calls = Mutex<[String]>([])
        func all(_ region: String) -> [String] {
            calls.withLock { $0.filter { $0.hasPrefix(region + " ") }.map { String($0.dropFirst(region.count + 1)) } }
        }
    }

    /// `k-1` and `k-2` are in the first Region with the aliases `alias/payments` and `alias/other`; `k-3` is in the second.
    private static func inventory(
        _ accounts: [String] = [account], _ regions: [String] = [here, "us-east-1"], asked: Asked = Asked(),
        denying: Set<String> = [], in denied: Set<String>? = nil, code: String = "AccessDeniedException"
    ) throws -> Inventory {
        let endpoint = try Endpoint("https://example.com")
        return Inventory(
            partition: "aws", accounts: accounts.map { InventoryAccount($0, in: regions) }
        ) { service, place in
            CannedCaller(endpoint: endpoint, region: place.region) { region, operation, parameters in
                asked.calls.withLock { $0.append("\(region) \(operation)") }
                if denying.contains(operation), denied?.contains(region) ?? true {
                    throw CannedCaller.refusal(code, operation)
                }
                return try answer(region, place.account, operation, parameters)
            }
        }
    }

    private static func answer(
        _ region: String, _ account: String, _ operation: String, _ parameters: [String: CallValue]
    ) throws -> String? {
        let isHere = region == here && account == Self.account
        switch operation {
        case "ListAliases" where isHere:
            return """
                {"Aliases":[{"AliasName":"alias/payments","AliasArn":"a1","TargetKeyId":"k-1"},\
                {"AliasName":"alias/second","AliasArn":"a2","TargetKeyId":"k-1"},\
                {"AliasName":"alias/aws/ebs","AliasArn":"a3"},{"AliasName":"alias/gone","AliasArn":"a5","TargetKeyId":"k-8"},\
                {"AliasName":"alias/other","AliasArn":"a4","TargetKeyId":"k-2"}],"Truncated":false}
                """
        case "DescribeKey":
            guard case .text(let asked) = parameters["KeyId"] else { return nil }
            let id = asked == "alias/payments" ? "k-1" : String(asked.split(separator: "/").last ?? "")
            guard (isHere ? ["k-1", "k-2", "mrk-4", "mrk-5"] : region == here ? [] : ["k-3", "mrk-4"]).contains(id)
            else {
                throw CannedCaller.refusal("NotFoundException", operation, "Invalid keyId")
            }
            let primary = #"{"Arn":"\#(arn(id, region, account))","Region":"\#(region)"}"#
            let replica = #"{"Arn":"\#(arn(id, "us-east-1", account))","Region":"us-east-1"}"#
            let multiRegion =
                id == "mrk-5"
                ? """
                ,"MultiRegion":true,"MultiRegionConfiguration":{"MultiRegionKeyType":"PRIMARY","PrimaryKey":\(primary),\
                "ReplicaKeys":[\(replica)]}
                """ : ""
            return """
                {"KeyMetadata":{"KeyId":"\(id)","Arn":"\(arn(id, region, account))","KeyState":"Enabled",\
                "KeyManager":"CUSTOMER","Origin":"EXTERNAL","KeySpec":"SYMMETRIC_DEFAULT"\(multiRegion)}}
                """
        case "ListGrants": return #"{"Grants":[],"Truncated":false}"#
        case "ListKeyRotations": return #"{"Rotations":[{"KeyMaterialState":"CURRENT"}],"Truncated":false}"#
        case "ListSecrets" where isHere: return #"{"SecretList":[{"ARN":"s","KmsKeyId":"alias/other"}]}"#
        case "ListQueues" where isHere: return #"{"QueueUrls":["q1","q2","q3"]}"#
        case "GetQueueAttributes":
            guard case .text(let queue) = parameters["QueueUrl"] else { return nil }
            let name = ["q1": "alias/second", "q2": "alias/other"][queue] ?? "alias/payments"
            return #"{"Attributes":{"QueueArn":"\#(queue)","KmsMasterKeyId":"\#(name)"}}"#
        default: return nil
        }
    }

    private static func snapshot(_ inventory: Inventory, _ search: KeySearch) async throws -> InventorySnapshot {
        try await inventory.narrowed(to: search).read(at: Evidence.Timestamp(epochSeconds: 1_782_907_200)).snapshot()
    }

    @Test(
        "asks for the key alone, and for its uses only where it serves",
        arguments: ["alias/payments", "k-1", arn("k-1"), "arn:aws:kms:eu-central-1:111122223333:alias/payments"])
    func calls(_ name: String) async throws {
        let asked = Asked()
        let inventory = try Self.inventory(asked: asked)
        let search = try await inventory.search(for: [name])
        #expect(try search.arns() == [Self.arn("k-1")] && search.regions == [Self.here])
        let described = asked.all(Self.here).filter {
            $0.hasPrefix("List") || $0.hasPrefix("Get") || $0 == "DescribeKey"
        }
        #expect(described.sorted() == ["DescribeKey", "ListAliases", "ListGrants", "ListKeyRotations"])
        let before = asked.all("us-east-1")
        #expect(Set(before).isSubset(of: ["ListAliases", "DescribeKey"]))
        let snapshot = try await Self.snapshot(inventory, search)
        #expect(asked.all("us-east-1") == before)
        #expect(
            !asked.all(Self.here).contains {
                ["ListKeys", "GetKeyPolicy", "ListResourceTags", "DescribeSecret"].contains($0)
            })
        #expect(snapshot.header.regions == [Self.here] && snapshot.keys.map(\.arn.text) == [Self.arn("k-1")])
        #expect(snapshot.keys.first?.aliases?.map(\.text) == ["alias/payments", "alias/second"])
        #expect(snapshot.unread.isEmpty)
        // The other key was not asked for: its use stands there, and is none of this key's.
        let report = try Impact(of: snapshot, at: snapshot.header.at).report(on: try search.arns())
        let key = try #require(report.keys.first)
        #expect(key.groups.flatMap(\.resources).map(\.reference.resource.text) == ["q1", "q3"])
        #expect(key.sides[.rotate]?.verdict == .possible && key.isWhole)
        #expect(report.unresolved.isEmpty && !report.isLimited)
    }

    private static let wrong: [(String, String)] = [
        (
            "alias/paymnts",
            "there is no such alias in account 111122223333, eu-central-1, us-east-1; there are alias/payments, "
                + "alias/gone, alias/other, alias/second; another Region is looked at with --region (name these, too, if "
                + "other keys are there), another account with --role"
        ),
        (
            "payments",
            "there is no such key in account 111122223333, eu-central-1, us-east-1; if alias/payments is meant"
        ),
        ("k-9", "a key is named by its id or ARN, or by an alias, whose name begins with alias/"),
        (arn("k-9"), "there is no such key: it was deleted, or its id is another"),
        (
            arn("k-1", "eu-west-1"),
            "it is of Region eu-west-1, which is not read; give --region eu-central-1 --region eu-west-1 --region us-east-1"
        ),
        ("alias/aws/ebs", "the alias leads to no key: AWS makes the key of a service when it is first used"),
        ("alias/gone", "the alias leads to no key that is there: let it lead to another, or name a key"),
        ("key/k-7", "a key's id is what follows key/: give k-7"), (" k-1", "it has a blank in it: give it without"),
        (
            "arn:aws-cn:kms:eu-central-1:111122223333:key/k-1",
            "it is of partition aws-cn, and the site is of aws; give a site of that partition"
        ),
        ("mrk-4", "that is more than one key; give one's ARN: " + arn("mrk-4") + ", " + arn("mrk-4", "us-east-1")),
        (
            "arn:aws:kms:eu-central-1:999988887777:alias/a",
            "the alias is of account 999988887777, which is not read; read it by a role of it (--role)"
        ),
    ]

    @Test("a name that leads to no key, or to several, is refused before anything else is read", arguments: wrong)
    func refused(_ name: String, _ words: String) async throws {
        let asked = Asked()
        let search = try await Self.inventory(asked: asked).search(for: [name])
        let error = #expect(throws: EstateError.self) { try search.arns() }
        #expect(error?.description.hasPrefix("--key \(name): ") == true)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "-")")
        #expect(!asked.all(Self.here).contains("ListQueues"))
    }

    @Test("where aliases cannot be listed KMS is asked for the alias itself, and that they were not is said")
    func aliasesDenied() async throws {
        let inventory = try Self.inventory([Self.account], [Self.here], denying: ["ListAliases"])
        let search = try await inventory.search(for: ["alias/payments"])
        #expect(try search.arns() == [Self.arn("k-1")])
        let snapshot = try await Self.snapshot(inventory, search)
        #expect(snapshot.unread.map(\.operation) == ["ListAliases"] && snapshot.keys.first?.aliases == nil)
        let report = try Impact(of: snapshot, at: snapshot.header.at).report(on: try search.arns())
        #expect(report.isLimited && report.keys.first?.isWhole == false)
        // What KMS resolved is known for whatever names it.
        #expect(report.keys.first?.groups.flatMap(\.resources).map(\.reference.resource.text) == ["q3"])
        #expect(report.unresolved.map(\.resource.text) == ["s", "q1", "q2"])
        let other = try await inventory.search(for: ["alias/nowhere"])
        let error = #expect(throws: EstateError.self) { try other.arns() }
        #expect(
            error?.description.contains(
                "it may be where nobody could look: ListAliases in 111122223333, eu-central-1: denied") == true)
    }

    @Test("of a key that KMS does not tell of, what names it stands there, and whether it can be changed is not known")
    func keyDenied() async throws {
        let inventory = try Self.inventory([Self.account], [Self.here], denying: ["DescribeKey"])
        let search = try await inventory.search(for: ["alias/payments"])
        let snapshot = try await Self.snapshot(inventory, search)
        let report = try Impact(of: snapshot, at: snapshot.header.at).report(on: try search.arns())
        let key = try #require(report.keys.first)
        #expect(key.arn.text == Self.arn("k-1") && key.key == nil && key.recommendation?.choice == .unknown)
        #expect(key.groups.flatMap(\.resources).count == 2)
        #expect(report.unread.map(\.operation) == ["DescribeKey"] && report.isLimited)
        // By its id alone nobody knows where it is.
        let byID = try await inventory.search(for: ["k-1"])
        let error = #expect(throws: EstateError.self) { try byID.arns() }
        #expect(
            error?.description.contains(
                "whether there is such a key is not known: DescribeKey in 111122223333, eu-central-1: denied") == true)
        #expect(error?.isUntold == true)
        // Named by nothing, it is said why it is not there.
        let unnamed = try await inventory.search(for: [Self.arn("k-7")])
        let empty = try await Self.snapshot(inventory, unnamed)
        let why = #expect(throws: EstateError.self) {
            try Impact(of: empty, at: empty.header.at).report(on: try unnamed.arns())
        }
        #expect(
            why?.description.contains("KMS did not tell of it (DescribeKey denied (AccessDeniedException))") == true)
        #expect(why?.isUntold == true)
    }

    @Test(
        "a Region in which KMS does not say whether a name leads to a key is not read, and limits what is said",
        arguments: [("alias/payments", "AccessDeniedException"), ("k-1", "ThrottlingException")])
    func untoldElsewhere(_ name: String, _ code: String) async throws {
        let asked = Asked()
        let inventory = try Self.inventory(
            asked: asked, denying: ["ListAliases", "DescribeKey"], in: ["us-east-1"], code: code)
        let search = try await inventory.search(for: [name])
        #expect(try search.arns() == [Self.arn("k-1")])
        let snapshot = try await Self.snapshot(inventory, search)
        #expect(snapshot.header.regions == [Self.here] && !asked.all("us-east-1").contains("ListQueues"))
        let unread = snapshot.unread.map { [$0.region, $0.operation, $0.resource?.text] }
        #expect(unread == [["us-east-1", "DescribeKey", name]])
        let report = try Impact(of: snapshot, at: snapshot.header.at).report(on: try search.arns())
        #expect(report.unread.count == 1 && report.isLimited && report.keys.first?.isWhole == false)
        // Where the one that could be asked has it not, nobody knows whether it is there.
        let other = try await inventory.search(for: ["alias/elsewhere"])
        let error = #expect(throws: EstateError.self) { try other.arns() }
        #expect(error?.isUntold == true)
        #expect(error?.description.contains("whether there is such an alias is not known: DescribeKey in") == true)
    }

    @Test("of a multi-Region key, that what uses its related keys is not looked for is said, with what to name for it")
    func related() async throws {
        let inventory = try Self.inventory([Self.account], [Self.here])
        let search = try await inventory.search(for: ["mrk-5"])
        let snapshot = try await Self.snapshot(inventory, search)
        let report = try Impact(of: snapshot, at: snapshot.header.at).report(on: try search.arns())
        #expect(report.isLimited && report.keys.first?.isWhole == false && report.unread.isEmpty)
        #expect(
            report.untold.contains(
                "what uses the related keys of \(Self.arn("mrk-5")) in us-east-1: read there, too, and name each (--key "
                    + "\(Self.arn("mrk-5")) --key \(Self.arn("mrk-5", "us-east-1")))"))
    }

    @Test("a key of an account that is not read is looked at by what names it; where nothing does, that is said")
    func foreign() async throws {
        let foreign = Self.arn("k-1", Self.here, "999988887777")
        let inventory = try Self.inventory([Self.account], [Self.here])
        let search = try await inventory.search(for: [foreign])
        #expect(try search.arns() == [foreign])
        let snapshot = try await Self.snapshot(inventory, search)
        let error = #expect(throws: EstateError.self) {
            try Impact(of: snapshot, at: snapshot.header.at).report(on: [foreign])
        }
        #expect(error?.description.contains("it is of account 999988887777, which was not read, and nothing") == true)
    }
}
