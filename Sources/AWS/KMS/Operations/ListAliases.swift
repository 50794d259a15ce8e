/// Lists the aliases of an account and Region, or of one key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>
package enum ListAliases: KMSOperation {
    package static let name = "ListAliases"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String?
        /// Entries a page, 1 to 1000.
        package let limit: Int?
        /// `NextMarker` of the previous page.
        package let marker: String?

        package init(keyID: String? = nil, limit: Int? = nil, marker: String? = nil) {
            self.keyID = keyID
            self.limit = limit
            self.marker = marker
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case limit = "Limit"
            case marker = "Marker"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let aliases: [AliasListEntry]
        /// Where the next page starts; present when `truncated`.
        package let nextMarker: String?
        package let truncated: Bool?

        package init(aliases: [AliasListEntry], nextMarker: String? = nil, truncated: Bool? = nil) {
            self.aliases = aliases
            self.nextMarker = nextMarker
            self.truncated = truncated
        }

        private enum CodingKeys: String, CodingKey {
            case aliases = "Aliases"
            case nextMarker = "NextMarker"
            case truncated = "Truncated"
        }
    }
}
