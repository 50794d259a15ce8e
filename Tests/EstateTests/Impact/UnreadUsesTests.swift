import Estate
import Testing

@Suite("What impact says of what was not read")
struct UnreadUsesTests {
    @Test(
        "a key whose uses were not all read is replaced at an unknown risk, and rotated at none, as every rule has it")
    func grade() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.addUnread("s3", "ListBuckets")
        let key = try #require(try estate.report().keys.first)
        #expect(!key.readsAllUses && key.sides[.rotate]?.grade == RiskGrade.none)
        #expect(key.sides[.replace]?.grade == .unknown && key.sides[.replace]?.readGrade == RiskGrade.none)
        #expect(key.recommendation?.why.contains("Not everything that may use it was read") == true)
        // Nothing is riskier than what was read.
        estate.add("rds", "AWS::RDS::DBInstance", "database")
        let high = try #require(try estate.report().keys.first)
        #expect(high.sides[.replace]?.grade == .high)
        // Another Region hides none of its uses, and what KMS did not tell of the key itself neither.
        var other = ImpactEstate()
        other.addKey()
        other.addUnread("s3", "ListBuckets", region: "us-east-1")
        other.addUnread("kms", "GetKeyPolicy", of: ImpactEstate.arn("k-1"))
        let whole = try #require(try other.report().keys.first)
        #expect(whole.readsAllUses && whole.sides[.replace]?.grade == RiskGrade.none)
        #expect(whole.recommendation?.why.contains("Not everything") == false)
    }

    @Test("a related key that is not looked at hides uses, too")
    func related() throws {
        var estate = ImpactEstate()
        estate.addKey("mrk-1", ["multiRegion": "PRIMARY", "related": [ImpactEstate.arn("mrk-1", "us-east-1")]])
        let key = try #require(try estate.report().keys.first)
        #expect(!key.readsAllUses && key.sides[.replace]?.grade == .unknown)
    }

    @Test("an alias of another account or Region than the key's is not said to be the key's, nor does it limit what is")
    func names() throws {
        var estate = ImpactEstate()
        estate.addKey()
        let elsewhere = "arn:aws:kms:us-east-1:111122223333:alias/a"
        let foreign = "arn:aws:kms:eu-central-1:999900001111:alias/b"
        let here = "arn:aws:kms:eu-central-1:111122223333:alias/c"
        for (name, standing) in [(elsewhere, "not-read"), (foreign, "other-account"), (here, "not-read")] {
            estate.add(
                "sqs", "AWS::SQS::Queue", "q-\(name)", "KmsMasterKeyId", by: name, follows: true, key: nil,
                standing: standing)
        }
        #expect(try estate.report(on: ["k-1"]).unresolved.compactMap(\.names?.text) == [here])
        let all = try estate.report()
        #expect(all.unresolved.count == 3 && all.perhapsThese.compactMap(\.names?.text) == [here])
        #expect(all.noneOfThese.count == 2)
        estate.references.removeLast()
        let alone = try estate.report(on: ["k-1"])
        #expect(!alone.isLimited)
    }

    @Test("objects of DSSE-KMS are copied, and billed so; an older snapshot, which does not tell, has the other rule")
    func dsse() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.addBucket("twice", algorithm: "aws:kms:dsse")
        estate.addBucket("usual", algorithm: "aws:kms")
        let groups = try #require(try estate.report().keys.first).groups
        #expect(groups.map(\.rule?.id) == ["s3.bucket-dsse", "s3.bucket"])
        for (group, isCopied) in zip(groups, [true, false]) {
            let effect = try #require(group.effects[.replace])
            #expect(effect.happens.contains("without a copy") != isCopied)
            #expect(effect.charges.map(\.item).contains(.s3Copy) == isCopied)
            #expect(effect.charges.map(\.item).contains(.s3Update) != isCopied)
        }
        #expect(
            groups[0].effects[.replace]?.steps.first == "PutBucketEncryption with aws:kms:dsse and the new key's ARN")
        estate.schema = InventorySnapshot.olderSchema
        #expect(throws: EstateError.self) { try estate.report() }
        for index in estate.references.indices { estate.references[index]["algorithm"] = nil }
        #expect(try estate.report().keys.first?.groups.map(\.rule?.id) == ["s3.bucket"])
    }

    @Test("a secret that is scheduled for deletion takes no change; a snapshot of before does not tell of any")
    func deletedSecret() throws {
        var estate = ImpactEstate()
        estate.addKey()
        estate.add("secretsmanager", "AWS::SecretsManager::Secret", "kept", by: "alias/a", follows: true)
        estate.add(
            "secretsmanager", "AWS::SecretsManager::Secret", "to go", by: "alias/a", follows: true,
            deleted: "2026-06-30T00:00:00Z")
        let report = try estate.report()
        let groups = try #require(report.keys.first).groups
        #expect(groups.map(\.rule?.id) == ["secretsmanager.deleted-secret", "secretsmanager.secret"])
        #expect(groups[0].effects[.replace]?.happens == "It takes no change while it is scheduled for deletion.")
        #expect(groups[0].effects[.rotate]?.grade == RiskGrade.none)
        #expect(!report.untold.contains { $0.contains("scheduled for deletion") })
        // Before, nobody wrote that down.
        estate.schema = InventorySnapshot.olderSchema
        let error = #expect(throws: EstateError.self) { try estate.report() }
        #expect(error?.reason.contains("a reference has \"deleted\", which keyrite.inventory/2 has not") == true)
        let newer = try { () throws in
            var newer = estate
            newer.schema = InventorySnapshot.schema
            return try newer.snapshot()
        }()
        estate.references[1]["deleted"] = nil
        let older = try estate.report()
        #expect(older.keys.first?.groups.map(\.rule?.id) == ["secretsmanager.secret"])
        #expect(older.untold.contains { $0.hasPrefix("which secrets are scheduled for deletion") })
        // What only one of two snapshots can tell is no change.
        #expect(try InventoryDiff(from: try estate.snapshot(), to: newer).changes.isEmpty)
    }

    @Test("what cannot just be deleted or changed is said: automated snapshots, an AMI's, secrets that are to go")
    func undeletable() throws {
        for (id, words) in [
            ("rds.snapshot", "begins with rds:"), ("rds.cluster-snapshot", "begins with rds:"),
            ("ebs.snapshot", "deregister that first"), ("secretsmanager.deleted-secret", "RestoreSecret"),
        ] {
            let rule = try #require(ImpactRule.all.first { $0.id == id })
            for follows in [true, false] {
                let effect = rule.effect(of: .replace, follows: follows, isAcrossAccounts: false)
                #expect(effect.steps.contains { $0.contains(words) }, "\(id)")
            }
        }
    }
}
