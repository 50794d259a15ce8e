package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html>
extension ListResourceTags: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        let page = try Page(
            of: key.tags, limit: input.limit, fallback: 50, maximum: 50, marker: input.marker, name: \.tagKey)
        return Output(tags: page.items, nextMarker: page.nextMarker, truncated: page.isTruncated)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
