package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>
extension ListKeys: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output {
        let page = try Page(
            of: keyring.keys(in: region), limit: input.limit, fallback: 100, maximum: 1000, marker: input.marker,
            isSorted: true, name: \.id)
        return Output(
            keys: page.items.map { KeyListEntry(keyID: $0.id, keyARN: $0.arn) },
            nextMarker: page.nextMarker,
            truncated: page.isTruncated)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { nil }
}
