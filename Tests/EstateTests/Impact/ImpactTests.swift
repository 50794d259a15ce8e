import Estate
import Evidence
import Testing

@Suite("What a change of keys would do")
struct ImpactTests {
    private static let key = ImpactEstate.arn("k-1")

    /// A bucket that follows, one that is pinned, a table and an instance that were given an alias, and a snapshot.
    private static func estate() -> ImpactEstate {
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

    @Test("a rotation touches nothing; a replacement takes steps, a cut-over of the database, and keeps the old key")
    func sideBySide() throws {
        let report = try Self.estate().report()
        let key = try #require(report.keys.first)
        let (rotate, replace) = (try #require(key.sides[.rotate]), try #require(key.sides[.replace]))
        #expect((rotate.verdict, rotate.grade, rotate.changed, rotate.untouched) == (.possible, .none, 0, 5))
        #expect(rotate.downtimes == [.none: 5] && rotate.staying == 5 && rotate.aliases.isEmpty)
        #expect((replace.verdict, replace.grade, replace.changed, replace.untouched) == (.possible, .high, 5, 0))
        #expect(replace.downtimes == [.none: 4, .cutOver: 1] && replace.aliases.map(\.text) == ["alias/payments"])
        #expect(key.recommendation?.choice == .rotate)
        #expect(key.recommendation?.why.contains("5 of 5 settings, 1 of them with a cut-over") == true)
        let groups = key.groups.map { [$0.rule?.id ?? "-", $0.follows ? "follows" : "pinned"] }
        #expect(
            groups == [
                ["s3.bucket", "follows"], ["s3.bucket", "pinned"], ["dynamodb.table", "pinned"],
                ["rds.instance", "pinned"], ["ebs.snapshot", "pinned"],
            ])
        #expect(
            key.traps.map(\.name) == [
                "any-material-stops-the-key", "seven-days-without-the-key", "rotation-budget",
                "dynamodb-does-not-follow", "rds-does-not-follow",
                "s3-alias-of-the-requester", "policy-and-grants-stay",
            ])
        #expect(key.isWhole && !report.isLimited)
        let one = try Self.estate().report(strategies: [.rotate])
        #expect(one.keys[0].sides.count == 1 && one.keys[0].recommendation == nil)
        #expect(one.keys[0].groups.allSatisfy { $0.effects.count == 1 })
    }

    /// What is otherwise about the key, and what stands against rotating it.
    static let obstacles: [([String: String], [String], StrategyImpact.Verdict, Recommendation.Choice)] = [
        ([:], [], .possible, .rotate),
        (["origin": "AWS_KMS"], [], .possible, .rotate),
        (["spec": "HMAC_256"], ["hmac"], .never, .replace),
        (["spec": "RSA_4096"], ["asymmetric"], .never, .replace),
        (["origin": "AWS_CLOUDHSM"], ["key-store"], .never, .replace),
        (["manager": "AWS"], ["aws-managed"], .never, .neither),
        (["multiRegion": "PRIMARY"], ["multi-region"], .notNow, .rotate),
        (["multiRegion": "REPLICA"], ["multi-region-replica"], .notNow, .rotate),
        (["multiRegion": "PRIMARY", "origin": "AWS_KMS"], [], .possible, .rotate),
        (["multiRegion": "REPLICA", "origin": "AWS_KMS"], ["replica"], .notNow, .rotate),
        (["multiRegion": "PRIMARY", "spec": "HMAC_256"], ["hmac"], .never, .replace),
        (["multiRegion": "REPLICA", "spec": "RSA_4096", "origin": "AWS_KMS"], ["asymmetric"], .never, .replace),
        (["state": "Disabled"], ["state"], .notNow, .rotate),
        (["state": "PendingImport"], ["state"], .notNow, .rotate),
        (["state": "PendingDeletion"], ["state"], .notNow, .neither),
        (["state": "Unavailable", "origin": "EXTERNAL_KEY_STORE"], ["key-store", "state"], .never, .replace),
        (["state": "Dreaming"], ["state"], .unknown, .unknown),
        (["used": "25"], ["rotations-spent"], .never, .replace),
        (["used": "24"], [], .possible, .rotate),
        (["used": "unread"], ["rotations-not-read"], .unknown, .unknown),
        (["used": "unread", "state": "Disabled"], ["rotations-not-read", "state"], .unknown, .unknown),
        (["used": "unread", "spec": "RSA_4096", "state": "Disabled"], ["asymmetric", "state"], .never, .replace),
        (["spec": "RSA_4096", "state": "Dreaming"], ["asymmetric", "state"], .never, .unknown),
        (["pending": "PENDING_ROTATION"], ["pending-material"], .notNow, .rotate),
        (["pending": "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"], ["pending-material"], .notNow, .rotate),
        (["pending": "NON_CURRENT"], [], .possible, .rotate),
    ]

    @Test("a key's kind, state, budget and pending material forbid a rotation, each by name", arguments: obstacles)
    func obstacle(
        _ about: [String: String], _ names: [String], _ verdict: StrategyImpact.Verdict,
        _ choice: Recommendation.Choice
    ) throws {
        var otherwise: [String: Any?] = about.filter { !["used", "pending"].contains($0.key) }.mapValues { $0 }
        if let used = about["used"] {
            otherwise.updateValue(Int(used), forKey: "rotationsUsed")
            if used == "unread" { otherwise["materials"] = Optional<Any>.none }
        }
        if about["spec"] != nil || about["origin"]?.hasSuffix("STORE") == true || about["origin"] == "AWS_CLOUDHSM" {
            otherwise["rotationsUsed"] = Optional<Any>.none
            otherwise["materials"] = Optional<Any>.none
        }
        if let pending = about["pending"] {
            otherwise["materials"] = [["id": "m1", "state": "CURRENT"], ["id": "m2", "state": pending]]
        }
        var estate = ImpactEstate()
        estate.addKey("k-1", otherwise)
        estate.addTable("table")
        let key = try #require(try estate.report(on: ["k-1"]).keys.first)
        let side = try #require(key.sides[.rotate])
        #expect(side.obstacles.map(\.name) == names)
        #expect(side.verdict == verdict)
        #expect(key.recommendation?.choice == choice)
        #expect(side.obstacles.allSatisfy { !$0.words.isEmpty && !$0.remedy.isEmpty })
    }

    @Test("the first expiry of any material is said, and that it is over where it is")
    func expiry() throws {
        func words(_ expires: String?, state: String = "NON_CURRENT") throws -> String {
            var estate = ImpactEstate()
            let old: [String: Any] = ["id": "m0", "state": state].merging(
                expires.map { ["expires": $0] } ?? [:]
            ) { $1 }
            estate.addKey(
                "k-1", ["materials": [old, ["id": "m1", "state": "CURRENT", "expires": "2027-05-01T00:00:00Z"]]])
            return try #require(try estate.report().keys[0].traps.first { $0.name == "any-material-stops-the-key" })
                .words
        }
        #expect(try words("2027-01-01T00:00:00Z").contains("The first expires 2027-01-01T00:00:00Z."))
        #expect(try words("2026-07-31T00:00:00Z").contains("The first expired 2026-07-31T00:00:00Z."))
        #expect(try words(nil).contains("The first expires 2027-05-01T00:00:00Z."))
        // One that was never rotated to stops nothing.
        #expect(
            try words("2026-12-01T00:00:00Z", state: "PENDING_ROTATION").contains(
                "The first expires 2027-05-01T00:00:00Z."))
    }

    @Test("of a key that has one material for ever, nothing is said of old ones")
    func oneMaterial() throws {
        var estate = ImpactEstate()
        estate.addKey("k-1", ["spec": "HMAC_256", "materials": nil, "rotationsUsed": nil])
        let traps = try estate.report().keys[0].traps
        #expect(traps.map(\.name) == ["any-material-stops-the-key", "policy-and-grants-stay"])
        #expect(traps[0].words == "The key stops when its one material expires or is deleted. Nothing of it expires.")
        #expect(traps[1].words.contains("nor grants (it has none now)"))
    }

    @Test("a bucket of another account than the key is named, and its objects are copied")
    func acrossAccounts() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.addBucket("own")
        estate.addBucket("foreign", account: ImpactEstate.other)
        let key = try #require(try estate.report().keys.first)
        #expect(key.traps.contains { $0.name == "s3-key-of-another-account" && $0.words.hasPrefix("1 bucket is") })
        let steps = key.groups.map { $0.effects[.replace]?.steps.joined() ?? "" }
        #expect(steps.count == 2 && steps[0].contains("UpdateObjectEncryption") && !steps[0].contains("onto itself"))
        #expect(steps[1].contains("with Copy onto itself") && !steps[1].contains("with UpdateObjectEncryption"))
    }

    @Test("of a multi-Region key that KMS made, replicas get new material, too; beside them it is looked at as a whole")
    func replicas() throws {
        let there = ImpactEstate.arn("mrk-1", "us-east-1")
        let own = ImpactEstate.arn("mrk-1")
        var estate = ImpactEstate()
        estate.addKey("mrk-1", ["multiRegion": "PRIMARY", "origin": "AWS_KMS", "related": [there]])
        estate.addKey("mrk-1", region: "us-east-1", ["multiRegion": "REPLICA", "origin": "AWS_KMS", "related": [own]])
        let trap = try #require(try estate.report().keys.first?.traps.first { $0.name == "material-of-kms" })
        #expect(trap.words.hasSuffix("Each replica gets the new material, too: \(there)."))
        let both = try estate.report()
        #expect(!both.isLimited && both.keys.allSatisfy(\.isWhole) && !both.untold.contains { $0.contains("related") })
        let one = try estate.report(on: [own])
        #expect(one.isLimited && one.keys[0].relatedElsewhere.map(\.text) == [there])
        #expect(one.untold.contains { $0.hasPrefix("what uses the related keys of \(own) in us-east-1: ") })
    }

    // MARK: What is looked at

    @Test("a key is found by ARN, id, alias and alias's ARN; one that is not there, or there twice, is refused")
    func selection() throws {
        var estate = Self.estate()
        estate.addKey("mrk-1", ["multiRegion": "PRIMARY"])
        estate.addKey("mrk-1", region: "us-east-1", ["multiRegion": "REPLICA"])
        estate.addKey("k-2", region: "us-east-1")
        estate.addAlias("alias/payments", ImpactEstate.arn("k-2", "us-east-1"), region: "us-east-1")
        estate.addAlias("alias/nowhere", nil)
        for name in [Self.key, "k-1", "arn:aws:kms:eu-central-1:111122223333:alias/payments"] {
            #expect(try estate.report(on: [name]).keys.map(\.arn.text) == [Self.key])
        }
        #expect(try Self.estate().report(on: ["alias/payments", "k-1"]).keys.map(\.arn.text) == [Self.key])
        let wrong = [
            ("alias/payments", "more than one key; give one's ARN: arn:aws:kms:eu-central-1:111122223333:key/k-1, "),
            ("mrk-1", "more than one key"), ("alias/nowhere", "leads to no key"), ("alias/none", "no such alias"),
            ("k-9", "no such key"), (Self.key + "0", "no such key"), ("payments", "an alias's name begins with alias/"),
            ("", "no such key"), ("1", "no such key"),
        ]
        for (name, words) in wrong {
            let error = #expect(throws: EstateError.self, "\(name)") { try estate.report(on: [name]) }
            #expect(error?.description.contains(words) == true, "\(name): \(error?.description ?? "-")")
        }
        #expect(try estate.report().keys.count == 4)
    }

    @Test("a key of another account that was not read is looked at by what names it, and is not known")
    func unreadKey() throws {
        let foreign = ImpactEstate.arn("k-7", ImpactEstate.here, ImpactEstate.other)
        var estate = Self.estate()
        estate.add(
            "s3", "AWS::S3::Bucket", "arn:aws:s3:::b", "KMSMasterKeyID", key: foreign, standing: "other-account",
            bucketKey: true)
        let report = try estate.report(on: [foreign])
        let key = try #require(report.keys.first)
        #expect(key.key == nil && !key.isWhole && report.isLimited)
        #expect(key.sides.values.allSatisfy { $0.verdict == .unknown && $0.obstacles.map(\.name) == ["key-not-read"] })
        #expect(key.recommendation?.choice == .unknown)
        #expect(key.traps.map(\.name) == ["s3-key-of-another-account"])
        #expect(try estate.report().keys.map(\.arn.text) == [Self.key, foreign])
    }

    @Test("a key that something names and that is not there is neither rotated nor replaced")
    func missingKey() throws {
        var estate = Self.estate()
        estate.add(
            "sqs", "AWS::SQS::Queue", "queue", "KmsMasterKeyId", key: ImpactEstate.arn("k-0"), standing: "missing")
        let key = try #require(try estate.report(on: ["k-0"]).keys.first)
        #expect(key.sides.values.allSatisfy { $0.verdict == .never && $0.obstacles.map(\.name) == ["key-missing"] })
        #expect(key.recommendation?.choice == .neither && key.traps.isEmpty)
    }

    @Test("what was not read in a key's Region, and what names a key that nobody knows, stands in the report")
    func limits() throws {
        var estate = Self.estate()
        estate.addUnread("sns", "ListTopics")
        estate.addUnread("sns", "ListTopics", region: "us-east-1")
        estate.add(
            "sqs", "AWS::SQS::Queue", "q1", "KmsMasterKeyId", by: "alias/a", follows: true, key: nil,
            standing: "not-read")
        estate.add(
            "sqs", "AWS::SQS::Queue", "q2", "KmsMasterKeyId", by: "alias/b", follows: true, key: nil,
            standing: "no-alias")
        let one = try estate.report(on: ["k-1"])
        #expect(one.unread.map(\.region) == [ImpactEstate.here] && !one.keys[0].isWhole && one.isLimited)
        #expect(one.unresolved.map(\.resource.text) == ["q1"])
        #expect(try estate.report().unresolved.map(\.resource.text) == ["q1", "q2"])
        // What is of another Region than the key cannot name it.
        estate.references[estate.references.count - 2]["region"] = "us-east-1"
        #expect(try estate.report(on: ["k-1"]).unresolved.isEmpty)
        #expect(try estate.report().unresolved.map(\.resource.text) == ["q2", "q1"])
    }

    @Test(
        "an account that was not entered, or whose Regions nobody knows, may use any key, in whichever Region that is",
        arguments: [
            ("sts", "AssumeRole"), ("organizations", "ListAccounts"), ("ec2", "DescribeRegions"),
            ("cloudtrail", "Records"),
        ])
    func closedAccount(_ service: String, _ operation: String) throws {
        var estate = ImpactEstate()
        estate.addKey("k-2", region: "us-east-1")
        estate.addUnread(service, operation, account: ImpactEstate.other)
        let report = try estate.report(on: ["k-2"])
        #expect(report.unread.map(\.operation) == [operation])
        #expect(report.isLimited && !report.keys[0].isWhole)
    }

    @Test("of every key, all that could not be read counts: a Region whose keys are denied, beside others or alone")
    func everyGap() throws {
        for operation in ["ListKeys", "ListAliases"] {
            var estate = ImpactEstate()
            estate.addUnread("kms", operation, region: "us-east-1")
            let nothing = try estate.report()
            #expect(nothing.keys.isEmpty && nothing.isLimited && nothing.unread.map(\.operation) == [operation])
            #expect(nothing.hiddenKeys.map(\.operation) == (operation == "ListKeys" ? [operation] : []))
            estate.addKey()
            let beside = try estate.report()
            #expect(beside.isLimited && beside.unread.map(\.region) == ["us-east-1"])
            #expect(beside.keys.map(\.isWhole) == [true])
            // Of a key that is named, another Region says nothing.
            #expect(try !estate.report(on: ["k-1"]).isLimited)
        }
        var undescribed = ImpactEstate()
        undescribed.addUnread("kms", "DescribeKey", of: ImpactEstate.arn("k-1"))
        let report = try undescribed.report()
        #expect(report.isLimited && report.hiddenKeys.map(\.operation) == ["DescribeKey"])
        #expect(try ImpactEstate().report().hiddenKeys.isEmpty)
    }

    @Test(
        "what could not be read of one key's own facts limits that key alone",
        arguments: [
            "GetKeyLastUsage", "GetKeyPolicy", "ListGrants", "ListResourceTags", "ListKeyRotations", "DescribeKey",
        ])
    func ownFacts(_ operation: String) throws {
        var estate = Self.estate()
        estate.addKey("k-2")
        estate.addUnread("kms", operation, of: ImpactEstate.arn("k-2"))
        let other = try estate.report(on: ["k-1"])
        #expect(other.unread.isEmpty && !other.isLimited && other.keys[0].isWhole)
        let own = try estate.report(on: ["k-2"])
        #expect(own.unread.map(\.operation) == [operation] && own.isLimited)
        #expect(own.keys[0].usesAreWhole && !own.keys[0].factsAreWhole && !own.keys[0].isWhole)
        #expect(own.unreadOfKeys == own.unread && own.unreadOfUses.isEmpty)
        let all = try estate.report()
        #expect(all.unread.count == 1 && all.keys.map(\.isWhole) == [true, false])
    }

    @Test("a key that is gone, and to which an alias alone leads, is missing, and the alias is said to be there")
    func aliasOfMissingKey() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.addAlias("alias/payments", ImpactEstate.arn("k-0"))
        estate.aliases[0]["standing"] = "missing"
        let key = try #require(try estate.report(on: ["alias/payments"]).keys.first)
        let obstacles = try #require(key.sides[.replace]?.obstacles)
        #expect(obstacles.map(\.name) == ["key-missing"])
        #expect(obstacles[0].words.contains("alias/payments is still there, and leads to it."))
        // One whose key was not read is not said to be gone.
        estate.aliases[0]["standing"] = "not-read"
        let unread = try #require(try estate.report(on: ["alias/payments"]).keys.first)
        #expect(unread.sides[.replace]?.obstacles.map(\.name) == ["key-not-read"])
    }

    @Test("what takes the service's own key is never one of these, whether that key was read or not")
    func serviceDefault() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.addServiceDefault("secret-1", standing: "not-read")
        estate.addServiceDefault("secret-2", standing: "no-target")
        let report = try estate.report()
        #expect(report.unresolved.isEmpty && !report.isLimited && report.keys.map(\.arn.text) == [Self.key])
    }

    // MARK: Callers

    @Test("who calls KMS by a key's id or ARN does not follow an alias: it is changed by a replacement alone")
    func callers() throws {
        var estate = Self.estate()
        estate.addCaller("billing")
        estate.addCaller("reports")
        let key = try #require(try estate.report().keys.first)
        let (rotate, replace) = (try #require(key.sides[.rotate]), try #require(key.sides[.replace]))
        #expect((rotate.grade, rotate.changed, rotate.untouched, rotate.staying) == (.none, 0, 7, 7))
        #expect((replace.grade, replace.changed, replace.untouched, replace.staying) == (.high, 7, 0, 7))
        #expect(replace.downtimes == [.none: 6, .cutOver: 1])
        #expect(key.recommendation?.why.contains("steps at 7 of 7 settings and callers") == true)

        var alone = ImpactEstate()
        alone.addKey()
        alone.addCaller("billing")
        let only = try #require(try alone.report().keys.first)
        #expect(only.sides[.rotate]?.grade == RiskGrade.none && only.sides[.replace]?.grade == .low)
        #expect(only.recommendation?.why.contains("Nothing that was read names it") == false)
    }

    @Test("what the snapshot does not tell of programs depends on the events that the inventory was given")
    func untold() throws {
        var estate = ImpactEstate()
        #expect(try estate.report().untold.contains("programs that call KMS themselves, by key id, ARN or alias"))
        #expect(try estate.report().untold.contains { $0.hasPrefix("who decrypts under a symmetric key and names") })
        estate.events = #"{"records":0}"#
        #expect(
            try estate.report().untold.contains { $0.contains("by alias, and") && $0.hasSuffix("have none of KMS") })
        estate.events = #"{"first":"2026-06-01T00:00:00Z","last":"2026-06-30T00:00:00Z","records":900}"#
        #expect(
            try estate.report().untold.contains {
                $0.hasSuffix("which are from 2026-06-01T00:00:00Z to 2026-06-30T00:00:00Z")
            })
    }

    @Test("a key that a caller alone names is looked at, be it of an account that was not read, or gone")
    func calledKey() throws {
        let foreign = ImpactEstate.arn("k-7", ImpactEstate.here, ImpactEstate.other)
        var estate = ImpactEstate()
        estate.addCaller("billing", key: foreign, standing: "other-account")
        estate.addCaller("reports", key: ImpactEstate.arn("k-0"), standing: "missing")
        #expect(try estate.report().keys.map(\.arn.text) == [ImpactEstate.arn("k-0"), foreign])
        let key = try #require(try estate.report(on: [foreign]).keys.first)
        #expect(key.sides.values.allSatisfy { $0.verdict == .unknown } && key.sides[.replace]?.changed == 1)
        let gone = try #require(try estate.report(on: ["k-0"]).keys.first)
        #expect(gone.sides.values.allSatisfy { $0.obstacles.map(\.name) == ["key-missing"] })
    }

    @Test("settings that have no rule are counted where the better way is said, and are never nothing")
    func withoutRule() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.add("sagemaker", "AWS::SageMaker::Domain", "domain")
        let alone = try #require(try estate.report().keys.first?.recommendation?.why)
        #expect(alone.contains("No rule says what becomes of 1 setting that names it."))
        #expect(!alone.contains("Nothing that was read names it"))
        estate.add("sagemaker", "AWS::SageMaker::Domain", "other")
        estate.addTable("table")
        let beside = try #require(try estate.report().keys.first?.recommendation?.why)
        #expect(beside.contains("steps at 1 of 1 settings, "))
        #expect(beside.contains("No rule says what becomes of 2 more that name it."))
    }

    // MARK: Costs

    private static let prices = """
        {"schema":"keyrite.prices/1","region":"eu-central-1","currency":"EUR","validUntil":"2026-08-01","prices":{\
        "kms-key":{"amount":"1","per":"key and month"},"kms-rotation":{"amount":"1","per":"rotation and month"},\
        "kms-requests":{"amount":"0.03","per":"10000 requests"},\
        "s3-update-object-encryption":{"amount":"0.01","per":"1000 requests"},\
        "s3-copy-object":{"amount":"0.005","per":"1000 requests"},"s3-batch-job":{"amount":"0.25","per":"job"},\
        "s3-batch-objects":{"amount":"1","per":"1000000 objects"},"s3-storage":{"amount":"0.023","per":"GB and month"},\
        "rds-snapshot":{"amount":"0.10","per":"GB and month"},"rds-instance":{"amount":"0.35","per":"hour"},\
        "rds-storage":{"amount":"0.115","per":"GB and month"},\
        "ebs-snapshot":{"amount":"0.05","per":"GB and month"}}}
        """

    @Test("costs are those that are reckoned by hand, once and a month, and what is missing for the rest is named")
    func costs() throws {
        let quantities = """
            {"schema":"keyrite.quantities/1","resources":{"arn:aws:s3:::follows":{"objects":2500000},\
            "arn:aws:s3:::pinned":{"objects":0},"instance":{"gigabytes":100,"hours":6},"snapshot":{"gigabytes":8}}}
            """
        let key = try #require(try Self.estate().report(prices: Self.prices, quantities: quantities).keys.first)
        let replace = try #require(key.sides[.replace]?.cost)
        // 2.5 million objects: 25.00 for requests, 2.50 and 0.25 for the job; 6 h at 0.35. No job for no objects.
        // What S3 asks KMS meanwhile, nobody tells.
        #expect(replace.once.text == "29.85" && !replace.onceIsWhole && replace.incomplete == [.kmsRequests])
        // The second key; twice 100 GB of snapshots at 0.10, 100 GB of storage at 0.115; 8 GB at 0.05.
        #expect(replace.monthly.text == "32.90" && replace.monthlyIsWhole)
        let rotate = try #require(key.sides[.rotate]?.cost)
        #expect((rotate.once.text, rotate.monthly.text, rotate.isWhole) == ("0.00", "1.00", true))
        let bucket = try #require(key.groups.first?.resources.first?.costs[.replace])
        #expect(
            bucket.lines.map { "\($0.item.rawValue) \($0.count) \($0.amount.text)" } == [
                "s3-update-object-encryption 2500000 25.00", "s3-batch-objects 2500000 2.50", "s3-batch-job 1 0.25",
            ])

        #expect(bucket.unpriced == ["how many requests to KMS it takes to move objects in place"])
        let empty = try #require(key.groups.dropFirst().first?.resources.first?.costs[.replace])
        #expect(empty.isWhole && empty.once == .zero)

        let less = try #require(try Self.estate().report(prices: Self.prices).keys.first?.sides[.replace]?.cost)
        #expect((less.once.text, less.onceIsWhole) == ("0.00", false))
        #expect((less.monthly.text, less.monthlyIsWhole) == ("1.00", false))
        #expect(less.missingQuantities == [.objects: 2, .gigabytes: 2, .hours: 1] && less.missingPrices.isEmpty)
        let none = try #require(try Self.estate().report(quantities: quantities).keys.first?.sides[.replace]?.cost)
        #expect(none.lines.isEmpty)
    }

    @Test(
        "a cluster counts once, with its instances, wherever it is in the list; one whose cluster was not read for itself"
    )
    func clusters() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.addKey("k-2")
        estate.add("rds", "AWS::RDS::DBCluster", "cluster-b")
        for (instance, cluster) in [("a1", "cluster-b"), ("z1", "cluster-b"), ("a2", "cluster-unread"), ("a3", nil)] {
            estate.add("rds", "AWS::RDS::DBInstance", instance, cluster: cluster)
        }
        // A setting of its own, and an instance under another key than its cluster.
        estate.add("rds", "AWS::RDS::DBInstance", "a1", "PerformanceInsightsKMSKeyId", cluster: nil)
        estate.add("rds", "AWS::RDS::DBInstance", "a4", key: ImpactEstate.arn("k-2"), cluster: "cluster-b")
        let report = try estate.report()
        let key = try #require(report.keys.first)
        let resources = key.groups.flatMap(\.resources)
        #expect(
            resources.map { [$0.reference.resource.text, $0.reference.setting] } == [
                ["a2", "KmsKeyId"], ["a3", "KmsKeyId"], ["cluster-b", "KmsKeyId"],
                ["a1", "PerformanceInsightsKMSKeyId"],
            ])
        #expect(resources.map { $0.members.map(\.resource.text) } == [[], [], ["a1", "z1"], []])
        #expect(key.sides[.replace]?.changed == 4 && key.sides[.replace]?.downtimes[.cutOver] == 3)
        #expect(key.traps.contains { $0.words.contains("these 4 stay on the old key") })
        #expect(report.keys.last?.groups.flatMap(\.resources).map(\.reference.resource.text) == ["a4"])
        #expect(!report.untold.contains { $0.contains("of a cluster") })
    }

    @Test(
        "a replica of a table stands once, also in a snapshot of before, which has it under the tables that tell of it")
    func replicaTables() throws {
        func table(_ region: String) -> String { "arn:aws:dynamodb:\(region):\(ImpactEstate.account):table/t" }
        let (own, told) = ("SSEDescription.KMSMasterKeyArn", "Replicas.\(ImpactEstate.here).KMSMasterKeyId")
        func estate(_ references: [(String, String)]) -> ImpactEstate {
            var estate = ImpactEstate()
            estate.addKey()
            for (resource, setting) in references { estate.add("dynamodb", "AWS::DynamoDB::Table", resource, setting) }
            return estate
        }
        let home = table(ImpactEstate.here)
        let before = estate([(home, own), (table("us-east-1"), told), (table("us-west-2"), told)])
        let key = try #require(try before.report().keys.first)
        #expect(key.groups.map(\.rule?.id) == ["dynamodb.table"] && key.sides[.replace]?.changed == 1)
        let alone = try #require(
            try estate([(table("us-east-1"), told), (table("us-west-2"), told)]).report().keys.first)
        #expect(alone.groups.map(\.rule?.id) == ["dynamodb.replica"])
        #expect(alone.groups.flatMap(\.resources).map(\.reference.resource.text) == [home])
        // Nor does it change where one of two snapshots has it from others alone.
        var after = estate([(home, told)])
        after.addUnread("dynamodb", "DescribeTable")
        after.unread[0]["resource"] = home
        let diff = try InventoryDiff(from: try before.snapshot(), to: try after.snapshot())
        #expect(diff.changes.isEmpty && diff.untold == 1)
        #expect(
            try InventoryDiff(from: try before.snapshot(), to: try estate([(home, own)]).snapshot()).changes.isEmpty)
    }

    @Test("a snapshot of before does not tell which instances are of a cluster: each counts, and that is said")
    func olderSnapshot() throws {
        var estate = ImpactEstate()
        estate.schema = "keyrite.inventory/1"
        estate.addKey()
        estate.add("rds", "AWS::RDS::DBCluster", "cluster")
        estate.add("rds", "AWS::RDS::DBInstance", "member")
        let report = try estate.report()
        #expect(report.keys.first?.sides[.replace]?.changed == 2)
        #expect(report.untold.contains("which instances of RDS are of a cluster: they are counted beside it"))
        let snapshot = try estate.snapshot()
        #expect(snapshot.header.schema == "keyrite.inventory/1" && snapshot.references.allSatisfy { $0.cluster == nil })
        estate.add("rds", "AWS::RDS::DBInstance", "other", cluster: "cluster")
        #expect(throws: EstateError.self) { try estate.snapshot() }
        // What only one of two snapshots can tell is no change.
        estate.references.removeLast()
        var newer = estate
        newer.schema = InventorySnapshot.schema
        newer.references[1]["cluster"] = "cluster"
        #expect(try InventoryDiff(from: try estate.snapshot(), to: try newer.snapshot()).changes.isEmpty)
        var moved = newer
        moved.references[1]["cluster"] = "another"
        let diff = try InventoryDiff(from: try newer.snapshot(), to: try moved.snapshot())
        #expect(diff.changes.map { $0.members.keys.sorted() } == [["cluster"]])
    }

    @Test("a cluster's new storage is billed; with 0 hours of its own and 0 GB of its members, nothing is billed twice")
    func clusterCosts() throws {
        func cost(
            _ member: String, _ cluster: String, _ other: String = #""gigabytes":0,"hours":0"#,
            schema: String = InventorySnapshot.schema
        ) throws -> ImpactCost {
            var estate = ImpactEstate()
            estate.schema = schema
            let name = schema == InventorySnapshot.schema ? "cluster" : nil
            estate.addKey()
            estate.add("rds", "AWS::RDS::DBInstance", "member", cluster: name)
            estate.add("rds", "AWS::RDS::DBInstance", "other", cluster: name)
            estate.add("rds", "AWS::RDS::DBCluster", "cluster")
            let quantities = """
                {"schema":"keyrite.quantities/1",\
                "resources":{"member":{\(member)},"other":{\(other)},"cluster":{\(cluster)}}}
                """
            return try #require(
                try estate.report(prices: Self.prices, quantities: quantities).keys.first?.sides[.replace]?.cost)
        }
        let own = try cost(#""gigabytes":0,"hours":6"#, #""gigabytes":100,"hours":0"#)
        // 6 h at 0.35; the second key, and 100 GB of storage at 0.115.
        #expect((own.once.text, own.monthly.text, own.isWhole) == ("2.10", "12.50", true))
        let before = try cost(
            #""gigabytes":0,"hours":6"#, #""gigabytes":100,"hours":0"#, schema: InventorySnapshot.oldestSchema)
        #expect(before.once == own.once && before.monthly == own.monthly)
        // Hours of all instances are the cluster's; of one of two they are not known.
        let each = try cost(#""hours":4"#, #""gigabytes":100"#, #""hours":2"#)
        #expect((each.once.text, each.monthly.text, each.isWhole) == ("2.10", "12.50", true))
        let one = try cost(#""hours":4"#, #""gigabytes":100"#, "")
        #expect(!one.onceIsWhole && one.missingQuantities == [.hours: 1])
        let together = try cost("", #""gigabytes":100,"hours":6"#, "")
        #expect(together.once == own.once && together.isWhole)
    }

    @Test("objects that are copied cost their requests to KMS, two each; with a Bucket Key nobody can tell")
    func copies() throws {
        func cost(_ bucketKey: Bool, requests: String = "") throws -> ImpactCost {
            var estate = ImpactEstate()
            estate.addKey()
            estate.addBucket("foreign", account: ImpactEstate.other, bucketKey: bucketKey)
            let quantities = """
                {"schema":"keyrite.quantities/1","resources":{"arn:aws:s3:::foreign":{"objects":1000,"gigabytes":10\(requests)}}}
                """
            let key = try #require(try estate.report(prices: Self.prices, quantities: quantities).keys.first)
            return try #require(key.groups.first?.resources.first?.costs[.replace])
        }
        // 0.005 to copy, 2,000 requests at 0.03 for 10,000, 0.001 for a thousand objects, 0.25 for the job.
        let plain = try cost(false)
        #expect((plain.once.text, plain.monthly.text, plain.isWhole) == ("0.262", "0.23", true))
        let bucketKey = try cost(true)
        #expect((bucketKey.once.text, bucketKey.onceIsWhole, bucketKey.monthlyIsWhole) == ("0.256", false, true))
        #expect(bucketKey.unpriced == ["how many requests to KMS a Bucket Key saves"])
        // Whoever measured them says how many: 70 at 0.03 for 10,000.
        let measured = try cost(true, requests: #","requests":70"#)
        #expect((measured.once.text, measured.onceIsWhole, measured.unpriced) == ("0.25621", true, []))
    }

    @Test("a rotation past those that are charged costs nothing; prices of another Region are not used")
    func otherPrices() throws {
        func rotation(_ prices: String, rotations: Int?) throws -> ImpactCost {
            var estate = ImpactEstate()
            let materials = rotations.map { count in
                (0...count).map { number -> [String: Any] in
                    number == 0 ? ["id": "m0"] : ["id": "m\(number)", "rotated": "2026-01-0\(number)T00:00:00Z"]
                }
            }
            estate.addKey("k-1", ["materials": materials])
            return try #require(try estate.report(prices: prices).keys.first?.sides[.rotate]?.cost)
        }
        let two = Self.prices.replacing(#""prices":{"#, with: #""chargedRotations":2,"prices":{"#)
        #expect(try rotation(two, rotations: 1).monthly.text == "1.00")
        let third = try rotation(two, rotations: 2)
        #expect(third.monthly.text == "0.00" && third.isWhole)
        #expect(try rotation(Self.prices, rotations: 2).monthly.text == "1.00")
        #expect(try rotation(two, rotations: nil).isWhole == false)
        let elsewhere = try rotation(Self.prices.replacing("eu-central-1", with: "us-east-1"), rotations: 1)
        #expect(elsewhere.lines.isEmpty && elsewhere.unpriced == ["prices of eu-central-1: these are of us-east-1"])
        let without = try rotation(
            Self.prices.replacing(#""kms-rotation":{"amount":"1","per":"rotation and month"},"#, with: ""), rotations: 1
        )
        #expect(without.missingPrices == [.kmsRotation] && !without.isWhole)
    }

    @Test("a quantity of what is not in the snapshot is refused, not forgotten")
    func strayQuantity() throws {
        let error = #expect(throws: EstateError.self) {
            try Self.estate().report(
                quantities: #"{"schema":"keyrite.quantities/1","resources":{"arn:aws:s3:::typo":{}}}"#)
        }
        #expect(error?.description.contains("arn:aws:s3:::typo is no resource that was read") == true)
    }
}
