/// Tells when a key last served a cryptographic operation, as far as KMS has kept track of that.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html>
package enum GetKeyLastUsage: KMSOperation {
    package static let name = "GetKeyLastUsage"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String

        package init(keyID: String) { self.keyID = keyID }

        private enum CodingKeys: String, CodingKey { case keyID = "KeyId" }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// Absent, or empty, of a key that did not serve since the tracking began.
        package let usage: Usage?
        /// Since when KMS keeps track, or since the key is there.
        package let trackingStartDate: Timestamp?

        private enum CodingKeys: String, CodingKey {
            case usage = "KeyLastUsage"
            case trackingStartDate = "TrackingStartDate"
        }
    }

    /// The last use.
    package struct Usage: Codable, Hashable, Sendable {
        /// `Decrypt`.
        package let operation: String?
        package let timestamp: Timestamp?

        private enum CodingKeys: String, CodingKey {
            case operation = "Operation"
            case timestamp = "Timestamp"
        }
    }
}
