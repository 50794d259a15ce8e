import AWS
import Estate
import Evidence
import Synchronization
import Testing

@Suite("The policies of whoever takes an inventory")
struct ReaderPoliciesTests {
    /// IAM's names, as AWS's service authorization reference has them.
    private static let actions: Set = [
        "cloudtrail:LookupEvents", "dynamodb:DescribeBackup", "dynamodb:DescribeTable", "dynamodb:ListBackups",
        "dynamodb:ListTables", "ec2:DescribeRegions", "ec2:DescribeSnapshots", "ec2:DescribeVolumes",
        "ec2:GetEbsDefaultKmsKeyId",
        "elasticfilesystem:DescribeFileSystems", "kms:DescribeKey", "kms:GetKeyLastUsage", "kms:GetKeyPolicy",
        "kms:ListAliases", "kms:ListGrants", "kms:ListKeyRotations", "kms:ListKeys", "kms:ListResourceTags",
        "logs:DescribeLogGroups", "rds:DescribeDBClusterAutomatedBackups", "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters", "rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots", "s3:GetBucketLocation", "s3:GetEncryptionConfiguration", "s3:ListAllMyBuckets",
        "secretsmanager:DescribeSecret", "secretsmanager:ListSecrets", "sns:GetTopicAttributes", "sns:ListTopics",
        "sqs:GetQueueAttributes", "sqs:ListQueues",
    ]

    private final class Asked: Sendable {
        let calls = Mutex<Set<InventoryCall>>([])
    }

    /// One of each thing that more is asked of.
    private static let answers = [
        "ListKeys": #"{"Keys":[{"KeyId":"k-1","KeyArn":"k-1"}],"Truncated":false}"#,
        "DescribeKey": """
        {"KeyMetadata":{"KeyId":"k-1","Arn":"k-1","KeyState":"Enabled","Origin":"EXTERNAL",\
        "KeySpec":"SYMMETRIC_DEFAULT"}}
        """,
        "ListTables": #"{"TableNames":["t"]}"#, "ListBackups": #"{"BackupSummaries":[{"BackupArn":"b"}]}"#,
        "ListBuckets":
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>",
        "GetBucketLocation": "<LocationConstraint>eu-central-1</LocationConstraint>",
        "ListSecrets": #"{"SecretList":[{"ARN":"s"}]}"#, "ListQueues": #"{"QueueUrls":["q"]}"#,
        "ListTopics": """
        <ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>t</TopicArn></member></Topics>\
        </ListTopicsResult></ListTopicsResponse>
        """,
    ]

    /// Every call that is made of an account in which there is one of each thing.
    private func calls() async throws -> Set<InventoryCall> {
        let endpoint = try Endpoint("https://example.com")
        let asked = Asked()
        @Sendable func caller(_ service: String, _ region: String) -> CannedCaller {
            CannedCaller(endpoint: endpoint, region: region) { _, operation, _ in
                asked.calls.withLock { _ = $0.insert(InventoryCall(service, operation)) }
                return Self.answers[operation]
            }
        }
        let inventory = Inventory(
            partition: "aws", accounts: [InventoryAccount("111122223333", in: ["eu-central-1"])]
        ) { service, place in caller(service.name, place.region) }
        let now = Evidence.Timestamp(epochSeconds: 1_782_907_200)
        let snapshot = try await inventory.read(at: now).snapshot()
        #expect(!snapshot.unread.contains { $0.reason == .unreachable })
        _ = try await inventory.search(for: ["k-1", "alias/a"])
        _ = try? await EnabledRegions.names(by: caller(EnabledRegions.service.name, "eu-central-1"))
        _ = try? await Organization.accounts(by: caller(Organization.service.name, "us-east-1"))
        asked.calls.withLock { _ = $0.insert(InventoryCall(CallerLookup.service, CallerLookup.operation)) }
        return asked.calls.withLock { $0 }
    }

    @Test("allow each call that an inventory makes, by IAM's name of it, and nothing that it does not make")
    func complete() async throws {
        let made = try await calls()
        #expect(made == InventoryCall.inAccount.union([.listsAccounts]))
        let statements = ReaderPolicies.account.statements
        #expect(statements.count == 1 && statements.first?.resources.patterns == ["*"])
        let printed = statements.flatMap(\.actions.patterns)
        #expect(printed == Self.actions.sorted())
        #expect(Set(printed) == Set(InventoryCall.inAccount.map(\.action)))
        let text = try ReaderPolicies.account.text()
        #expect(try PolicyDocument(Array(text.utf8), .identity) == ReaderPolicies.account)
    }

    @Test("have nobody change anything, and no wildcard among the actions")
    func readOnly() throws {
        let role = "arn:aws:iam::222233334444:role/reader"
        let all = try ReaderPolicies.entrance(roles: [role], organization: "reader", partition: "aws")
        for action in (all + [.init(ReaderPolicies.account.statements)]).flatMap(\.statements).flatMap(
            \.actions.patterns)
        {
            #expect(
                action == "sts:AssumeRole"
                    || action.wholeMatch(of: /[a-z0-9]+:(Get|List|Describe|Lookup)[A-Za-z0-9]+/) != nil, "\(action)")
        }
    }

    @Test("of who enters accounts name the roles, and of an organization its role in each and the listing of accounts")
    func entrance() throws {
        let roles = ["arn:aws:iam::222233334444:role/b", "arn:aws:iam::111122223333:role/path/a"]
        func lines(_ roles: [String], _ organization: String?) throws -> [[String]] {
            try ReaderPolicies.entrance(roles: roles, organization: organization, partition: "aws-cn")
                .flatMap(\.statements).map { [$0.sid ?? "-", "\($0.effect)"] + $0.resources.patterns }
        }
        #expect(try lines(roles, nil) == [["Assume", "allow", roles[1], roles[0]]])
        #expect(
            try lines([roles[0]], "reader") == [
                ["Read", "allow", "*"], ["ListAccounts", "allow", "*"],
                ["Assume", "allow", roles[0], "arn:aws-cn:iam::*:role/reader"],
            ])
        for name in ["read*", "reade?", "${aws:username}", "r\u{e9}ader", "a b"] {
            #expect(throws: PolicyError.self, "\(name)") { try lines([], name) }
            #expect(throws: PolicyError.self, "\(name)") { try lines(["arn:aws:iam::222233334444:role/" + name], nil) }
        }
        let many = (0..<400).map { "arn:aws:iam::\(100_000_000_000 + $0):role/reader" }
        let policies = try ReaderPolicies.entrance(roles: many, organization: nil, partition: "aws")
        #expect(policies.count > 1 && policies.flatMap(\.statements).flatMap(\.resources.patterns) == many)
        for policy in policies { #expect(try policy.text().utf8.count <= 6_144) }
    }

    @Test("cannot lag behind: what an inventory does not say that it asks is not asked")
    func undeclared() async throws {
        let endpoint = try Endpoint("https://example.com")
        let inner = CannedCaller(endpoint: endpoint, region: "eu-central-1") { _, operation, _ in
            #expect(operation == "ListQueues")
            return nil
        }
        let caller = DeclaredCaller(asking: ["ListQueues"], by: inner)
        let sqs = Service("sqs", .json(version: .v10, targetPrefix: "AmazonSQS"))
        _ = try await caller.answer(to: ServiceCall<Nothing>(sqs, "ListQueues"))
        await #expect(throws: AWSError.self) {
            _ = try await caller.answer(to: ServiceCall<Nothing>(sqs, "PurgeQueue"))
        }
    }

    private struct Nothing: Decodable, Sendable {}
}
