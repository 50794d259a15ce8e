package import AWS

/// What a rehearsal's room needs in the embedded KMS before a ceremony.
extension RehearsalSite {
    /// Has the embedded KMS make an external key that waits for its first material, as anybody would, over its API.
    ///
    /// - Returns: The key's ARN.
    package func createPendingKey(description: String) async throws -> String {
        try await client().createKey(.init(description: description, origin: .external)).output.keyMetadata.arn
    }

    /// A client of the embedded KMS, for what a rehearsal and its tests do beside the ceremony.
    package func client() throws -> KMSClient {
        try KMSClient(
            AWSClient.Configuration(
                credentials: try RehearsalCredentials.make(), region: try Region(site.region),
                endpoint: try Endpoint(site.endpoint)))
    }
}
