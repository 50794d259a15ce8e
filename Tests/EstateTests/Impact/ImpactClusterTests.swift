import Estate
import Evidence
import Testing

@Suite("What counts as one resource")
struct ImpactClusterTests {
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
}
