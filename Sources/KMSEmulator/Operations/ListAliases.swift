package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>
extension ListAliases: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output {
        let key = try input.keyID.map { try keyring.key($0, in: region, aliases: false) }
        let listed = keyring.aliases(in: region).filter { key == nil || $0.keyID == key?.id }
        let page = try Page(
            of: listed, limit: input.limit, fallback: 50, maximum: 100, marker: input.marker, isSorted: true,
            name: \.name)
        return Output(
            aliases: page.items.map { alias in
                AliasListEntry(
                    aliasName: alias.name,
                    aliasARN: alias.arn,
                    targetKeyID: alias.keyID,
                    creationDate: Timestamp(alias.created),
                    lastUpdatedDate: Timestamp(alias.updated))
            },
            nextMarker: page.nextMarker,
            truncated: page.isTruncated)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
