/// What is read in one go, and counts whole or not at all: one service in one account and Region.
package struct InventoryUnit: Codable, Hashable, Sendable {
    package let account: String
    package let region: String
    /// The signing name: `s3`.
    package let service: String

    package init(account: String, region: String, service: String) {
        self.account = account
        self.region = region
        self.service = service
    }
}

/// What came of a unit, but for its references, of which there may be many.
package struct InventoryFinding: Codable, Sendable {
    /// Of KMS alone.
    var keys: KeyReader.Found?
    var gaps: [InventoryGap] = []

    init() {}
}
