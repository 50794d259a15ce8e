/// Lists the materials of a key.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
package enum ListKeyRotations: KMSOperation {
    package static let name = "ListKeyRotations"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id, key ARN or, where AWS allows, alias name or alias ARN.
        package let keyID: String
        package let includeKeyMaterial: IncludeKeyMaterial?
        /// Entries a page, 1 to 1000.
        package let limit: Int?
        /// `NextMarker` of the previous page.
        package let marker: String?

        package init(
            keyID: String,
            includeKeyMaterial: IncludeKeyMaterial? = nil,
            limit: Int? = nil,
            marker: String? = nil
        ) {
            self.keyID = keyID
            self.includeKeyMaterial = includeKeyMaterial
            self.limit = limit
            self.marker = marker
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case includeKeyMaterial = "IncludeKeyMaterial"
            case limit = "Limit"
            case marker = "Marker"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let rotations: [RotationsListEntry]
        /// Where the next page starts; present when `truncated`.
        package let nextMarker: String?
        package let truncated: Bool?

        package init(rotations: [RotationsListEntry], nextMarker: String? = nil, truncated: Bool? = nil) {
            self.rotations = rotations
            self.nextMarker = nextMarker
            self.truncated = truncated
        }

        private enum CodingKeys: String, CodingKey {
            case rotations = "Rotations"
            case nextMarker = "NextMarker"
            case truncated = "Truncated"
        }
    }
}
