package import Evidence

/// Keeps what was read already, unit by unit, for whoever is killed and begins again.
package protocol InventoryParts: Sendable {
    /// What came of a unit that was read before; nil where it was not, or not whole.
    func finding(of unit: InventoryUnit) -> InventoryFinding?

    /// Keeps what came of a unit; what may be otherwise when it is asked again is not kept.
    ///
    /// - Throws: `EstateError` where it cannot be written.
    func keep(_ finding: InventoryFinding, of unit: InventoryUnit) throws

    /// Begins a lookup of callers, or goes on with one of as many days; what is kept of another one is thrown away.
    ///
    /// - Parameters:
    ///   - days: How far back it looks.
    ///   - since: Since when, if it begins.
    /// - Returns: Since when it looks.
    /// - Throws: `EstateError` where it cannot be written.
    func beginLookup(over days: Int, since: Timestamp) throws -> Timestamp

    /// What came of a key that was looked up before; nil where it was not, or not whole.
    func callers(of unit: LookupUnit) -> KeyCallers?

    /// Keeps what came of a key that was looked up; what may be otherwise when it is asked again is not kept.
    ///
    /// - Throws: `EstateError` where it cannot be written.
    func keep(_ callers: KeyCallers, of unit: LookupUnit) throws
}

extension InventoryFinding {
    /// Whether nothing in it comes of what passes.
    var isLasting: Bool { gaps.allSatisfy(\.isLasting) }
}

extension InventoryGap {
    /// In the names of errors that are the service's own, or of credentials that ended.
    private static let passing = ["Expired", "HTTP 5", "Internal", "Timeout", "Unavailable"]

    /// Whether it does not come of what passes: of the pace, the way there, credentials that ended, or permissions, which
    /// whoever begins again may have mended.
    var isLasting: Bool {
        switch reason {
        case .throttled, .unreachable, .unusable, .denied, .notEnabled: false
        case .notActive, .gone, .tooMany: true
        case .refused: !Self.passing.contains { code?.text.contains($0) == true }
        }
    }
}
