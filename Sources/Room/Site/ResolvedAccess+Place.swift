import AWS
import Ceremony
package import Evidence
import Foundation

extension ResolvedAccess {
    /// Refuses access that leads to another account or Region than a plan's, as a run does: AWS would have nothing on record
    /// there, and that would be taken for its word against the ceremony.
    ///
    /// - Parameter planned: The plan's.
    /// - Throws: `CeremonyError` naming every difference; `AWSError` where it cannot be asked whose the credentials are.
    package func requirePlace(of planned: AWSEnvironment) async throws {
        var differences: [String] = []
        func compare(_ what: String, _ planned: String, _ own: String) {
            if planned != own { differences.append("\(what) is \(Printable.text(own)), planned was \(planned)") }
        }
        compare("the partition", planned.partition, region.partition?.rawValue ?? "unknown")
        compare("the Region", planned.region, region.name)
        // Elsewhere nobody is asked anything.
        if differences.isEmpty {
            compare("the AWS account", planned.account, try await credentials.identified(at: Date()).output.account)
        }
        guard differences.isEmpty else {
            throw CeremonyError(
                .environment, "This site is not the plan's: " + differences.joined(separator: "; "),
                remedy: "Give the site of the plan's account and Region")
        }
    }
}
