package import Evidence

/// Somebody who calls KMS by a key's id or ARN, and so goes on using that key when an alias is moved.
package struct InventoryCaller: Codable, Hashable, Sendable {
    /// The ARN; of sessions of a role, what they have in common, without the session's name.
    package let caller: OutsideText
    /// In whose trail it stands.
    package let account: String
    package let region: String
    /// The key, as the request named it.
    package let names: OutsideText
    /// `key-id` or `key-arn`.
    package let form: KeyReference.Form
    /// The key's ARN, if known.
    package let key: OutsideText?
    package let standing: KeyReference.Standing
    /// Sorted.
    package let operations: [OutsideText]
    /// Calls that were not refused.
    package let calls: Int
    package let first: Timestamp
    package let last: Timestamp
}

/// The events that callers were looked for in.
package struct EventsSeen: Codable, Hashable, Sendable {
    /// Of every service, account and Region.
    package let records: Int
    /// The time of the oldest and the newest of KMS's in the accounts and Regions; absent where there were none.
    package let first: Timestamp?
    package let last: Timestamp?
}
