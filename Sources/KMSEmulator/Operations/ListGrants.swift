package import AWS

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
extension ListGrants: KeyringOperation {
    package static func serve(_ input: Input, on keyring: isolated Keyring, in region: String) async throws -> Output {
        let key = try keyring.key(input.keyID, in: region, aliases: false)
        if let id = input.grantID { try Grant.validate(id: id) }
        guard input.granteePrincipal == nil || input.granteeServicePrincipal == nil else {
            throw KMSFault.validation("GranteePrincipal and GranteeServicePrincipal exclude one another.")
        }
        let listed = key.grants.map(\.entry).filter { entry in
            input.grantID ?? entry.grantID == entry.grantID
                && (input.granteePrincipal == nil || input.granteePrincipal == entry.granteePrincipal)
                && (input.granteeServicePrincipal == nil
                    || input.granteeServicePrincipal == entry.granteeServicePrincipal)
        }
        let page = try Page(
            of: listed, limit: input.limit, fallback: 50, maximum: 100, marker: input.marker, name: \.grantID)
        return Output(grants: page.items, nextMarker: page.nextMarker, truncated: page.isTruncated)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }
}
