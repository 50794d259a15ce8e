package import Evidence

/// Somebody who calls KMS by a key's id or ARN, and so goes on using that key when an alias is moved.
package struct InventoryCaller: Codable, Hashable, Sendable {
    /// The ARN; of sessions of a role, what they have in common, without the session's name.
    package let caller: OutsideText
    /// In whose trail it stands.
    package let account: String
    package let region: String
    /// The key, as requests named it; its ARN where they named it by that and by its id.
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

    /// Whose calls of which key these are.
    private struct Identity: Hashable {
        let caller: OutsideText
        let account: String
        let region: String
        let key: OutsideText?
        /// Where the key is not known.
        let names: OutsideText?
    }

    private var identity: Identity {
        Identity(caller: caller, account: account, region: region, key: key, names: key == nil ? names : nil)
    }

    /// Each caller once for a key, by whichever of its names the key was called.
    static func merged(_ callers: some Sequence<InventoryCaller>) -> [InventoryCaller] {
        var merged: [Identity: InventoryCaller] = [:]
        for caller in callers { merged[caller.identity] = merged[caller.identity]?.joined(with: caller) ?? caller }
        return Array(merged.values)
    }

    private func joined(with other: InventoryCaller) -> InventoryCaller {
        let named = [self, other].first { $0.form == .keyARN } ?? self
        return InventoryCaller(
            caller: caller, account: account, region: region, names: named.names, form: named.form, key: key,
            standing: standing, operations: Set(operations + other.operations).sorted(), calls: calls + other.calls,
            first: min(first, other.first), last: max(last, other.last))
    }
}

/// The events that callers were looked for in.
package struct EventsSeen: Codable, Hashable, Sendable {
    /// Of every service, account and Region.
    package let records: Int
    /// The calls of exported events that had been counted before, and were not again; absent where there were none.
    package let again: Int?
    /// The time of the oldest and the newest of KMS's in the accounts and Regions; absent where there were none.
    package let first: Timestamp?
    package let last: Timestamp?
    /// Since when CloudTrail was asked for them; absent of exported events.
    package let since: Timestamp?
}
