import AWS
import Estate
import Evidence
import Testing

/// Services that have one of each thing that can name a key.
struct EverythingCaller: ServiceCaller {
    let endpoint: Endpoint
    let region: String

    func answer<Output>(to call: ServiceCall<Output>) async throws -> Output {
        let isTwice = call.bucket == "twice" && call.operation == "GetBucketEncryption"
        guard let body = isTwice ? Self.encryption("aws:kms:dsse") : Self.answers[call.operation] else {
            throw AWSError.service(
                ServiceError(operation: call.operation, code: .init(rawValue: "AccessDenied"), message: "", status: 400)
            )
        }
        return try call.output(from: Array(body.utf8))
    }

    private static let key = "arn:aws:kms:eu-central-1:111122223333:key/k-1"

    private static func encryption(_ algorithm: String) -> String {
        """
        <ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>\(algorithm)\
        </SSEAlgorithm><KMSMasterKeyID>\(key)</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule>\
        </ServerSideEncryptionConfiguration>
        """
    }

    /// By operation.
    static let answers: [String: String] = {
        var answers = [
            "ListAliases": #"{"Aliases":[],"Truncated":false}"#, "ListKeys": #"{"Keys":[],"Truncated":false}"#,
            "ListTables": #"{"TableNames":["t"]}"#,
            "DescribeTable": """
            {"Table":{"SSEDescription":{"KMSMasterKeyArn":"\(key)"},\
            "Replicas":[{"RegionName":"us-east-1","KMSMasterKeyId":"\(key)"}]}}
            """,
            "ListBackups": #"{"BackupSummaries":[{"BackupArn":"b"}]}"#,
            "DescribeBackup": """
            {"BackupDescription":{"SourceTableFeatureDetails":{"SSEDescription":{"KMSMasterKeyArn":"\(key)"}}}}
            """,
            "ListSecrets": """
            {"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-central-1:1:secret:s","KmsKeyId":"\(key)"},\
            {"ARN":"arn:aws:secretsmanager:eu-central-1:1:secret:t","KmsKeyId":"\(key)","DeletedDate":1780000000,\
            "PrimaryRegion":"us-east-1"}]}
            """,
            "DescribeSecret": #"{"ReplicationStatus":[{"Region":"us-east-1","KmsKeyId":"\#(key)"}]}"#,
            "DescribeLogGroups": #"{"logGroups":[{"logGroupName":"g","kmsKeyId":"\#(key)"}]}"#,
            "ListQueues": #"{"QueueUrls":["https://q/q"]}"#,
            "GetQueueAttributes": #"{"Attributes":{"KmsMasterKeyId":"\#(key)"}}"#,
            "DescribeFileSystems": #"{"FileSystems":[{"FileSystemId":"f","KmsKeyId":"\#(key)"}]}"#,
            "ListTopics": """
            <ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>t</TopicArn></member></Topics>\
            </ListTopicsResult></ListTopicsResponse>
            """,
            "GetTopicAttributes": """
            <GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>KmsMasterKeyId</key>\
            <value>\(key)</value></entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>
            """,
            "DescribeVolumes": """
            <DescribeVolumesResponse><volumeSet><item><volumeId>v</volumeId><kmsKeyId>\(key)</kmsKeyId></item>\
            </volumeSet></DescribeVolumesResponse>
            """,
            "DescribeSnapshots": """
            <DescribeSnapshotsResponse><snapshotSet><item><snapshotId>s</snapshotId><kmsKeyId>\(key)</kmsKeyId></item>\
            </snapshotSet></DescribeSnapshotsResponse>
            """,
            "GetEbsDefaultKmsKeyId": """
            <GetEbsDefaultKmsKeyIdResponse><kmsKeyId>\(key)</kmsKeyId></GetEbsDefaultKmsKeyIdResponse>
            """,
            "ListBuckets": """
            <ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name><BucketRegion>eu-central-1</BucketRegion></Bucket>\
            <Bucket><Name>twice</Name><BucketRegion>eu-central-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>
            """,
            "GetBucketEncryption": encryption("aws:kms"),
        ]
        for (element, arn) in [
            ("DBInstance", "DBInstanceArn"), ("DBCluster", "DBClusterArn"), ("DBSnapshot", "DBSnapshotArn"),
            ("DBClusterSnapshot", "DBClusterSnapshotArn"),
            ("DBInstanceAutomatedBackup", "DBInstanceAutomatedBackupsArn"),
            ("DBClusterAutomatedBackup", "DBClusterAutomatedBackupsArn"),
        ] {
            let name = "Describe\(element)s"
            let besides =
                ["DBInstance", "DBCluster"].contains(element)
                ? """
                <PerformanceInsightsKMSKeyId>\(key)</PerformanceInsightsKMSKeyId>\
                <ActivityStreamKmsKeyId>\(key)</ActivityStreamKmsKeyId>\
                <MasterUserSecret><KmsKeyId>\(key)</KmsKeyId></MasterUserSecret>
                """ : ""
            answers[name] = """
                <\(name)Response><\(name)Result><\(element)s><\(element)><\(arn)>\(element)</\(arn)>\
                <KmsKeyId>\(key)</KmsKeyId>\(besides)\
                </\(element)></\(element)s></\(name)Result></\(name)Response>
                """
        }
        return answers
    }()
}

@Suite("The rules of impact")
struct ImpactRulesTests {
    @Test("every kind of setting that an inventory can have has a rule, and every rule has such a setting")
    func everyKind() async throws {
        let endpoint = try Endpoint("https://example.com")
        let inventory = Inventory(
            partition: "aws", accounts: [InventoryAccount(ImpactEstate.account, in: [ImpactEstate.here])]
        ) { _, place in EverythingCaller(endpoint: endpoint, region: place.region) }
        let snapshot = try await inventory.read(at: ImpactEstate.now).snapshot()
        #expect(snapshot.unread.isEmpty)
        // A service that is added has to be answered for here, too.
        #expect(Set(snapshot.references.map(\.service)) == Set(ReferenceSource.all.map(\.service.name)))
        #expect(snapshot.references.count == 27)

        let report = try Impact(of: snapshot, at: ImpactEstate.now).report(on: [])
        let groups = report.keys.flatMap(\.groups)
        #expect(groups.flatMap(\.resources).count == snapshot.references.count)
        let without = groups.filter { $0.rule == nil }.flatMap(\.resources).map(\.reference)
        #expect(without.isEmpty)
        #expect(Set(groups.compactMap(\.rule?.id)) == Set(ImpactRule.all.map(\.id)))
    }

    @Test("a kind of setting without a rule is named, counts as of unknown risk, and limits what is said")
    func noRule() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.add("sagemaker", "AWS::SageMaker::Domain", "domain")
        estate.addTable("table")
        let report = try estate.report()
        let key = try #require(report.keys.first)
        #expect(key.groups.map(\.rule?.id) == ["dynamodb.table", nil])
        #expect(key.sides[.rotate]?.grade == .unknown && key.sides[.replace]?.grade == .unknown)
        #expect(report.isLimited)
    }

    @Test("each rule has an id of its own, AWS's page and a day, and says how to get what it is billed by")
    func sources() throws {
        #expect(Set(ImpactRule.all.map(\.id)).count == ImpactRule.all.count)
        for rule in ImpactRule.all {
            let effects = ImpactStrategy.allCases.flatMap { strategy in
                [true, false].flatMap { follows in
                    [true, false].map { rule.effect(of: strategy, follows: follows, isAcrossAccounts: $0) }
                }
            }
            for effect in effects {
                #expect(!effect.happens.isEmpty && !effect.sources.isEmpty, "\(rule.id)")
                for source in effect.sources {
                    #expect(source.page.hasPrefix("https://docs.aws.amazon.com/"), "\(source.page)")
                    #expect(Timestamp("\(source.checked)T00:00:00Z") != nil, "\(source.checked)")
                }
                #expect((effect.grade == .none) == effect.steps.isEmpty, "\(rule.id)")
                #expect((effect.downtime == .cutOver) == (effect.grade == .high), "\(rule.id)")
                for quantity in effect.charges.compactMap(\.quantity) {
                    #expect(rule.quantities[quantity] != nil, "\(rule.id) \(quantity)")
                }
            }
            #expect(rule.rotate.grade == .none && rule.rotate.stays != nil, "\(rule.id)")
        }
    }

    private static func pinned(_ id: String) throws -> ImpactEffect {
        try #require(ImpactRule.all.first { $0.id == id })
            .effect(of: .replace, follows: false, isAcrossAccounts: false)
    }

    @Test("of S3, locked versions and those that copies leave stay under the old key, and SSE-C is under none")
    func locked() throws {
        let rule = try #require(ImpactRule.all.first { $0.id == "s3.bucket" })
        for (follows, isAcrossAccounts) in [(true, true), (true, false), (false, true), (false, false)] {
            let effect = rule.effect(of: .replace, follows: follows, isAcrossAccounts: isAcrossAccounts)
            let stays = try #require(effect.stays)
            #expect(stays.contains("Object Lock stays under it until its retention and its legal hold end"))
            #expect(stays.contains("each old version that a copy leaves"))
            let steps = effect.steps.joined(separator: "\n")
            for words in ["up to 5 GB", "multipart", "leave objects of SSE-C", "restore archived"] {
                #expect(steps.contains(words), "\(words)")
            }
            #expect(effect.sources.contains { $0.page.hasSuffix("/userguide/object-lock.html") })
            #expect(effect.sources.contains { $0.page.hasSuffix("/userguide/batch-ops-copy-object.html") })
        }
    }

    @Test("RDS deletes a master password's secret before there is one under the new key: nothing of it stays")
    func masterSecret() throws {
        let effect = try Self.pinned("rds.master-secret")
        #expect(effect.stays == nil)
        try #require(effect.steps.count == 3)
        #expect(effect.steps[0].contains("ManageMasterUserPassword=false and a MasterUserPassword of your own"))
        #expect(effect.steps[0].contains("RDS deletes the secret"))
        #expect(effect.steps[1].contains("ManageMasterUserPassword=true and MasterUserSecretKmsKeyId"))
        #expect(effect.steps[2].contains("new ARN"))
    }

    @Test("backups of a file system are under their vault's key, not the file system's")
    func fileSystemBackups() throws {
        let effect = try Self.pinned("efs.file-system")
        #expect(effect.stays == "The file system.")
        #expect(effect.sources.contains { $0.page.hasSuffix("/aws-backup/latest/devguide/encryption.html") })
        #expect(try ImpactEstate().report().untold.contains { $0.contains("AWS Backup") })
    }
}
