/// Has a key deleted after a waiting period, in which nothing can use it.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>
package enum ScheduleKeyDeletion: KMSOperation {
    package static let name = "ScheduleKeyDeletion"
    package static let isIdempotent = false

    /// What the caller asks.
    package struct Input: Codable, Hashable, Sendable {
        /// Key id or key ARN.
        package let keyID: String
        /// 7 to 30; 30 if absent.
        package let pendingWindowInDays: Int?

        package init(keyID: String, pendingWindowInDays: Int? = nil) {
            self.keyID = keyID
            self.pendingWindowInDays = pendingWindowInDays
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case pendingWindowInDays = "PendingWindowInDays"
        }
    }

    /// What KMS answers.
    package struct Output: Codable, Hashable, Sendable {
        /// The ARN of the key.
        package let keyID: String
        /// Absent of a multi-Region primary that waits for its replicas.
        package let deletionDate: Timestamp?
        package let keyState: KeyState
        package let pendingWindowInDays: Int?

        package init(
            keyID: String,
            keyState: KeyState,
            deletionDate: Timestamp? = nil,
            pendingWindowInDays: Int? = nil
        ) {
            self.keyID = keyID
            self.deletionDate = deletionDate
            self.keyState = keyState
            self.pendingWindowInDays = pendingWindowInDays
        }

        private enum CodingKeys: String, CodingKey {
            case keyID = "KeyId"
            case deletionDate = "DeletionDate"
            case keyState = "KeyState"
            case pendingWindowInDays = "PendingWindowInDays"
        }
    }
}
