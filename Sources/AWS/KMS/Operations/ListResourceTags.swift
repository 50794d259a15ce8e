/// Lists the tags of a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html>
package enum ListResourceTags: KMSOperation {
    package static let name = "ListResourceTags"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        /// Entries a page, 1 to 50.
        package let limit: Int?
        /// `NextMarker` of the previous page.
        package let marker: String?

        package init(keyID: String, limit: Int? = nil, marker: String? = nil) {
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
        package let tags: [Tag]
        /// Where the next page starts; present when `truncated`.
        package let nextMarker: String?
        package let truncated: Bool?

        package init(tags: [Tag], nextMarker: String? = nil, truncated: Bool? = nil) {
            self.tags = tags
            self.nextMarker = nextMarker
            self.truncated = truncated
        }

        private enum CodingKeys: String, CodingKey {
            case tags = "Tags"
            case nextMarker = "NextMarker"
            case truncated = "Truncated"
        }
    }
}
