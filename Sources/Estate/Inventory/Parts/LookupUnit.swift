/// Whose callers are looked up in one go, and count whole or not at all: one key's, in one account and Region.
package struct LookupUnit: Codable, Hashable, Sendable {
    let account: String
    let region: String
    /// The key's ARN; nil for the look whether a key's use can be found by it there.
    let key: String?

    init(_ key: String?, in place: InventoryPlace) {
        (account, region, self.key) = (place.account, place.region, key)
    }
}

/// What came of a key that was looked up.
package struct KeyCallers: Codable, Sendable {
    let counted: CallerTally.Kept
    /// What could not be looked up; nil where all could.
    let gap: InventoryGap?
}
