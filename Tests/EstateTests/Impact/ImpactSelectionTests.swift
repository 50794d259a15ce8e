import Estate
import Evidence
import Testing

@Suite("Which keys are looked at, and what was not read of them")
struct ImpactSelectionTests {
    @Test("a key is found by ARN, id, alias and alias's ARN; one that is not there, or there twice, is refused")
    func selection() throws {
        var estate = ImpactEstate.payments()
        estate.addKey("mrk-1", ["multiRegion": "PRIMARY"])
        estate.addKey("mrk-1", region: "us-east-1", ["multiRegion": "REPLICA"])
        estate.addKey("k-2", region: "us-east-1")
        estate.addAlias("alias/payments", ImpactEstate.arn("k-2", "us-east-1"), region: "us-east-1")
        estate.addAlias("alias/nowhere", nil)
        for name in [ImpactEstate.key, "k-1", "arn:aws:kms:eu-central-1:111122223333:alias/payments"] {
            #expect(try estate.report(on: [name]).keys.map(\.arn.text) == [ImpactEstate.key])
        }
        #expect(
            try ImpactEstate.payments().report(on: ["alias/payments", "k-1"]).keys.map(\.arn.text) == [ImpactEstate.key]
        )
        let wrong = [
            ("alias/payments", "more than one key; give one's ARN: arn:aws:kms:eu-central-1:111122223333:key/k-1, "),
            ("mrk-1", "more than one key"), ("alias/nowhere", "leads to no key"), ("alias/none", "no such alias"),
            ("k-9", "no such key"), (ImpactEstate.key + "0", "no such key"),
            ("payments", "an alias's name begins with alias/"),
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
        var estate = ImpactEstate.payments()
        estate.add(
            "s3", "AWS::S3::Bucket", "arn:aws:s3:::b", "KMSMasterKeyID", key: foreign, standing: "other-account",
            bucketKey: true)
        let report = try estate.report(on: [foreign])
        let key = try #require(report.keys.first)
        #expect(key.key == nil && !key.isWhole && report.isLimited)
        #expect(key.sides.values.allSatisfy { $0.verdict == .unknown && $0.obstacles.map(\.name) == ["key-not-read"] })
        #expect(key.recommendation?.choice == .unknown)
        #expect(key.traps.map(\.name) == ["s3-key-of-another-account"])
        #expect(try estate.report().keys.map(\.arn.text) == [ImpactEstate.key, foreign])
    }

    @Test("a key that something names and that is not there is neither rotated nor replaced")
    func missingKey() throws {
        var estate = ImpactEstate.payments()
        estate.add(
            "sqs", "AWS::SQS::Queue", "queue", "KmsMasterKeyId", key: ImpactEstate.arn("k-0"), standing: "missing")
        let key = try #require(try estate.report(on: ["k-0"]).keys.first)
        #expect(key.sides.values.allSatisfy { $0.verdict == .never && $0.obstacles.map(\.name) == ["key-missing"] })
        #expect(key.recommendation?.choice == .neither && key.traps.isEmpty)
    }

    @Test("what was not read in a key's Region, and what names a key that nobody knows, stands in the report")
    func limits() throws {
        var estate = ImpactEstate.payments()
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
        var estate = ImpactEstate.payments()
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
        #expect(report.unresolved.isEmpty && !report.isLimited && report.keys.map(\.arn.text) == [ImpactEstate.key])
    }
}
