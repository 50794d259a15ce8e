package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html>
extension ListKeyPolicies: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        _ = try keyring.key(input.keyID, in: region, aliases: false)
        let page = try Page(
            of: [KeyPolicy.name], limit: input.limit, fallback: 100, maximum: 1000, marker: input.marker,
            name: \.self)
        return Output(policyNames: page.items, nextMarker: page.nextMarker, truncated: page.isTruncated)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
