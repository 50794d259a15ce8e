import Estate
import Evidence
import Testing

@Suite("What a change of keys would do to programs")
struct ImpactCallerTests {
    @Test("who calls KMS by a key's id or ARN does not follow an alias: it is changed by a replacement alone")
    func callers() throws {
        var estate = ImpactEstate.payments()
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
}
