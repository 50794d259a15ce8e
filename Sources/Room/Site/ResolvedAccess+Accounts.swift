package import AWS
import Ceremony
package import Foundation

extension ResolvedAccess {
    /// How to ask Organizations; nil where its address is not known.
    package var organizations: AWSClient.Configuration? {
        let address: PartitionAddress? =
            endpoint.isLoopback
            ? PartitionAddress(endpoint: endpoint, region: region)
            : .organizations(of: region, fips: variant.fips)
        guard let address else { return nil }
        var configuration = configuration(at: address.endpoint)
        configuration.region = address.region
        return configuration
    }

    /// A role's session, begun with the site's own credentials; it signs for nobody else than who it is now.
    ///
    /// - Throws: `AWSError`, STS's own where it refuses; `CryptoError` when memory cannot be locked.
    package func session(of role: AssumableRole, at now: Date) async throws -> IdentifiedCredentials {
        let name = try SessionName(CeremonySession.unnamed, from: "the session's name")
        let sts = configuration(at: stsEndpoint)
        let session = try await AssumedRole.begun(
            AssumedRole.Role(arn: role.arn, sessionName: name, externalID: role.externalID), from: credentials,
            by: sts, at: now)
        let identified = IdentifiedCredentials(session) { [sts] credentials in
            var own = sts
            own.credentials = credentials
            return try await STSClient(own).getCallerIdentity()
        }
        let account = try await identified.identified(at: now).output.account
        guard account == role.account else {
            throw AWSError.configuration(
                "the session of \(Printable.text(role.arn, limit: 300)) is one of account "
                    + "\(Printable.text(account, limit: 64)), by STS's word; check the site's endpoints")
        }
        return identified
    }
}
