/// Lists the keys of an account and Region.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>
package enum ListKeys: KMSOperation {
    package static let name = "ListKeys"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Entries a page, 1 to 1000.
        package let limit: Int?
        /// `NextMarker` of the previous page.
        package let marker: String?

        package init(limit: Int? = nil, marker: String? = nil) {
            self.limit = limit
            self.marker = marker
        }

        private enum CodingKeys: String, CodingKey {
            case limit = "Limit"
            case marker = "Marker"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let keys: [KeyListEntry]
        /// Where the next page starts; present when `truncated`.
        package let nextMarker: String?
        package let truncated: Bool?

        package init(keys: [KeyListEntry], nextMarker: String? = nil, truncated: Bool? = nil) {
            self.keys = keys
            self.nextMarker = nextMarker
            self.truncated = truncated
        }

        private enum CodingKeys: String, CodingKey {
            case keys = "Keys"
            case nextMarker = "NextMarker"
            case truncated = "Truncated"
        }
    }
}
