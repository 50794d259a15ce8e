import Estate
import Evidence
import Testing

@Suite("What a change of keys would do")
struct ImpactTests {
    @Test("a rotation touches nothing; a replacement takes steps, a cut-over of the database, and keeps the old key")
    func sideBySide() throws {
        let report = try ImpactEstate.payments().report()
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
        let one = try ImpactEstate.payments().report(strategies: [.rotate])
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
}
