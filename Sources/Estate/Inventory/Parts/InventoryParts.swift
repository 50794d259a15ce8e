package import Evidence

/// Keeps what was read already, unit by unit, for whoever is killed and begins again.
package protocol InventoryParts: Sendable {
    /// What came of a unit that was read before; nil where it was not, or not whole.
    ///
    /// - Parameter take: Gets its references, some at a time.
    /// - Throws: What `take` throws; `EstateError` where it cannot be read.
    func finding(of unit: InventoryUnit, _ take: ([FoundReference]) throws -> Void) throws -> InventoryFinding?

    /// Begins to keep what comes of a unit. What is begun and not ended counts as not read.
    ///
    /// - Throws: `EstateError` where it cannot be written.
    func begin(_ unit: InventoryUnit) throws -> any InventoryPart

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

/// Keeps what comes of one unit, as it comes.
package protocol InventoryPart: Sendable {
    /// - Throws: `EstateError` where it cannot be written.
    func add(_ references: [FoundReference]) throws

    /// Keeps all of it; what may be otherwise when it is asked again is not kept.
    ///
    /// - Throws: `EstateError` where it cannot be written.
    func end(with finding: InventoryFinding) throws
}

extension InventoryFinding {
    /// Whether nothing in it comes of what passes.
    var isLasting: Bool { gaps.allSatisfy(\.isLasting) }
}

extension InventoryGap {
    /// Whether it may be gone though nobody grants, enables or mends anything in the account: the pace, the way there,
    /// credentials that ended. Permissions and Regions that are off stay as they are until somebody changes them.
    package var canPass: Bool { !isLasting && reason != .denied && reason != .notEnabled }

    /// Whether the credentials ended before all was asked.
    package var isOfEndedCredentials: Bool { code?.text.contains("Expired") == true }

    /// In the names of errors that are the service's own, or of credentials that ended.
    private static let passing = ["Expired", "HTTP 5", "Internal", "Timeout", "Unavailable"]

    /// Whether it does not come of what passes: of the pace, the way there, credentials that ended, or permissions, which
    /// whoever begins again may have mended.
    var isLasting: Bool {
        // No service said it: somebody between did.
        if code?.text.hasPrefix("HTTP ") == true { return false }
        return switch reason {
        case .throttled, .unreachable, .noAnswer, .unusable, .denied, .notEnabled: false
        case .notActive, .gone, .tooMany: true
        case .refused: !Self.passing.contains { code?.text.contains($0) == true }
        }
    }
}
