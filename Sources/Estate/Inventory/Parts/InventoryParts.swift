/// Keeps what was read already, unit by unit, for whoever is killed and begins again.
package protocol InventoryParts: Sendable {
    /// What came of a unit that was read before; nil where it was not, or not whole.
    func finding(of unit: InventoryUnit) -> InventoryFinding?

    /// Keeps what came of a unit; what may be otherwise when it is asked again is not kept.
    ///
    /// - Throws: `EstateError` where it cannot be written.
    func keep(_ finding: InventoryFinding, of unit: InventoryUnit) throws
}

extension InventoryFinding {
    /// In the names of errors that are the service's own, or of credentials that ended.
    private static let passing = ["Expired", "HTTP 5", "Internal", "Timeout", "Unavailable"]

    /// Whether nothing in it comes of what passes: of the pace, the way there, credentials that ended, or permissions, which
    /// whoever begins again may have mended.
    var isLasting: Bool {
        gaps.allSatisfy { gap in
            switch gap.reason {
            case .throttled, .unreachable, .unusable, .denied, .notEnabled: false
            case .notActive, .gone, .tooMany: true
            case .refused: !Self.passing.contains { gap.code?.text.contains($0) == true }
            }
        }
    }
}
