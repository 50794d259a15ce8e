/// Tells whether a key rotates by itself, which one of imported material never does.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>
package enum GetKeyRotationStatus: KMSOperation {
    package static let name = "GetKeyRotationStatus"
    package static let isIdempotent = true

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String

        package init(keyID: String) {
            self.keyID = keyID
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        package let keyRotationEnabled: Bool
        /// The ARN of the key.
        package let keyID: String?
        package let rotationPeriodInDays: Int?
        package let nextRotationDate: Timestamp?
        package let onDemandRotationStartDate: Timestamp?

        package init(
            keyRotationEnabled: Bool,
            keyID: String? = nil,
            rotationPeriodInDays: Int? = nil,
            nextRotationDate: Timestamp? = nil,
            onDemandRotationStartDate: Timestamp? = nil
        ) {
            self.keyRotationEnabled = keyRotationEnabled
            self.keyID = keyID
            self.rotationPeriodInDays = rotationPeriodInDays
            self.nextRotationDate = nextRotationDate
            self.onDemandRotationStartDate = onDemandRotationStartDate
        }

        private enum CodingKeys: String, CodingKey {
            case keyRotationEnabled = "KeyRotationEnabled"
            case keyID = "KeyId"
            case rotationPeriodInDays = "RotationPeriodInDays"
            case nextRotationDate = "NextRotationDate"
            case onDemandRotationStartDate = "OnDemandRotationStartDate"
        }
    }
}
