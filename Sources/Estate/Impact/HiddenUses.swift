/// Of which keys more uses may be there than were read.
package struct HiddenUses: Sendable {
    private var isEverywhere = false
    private var regions: Set<String> = []
    /// Those of which alone something was not read.
    private var keys: Set<OutsideText> = []

    /// - Parameter gaps: All that could not be read.
    package init(_ gaps: [InventoryGap]) {
        for gap in gaps {
            if gap.isOfEveryRegion {
                isEverywhere = true
            } else if let key = gap.lookedUp {
                keys.insert(key)
            } else if gap.ownKey == nil {
                regions.insert(gap.region)
            }
        }
    }

    /// - Parameters:
    ///   - key: Its ARN.
    ///   - region: The key's.
    package func mayUse(_ key: OutsideText, in region: String?) -> Bool {
        isEverywhere || keys.contains(key) || region.map(regions.contains) == true
    }
}
