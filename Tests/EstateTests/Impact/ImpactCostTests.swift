import Estate
import Evidence
import Testing

@Suite("What a change of keys would cost")
struct ImpactCostTests {
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
        let key = try #require(
            try ImpactEstate.payments().report(prices: Self.prices, quantities: quantities).keys.first)
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

        let less = try #require(
            try ImpactEstate.payments().report(prices: Self.prices).keys.first?.sides[.replace]?.cost)
        #expect((less.once.text, less.onceIsWhole) == ("0.00", false))
        #expect((less.monthly.text, less.monthlyIsWhole) == ("1.00", false))
        #expect(less.missingQuantities == [.objects: 2, .gigabytes: 2, .hours: 1] && less.missingPrices.isEmpty)
        let none = try #require(
            try ImpactEstate.payments().report(quantities: quantities).keys.first?.sides[.replace]?.cost)
        #expect(none.lines.isEmpty)
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
            try ImpactEstate.payments().report(
                quantities: #"{"schema":"keyrite.quantities/1","resources":{"arn:aws:s3:::typo":{}}}"#)
        }
        #expect(error?.description.contains("arn:aws:s3:::typo is no resource that was read") == true)
    }
}
