/// Lists the names of a key's policies, of which there is one.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html>
package enum ListKeyPolicies: KMSOperation {
    package static let name = "ListKeyPolicies"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        /// Entries a page, 1 to 1000.
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
        package let policyNames: [String]
        /// Where the next page starts; present when `truncated`.
        package let nextMarker: String?
        package let truncated: Bool?

        package init(policyNames: [String], nextMarker: String? = nil, truncated: Bool? = nil) {
            self.policyNames = policyNames
            self.nextMarker = nextMarker
            self.truncated = truncated
        }

        private enum CodingKeys: String, CodingKey {
            case policyNames = "PolicyNames"
            case nextMarker = "NextMarker"
            case truncated = "Truncated"
        }
    }
}
