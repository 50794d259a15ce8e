import AWS
import Testing

@Suite("Endpoints of AWS's own")
struct EndpointRulesTests {
    private struct Rule: Decodable {
        let service: String
        let partition: String
        let region: String
        let fips: Bool
        let dualStack: Bool
        let url: String
        let signingRegion: String?
    }

    /// <https://docs.aws.amazon.com/general/latest/gr/kms.html>
    @Test(
        "are those of the service's pages",
        arguments: [
            ("us-east-1", "kms", true, false, "https://kms-fips.us-east-1.amazonaws.com"),
            ("us-east-1", "kms", false, true, "https://kms.us-east-1.api.aws"),
            ("us-east-1", "kms", true, true, "https://kms-fips.us-east-1.api.aws"),
            ("cn-northwest-1", "kms", false, true, "https://kms.cn-northwest-1.api.amazonwebservices.com.cn"),
            ("us-gov-west-1", "sts", true, false, "https://sts.us-gov-west-1.amazonaws.com"),
        ])
    func pages(_ region: String, _ service: String, _ fips: Bool, _ dualStack: Bool, _ url: String) throws {
        let variant = EndpointVariant(fips: fips, dualStack: dualStack)
        #expect(try Region(region).endpoint(for: service, variant).description == url)
    }

    @Test("are those of botocore's rules, for every Region of every partition and every variant")
    func rules() async throws {
        let rules: [Rule] = try await Python.run("endpoints", [String]())
        #expect(Set(rules.map(\.partition)) == Set(Partition.allCases.map(\.rawValue)))
        #expect(rules.count >= 8 * 46)
        for rule in rules where rule.service != "iam" && rule.service != "organizations" {
            let region = try Region(rule.region)
            #expect(region.partition?.rawValue == rule.partition)
            let variant = EndpointVariant(fips: rule.fips, dualStack: rule.dualStack)
            // No FIPS in China, whatever the rules make of it.
            if rule.service == "secretsmanager", rule.partition == "aws-cn", rule.fips { continue }
            let service = rule.service == "efs" ? "elasticfilesystem" : rule.service
            #expect(try region.endpoint(of: service, variant).description == rule.url)
        }
        for rule in rules where rule.service == "organizations" && !rule.dualStack {
            let address = PartitionAddress.organizations(of: try Region(rule.region), fips: rule.fips)
            let isKnown = ["aws", "aws-us-gov"].contains(rule.partition) || !rule.fips
            #expect(address?.endpoint.description == (isKnown ? rule.url : nil), "\(rule)")
            #expect(address?.region.name == (isKnown ? rule.signingRegion ?? rule.region : nil), "\(rule)")
        }
        for rule in rules where rule.service == "iam" {
            let address = PartitionAddress.iam(
                of: try Region(rule.region), .init(fips: rule.fips, dualStack: rule.dualStack))
            let isKnown = ["aws", "aws-us-gov"].contains(rule.partition) || !rule.fips && !rule.dualStack
            #expect(address?.endpoint.description == (isKnown ? rule.url : nil), "\(rule)")
            #expect(address?.region.name == (isKnown ? rule.signingRegion : nil), "\(rule)")
        }
    }
}
