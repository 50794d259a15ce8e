/// Lists the grants of a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
package enum ListGrants: KMSOperation {
    package static let name = "ListGrants"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Entries a page, 1 to 100.
        package let limit: Int?
        /// `NextMarker` of the previous page.
        package let marker: String?
        /// Key id or key ARN.
        package let keyID: String
        package let grantID: String?
        package let granteePrincipal: String?
        package let granteeServicePrincipal: String?

        package init(
            keyID: String,
            limit: Int? = nil,
            marker: String? = nil,
            grantID: String? = nil,
            granteePrincipal: String? = nil,
            granteeServicePrincipal: String? = nil
        ) {
            self.limit = limit
            self.marker = marker
            self.keyID = keyID
            self.grantID = grantID
            self.granteePrincipal = granteePrincipal
            self.granteeServicePrincipal = granteeServicePrincipal
        }

        private enum CodingKeys: String, CodingKey {
            case limit = "Limit"
            case marker = "Marker"
            case keyID = "KeyId"
            case grantID = "GrantId"
            case granteePrincipal = "GranteePrincipal"
            case granteeServicePrincipal = "GranteeServicePrincipal"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let grants: [GrantListEntry]
        /// Where the next page starts; present when `truncated`.
        package let nextMarker: String?
        package let truncated: Bool?

        package init(grants: [GrantListEntry], nextMarker: String? = nil, truncated: Bool? = nil) {
            self.grants = grants
            self.nextMarker = nextMarker
            self.truncated = truncated
        }

        private enum CodingKeys: String, CodingKey {
            case grants = "Grants"
            case nextMarker = "NextMarker"
            case truncated = "Truncated"
        }
    }
}
