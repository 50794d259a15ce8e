extension Recommendation {
    /// nil unless both strategies were looked at.
    ///
    /// - Parameters:
    ///   - callers: How many of what the sides count are callers, and no settings.
    ///   - readsAll: Whether nothing that was not read may use the key.
    init?(_ key: InventoryKey?, _ sides: [ImpactStrategy: StrategyImpact], callers: Int, readsAll: Bool) {
        guard let rotate = sides[.rotate], let replace = sides[.replace] else { return nil }
        let comparison =
            Self.comparison(replace, callers: callers)
            + (readsAll ? "" : " Not everything that may use it was read: there may be more.")
        switch (rotate.verdict, replace.verdict) {
        case (_, _) where key?.state.text.hasPrefix("Pending") == true && key?.state.text.hasSuffix("Deletion") == true:
            self.init(choice: .neither, why: "It is to be deleted. Decide that first: what names it stops with it.")
        case (.possible, _):
            self.init(
                choice: .rotate,
                why: "The key stays the key: no resource is touched, and nothing is interrupted. \(comparison) "
                    + "Rotating does "
                    + "not take old material out of use: where that must go, replace, and move the data.")
        case (.never, .never):
            let never = rotate.obstacles.filter { $0.kind == .never }
            self.init(choice: .neither, why: Self.all(never))
        case (.never, .unknown):
            self.init(
                choice: .unknown,
                why: "It cannot be rotated. \(Self.words(rotate.obstacles, .never)) Whether it can be replaced is not "
                    + "known. \(Self.all(replace.obstacles))")
        case (.never, _):
            self.init(
                choice: .replace,
                why: "It cannot be rotated. \(Self.words(rotate.obstacles, .never)) \(comparison)"
                    + (replace.verdict == .notNow ? " First: \(Self.remedies(replace.obstacles))" : ""))
        case (.notNow, _):
            self.init(
                choice: .rotate,
                why: "First: \(Self.remedies(rotate.obstacles)) Then the key stays the key, and no resource is "
                    + "touched. "
                    + comparison)
        case (.unknown, _):
            self.init(choice: .unknown, why: Self.all(rotate.obstacles))
        }
    }

    private static func comparison(_ replace: StrategyImpact, callers: Int) -> String {
        let (all, cutOvers) = (replace.untouched + replace.changed, replace.downtimes[.cutOver] ?? 0)
        let unknown = replace.withoutRule
        guard all > 0 else {
            guard unknown > 0 else { return "Nothing that was read names it." }
            let settings = unknown == 1 ? "setting that names" : "settings that name"
            return "No rule says what becomes of \(unknown) \(settings) it."
        }
        let uses = callers > 0 ? "settings and callers" : "settings"
        return "Replacing it asks for steps at \(replace.changed) of \(all) \(uses), \(cutOvers) of them with a "
            + "cut-over, and "
            + "the old key has to be kept for what \(replace.staying) of them leave under it."
            + (unknown > 0
                ? " No rule says what becomes of \(unknown) more that \(unknown == 1 ? "names" : "name") it." : "")
    }

    private static func words(_ obstacles: [KeyObstacle], _ kind: KeyObstacle.Kind) -> String {
        obstacles.filter { $0.kind == kind }.map(\.words).joined(separator: " ")
    }

    private static func all(_ obstacles: [KeyObstacle]) -> String {
        obstacles.map { "\($0.words) \($0.remedy)" }.joined(separator: " ")
    }

    private static func remedies(_ obstacles: [KeyObstacle]) -> String {
        obstacles.map(\.remedy).joined(separator: " ")
    }
}
