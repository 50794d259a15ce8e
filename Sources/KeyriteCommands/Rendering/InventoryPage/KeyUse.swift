import Estate
import Evidence

/// One row of the map: a resource's setting that names a key, or somebody who calls KMS by the key.
struct KeyUse {
    /// What becomes of it when an alias is moved.
    enum How: String {
        case follows
        case pinned
        case byDefault = "default"
    }

    let how: How
    let service: String
    let account: String
    let region: String
    /// The ARN, whole.
    let arn: String
    /// How it comes to the key.
    let words: String
    /// Its setting, or its calls.
    let detail: String

    init(_ reference: KeyReference) {
        how = reference.form == .serviceDefault ? .byDefault : reference.followsAlias ? .follows : .pinned
        service = reference.service
        (account, region) = (reference.account, reference.region)
        arn = reference.resource.text
        let way =
            switch how {
            case .follows: "follows \(reference.names?.text ?? "")"
            case .pinned: "pinned"
            case .byDefault: "the service's own"
            }
        // First, since a row may be cut off at its end.
        words = (reference.deleted == nil ? "" : "to be deleted, ") + way
        detail = reference.setting + (reference.cluster.map { ", of \(Self.name($0.text))" } ?? "")
    }

    init(_ caller: InventoryCaller) {
        how = .pinned
        service = "kms"
        (account, region) = (caller.account, caller.region)
        arn = caller.caller.text
        words = caller.form == .keyID ? "calls by key id" : "calls by key ARN"
        let operations = caller.operations.map(\.text).joined(separator: ", ")
        detail = "\(caller.calls) \(caller.calls == 1 ? "call" : "calls") until \(caller.last): \(operations)"
    }

    /// Some of each kind first, as many as are drawn; then the others, as they stand.
    static func mixed(_ uses: [KeyUse]) -> [KeyUse] {
        guard uses.count > KeyCardMarkup.drawn else { return uses }
        let kinds = [How.follows, .pinned, .byDefault].map { how in uses.indices.filter { uses[$0].how == how } }
        let inTurn = (0..<KeyCardMarkup.drawn).flatMap { turn in
            kinds.compactMap { turn < $0.count ? $0[turn] : nil }
        }
        let first = inTurn.prefix(KeyCardMarkup.drawn)
        let others = Set(uses.indices).subtracting(first).sorted()
        return (first + others).map { uses[$0] }
    }

    /// "157 uses: 64 follow, 93 pinned".
    static func sum(_ uses: [KeyUse]) -> String {
        let (follow, pinned) = (uses.count { $0.how == .follows }, uses.count { $0.how == .pinned })
        let others = uses.count - follow - pinned
        let parts = [
            follow > 0 ? "\(follow) \(follow == 1 ? "follows" : "follow")" : nil, pinned > 0 ? "\(pinned) pinned" : nil,
            others > 0 ? "\(others) by default" : nil,
        ].compactMap(\.self)
        return "\(uses.count) \(uses.count == 1 ? "use" : "uses"): \(parts.joined(separator: ", "))"
    }

    /// What is left of the ARN without what stands beside it anyway.
    var name: String { Self.name(arn) }

    /// What a pointer that rests on it is told: the row may be cut off.
    var title: String { "\(arn), \(words), \(detail)" }

    private static func name(_ arn: String) -> String {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "arn" ? String(parts[5]) : arn
    }
}
