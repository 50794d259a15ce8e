package import AWS
package import Evidence

/// What a rehearsal's room needs in the embedded KMS before a ceremony.
extension RehearsalSite {
    /// Has the embedded KMS make an external key that waits for its first material, as anybody would, over its API.
    ///
    /// - Parameter keySpec: Of the key, which gets the first usage of its kind.
    /// - Returns: The key's ARN.
    package func createPendingKey(
        description: String, keySpec: Evidence.KeySpec = .symmetric
    ) async throws -> String {
        try await client().createKey(
            .init(
                description: description, keyUsage: AWS.KeyUsage(rawValue: keySpec.usages[0].rawValue),
                keySpec: AWS.KeySpec(rawValue: keySpec.rawValue), origin: .external)
        ).output.keyMetadata.arn
    }

    /// KMS's id of the material that a key uses now.
    ///
    /// - Parameter key: An alias, with `alias/`, or an ARN.
    package func currentMaterial(of key: String) async throws -> String? {
        try await client().describeKey(.init(keyID: key)).output.keyMetadata.currentKeyMaterialID
    }

    /// A client of the embedded KMS, for what a rehearsal and its tests do beside the ceremony.
    package func client() throws -> KMSClient {
        try KMSClient(
            AWSClient.Configuration(
                credentials: try RehearsalCredentials.make(), region: try Region(site.region),
                endpoint: try Endpoint(site.endpoint)))
    }
}
