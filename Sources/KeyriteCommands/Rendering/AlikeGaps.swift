import AWS
import Estate
import Evidence

/// What could not be read for one reason: hundreds of such would bury what stands beside them, and the snapshot has each.
///
/// They are of one operation, since that is what somebody must allow, or ask for again; of whatever account and Region.
struct AlikeGaps {
    /// As many stand there by themselves; of more, as many are named.
    private static let few = 3

    /// In the order of the snapshot, and at least one.
    private(set) var gaps: [InventoryGap]
    private var first: InventoryGap { gaps[0] }

    /// - Returns: In the order in which the first of each stands there.
    static func all(of gaps: [InventoryGap]) -> [AlikeGaps] {
        struct Kind: Hashable {
            let service, operation: String
            let reason: InventoryGap.Reason
            let about: OutsideText?
        }
        var indices: [Kind: Int] = [:]
        var all: [AlikeGaps] = []
        for gap in gaps {
            let kind = Kind(
                service: gap.service, operation: gap.operation, reason: gap.reason, about: gap.code ?? gap.message)
            if let index = indices[kind] {
                all[index].gaps.append(gap)
            } else {
                indices[kind] = all.count
                all.append(AlikeGaps(gaps: [gap]))
            }
        }
        return all
    }

    /// Whether they are more than are shown one by one.
    var isFolded: Bool { gaps.count > Self.few }

    /// Whether none of them is of one resource.
    var isOfLists: Bool { gaps.allSatisfy { $0.resource == nil } }

    var service: String { first.service }
    var operation: String { first.operation }

    /// "denied (AccessDenied)".
    var why: String {
        let about = first.code ?? first.message
        return first.reason.rawValue + (about.map { " (\(Self.shown($0)))" } ?? "")
    }

    /// "eu-central-1", "12 Regions"; where it is said, with the account or how many there are.
    func place(withAccount: Bool) -> String {
        let regions = Self.one(gaps.map(\.region), "Regions")
        return withAccount ? "\(Self.one(gaps.map(\.account), "accounts")) \(regions)" : regions
    }

    /// Their resources; of lists, where these are.
    var named: [String] {
        gaps.prefix(Self.few).map { gap in
            gap.resource.map(Self.shown) ?? Self.shown(OutsideText("\(gap.account) \(gap.region)"))
        }
    }

    private static func one(_ all: [String], _ many: String) -> String {
        let distinct = Set(all)
        return distinct.count == 1 ? shown(OutsideText(all[0])) : "\(distinct.count) \(many)"
    }

    private static func shown(_ text: OutsideText) -> String { Printable.text(text.text, limit: 2_048) }
}
