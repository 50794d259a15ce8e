package import AWS

/// The Regions that are enabled in an account.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
package enum EnabledRegions {
    package static let service = ReferenceSource.ec2.service
    package static let operation = "DescribeRegions"

    /// Their names, sorted.
    ///
    /// - Throws: `AWSError`.
    package static func names(by caller: any ServiceCaller) async throws -> [String] {
        let answer = try await caller.answer(to: ServiceCall<Answer>(service, operation))
        return Set(answer.regionInfo.item.filter(\.isEnabled).map(\.regionName)).sorted()
    }

    /// Names of all Regions of the partition, be they enabled or not, sorted.
    ///
    /// - Throws: `AWSError`.
    package static func all(by caller: any ServiceCaller) async throws -> [String] {
        let call = ServiceCall<Answer>(service, operation, ["AllRegions": .flag(true)])
        return Set(try await caller.answer(to: call).regionInfo.item.map(\.regionName)).sorted()
    }

    private struct Answer: Decodable, Sendable {
        struct Region: Decodable, Sendable {
            let regionName: String
            /// `opt-in-not-required`, `opted-in`; `not-opted-in` of those that are off, which are not asked for.
            let optInStatus: String?

            var isEnabled: Bool { optInStatus != "not-opted-in" }
        }
        let regionInfo: Items<Region>
    }
}
