/// What can be done about a key.
package enum ImpactStrategy: String, CaseIterable, Sendable {
    /// New material, the same key.
    case rotate
    /// A new key, to which the alias moves; the old one is kept.
    case replace
}

/// How much a change asks of a resource, from little to much.
package enum RiskGrade: String, CaseIterable, Comparable, Sendable {
    /// Nothing is to be done, and nothing is interrupted.
    case none
    /// A setting is changed in place, and nothing is interrupted.
    case low
    /// Data is copied or encrypted again, or something beside the resource stops for a while.
    case medium
    /// A new resource takes the old one's place, and is cut over to.
    case high
    /// There is no rule for it; or not everything was read that may ask for something.
    case unknown

    package static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What of a resource stops while it is changed.
package enum Downtime: String, CaseIterable, Comparable, Sendable {
    case none
    /// Something of it, which its rule names; the resource itself goes on.
    case part
    /// The resource, from when it is written to no more until its clients use the new one.
    case cutOver = "cut-over"

    package static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is counted of a resource. None of it is in a snapshot.
package enum Quantity: String, CaseIterable, Sendable {
    case objects
    /// To KMS, of moving what is there: with a Bucket Key nobody else can tell how many.
    case requests
    /// GB as AWS bills them, begun ones counted whole.
    case gigabytes
    /// For how long two resources run side by side, begun ones counted whole.
    case hours
}

/// Something that AWS bills for a change.
package struct Charge: Hashable, Sendable {
    /// How many of an item there are.
    package enum Count: Hashable, Sendable {
        case one
        /// So many for each.
        case each(Quantity, times: Int)
        /// Jobs, of which one takes so many at most.
        case jobs(Quantity, most: Int)
        /// Nobody can tell how many, unless there is none of the quantity. In words, "how many requests …".
        case untold(Quantity, String)
    }

    package let item: PriceItem
    package let count: Count

    init(_ item: PriceItem, _ count: Count) { (self.item, self.count) = (item, count) }
    /// One for each.
    init(_ item: PriceItem, of quantity: Quantity, times: Int = 1) {
        self.init(item, .each(quantity, times: times))
    }

    /// What must be known for it.
    package var quantity: Quantity? {
        switch count {
        case .one: nil
        case .each(let quantity, _), .jobs(let quantity, _), .untold(let quantity, _): quantity
        }
    }
}

/// What one strategy does to one setting of a resource.
package struct ImpactEffect: Hashable, Sendable {
    package let happens: String
    /// What stays under the old material, or the old key.
    package let stays: String?
    /// In their order.
    package let steps: [String]
    package let downtime: Downtime
    package let grade: RiskGrade
    package let charges: [Charge]
    package let sources: [RuleSource]

    init(
        _ happens: String, stays: String? = nil, steps: [String] = [], downtime: Downtime = .none, grade: RiskGrade,
        charges: [Charge] = [], sources: RuleSource...
    ) {
        self.init(happens, stays, steps, downtime, grade, charges, sources)
    }

    private init(
        _ happens: String, _ stays: String?, _ steps: [String], _ downtime: Downtime, _ grade: RiskGrade,
        _ charges: [Charge], _ sources: [RuleSource]
    ) {
        (self.happens, self.stays, self.steps, self.downtime) = (happens, stays, steps, downtime)
        (self.grade, self.charges, self.sources) = (grade, charges, sources)
    }

    /// This, and then the moving of what is there.
    func followed(by move: ImpactEffect?) -> ImpactEffect {
        guard let move else { return self }
        return ImpactEffect(
            "\(happens) \(move.happens)", stays ?? move.stays, steps + move.steps, max(downtime, move.downtime),
            max(grade, move.grade), charges + move.charges,
            sources + move.sources.filter { !sources.contains($0) })
    }
}

/// What becomes of one kind of setting that names a key, by either strategy.
package struct ImpactRule: Hashable, Sendable {
    enum Setting: Hashable {
        case named(String)
        /// With whatever stands between.
        case between(String, String)

        func matches(_ setting: String) -> Bool {
            switch self {
            case .named(let name): name == setting
            case .between(let start, let end):
                setting.count > start.count + end.count && setting.hasPrefix(start) && setting.hasSuffix(end)
            }
        }
    }

    /// `s3.bucket`.
    package let id: String
    /// What people call the resources.
    package let title: String
    let service: String
    /// CloudFormation's; nil for whatever of the service has the setting.
    let type: String?
    let setting: Setting
    /// With which the setting says to encrypt; nil for whichever.
    var algorithm: String?
    /// Whether it is of what is scheduled for deletion alone.
    var isOfDeleted = false
    package let rotate: ImpactEffect
    /// Of what takes another key when the alias is moved.
    let replaceFollowing: ImpactEffect?
    let replacePinned: ImpactEffect
    /// What then has to be done for the data that is there already.
    var move: ImpactEffect?
    /// The same where the key is of another account than the resource.
    var moveAcrossAccounts: ImpactEffect?
    /// How to get what a snapshot has not.
    package let quantities: [Quantity: String]

    func matches(_ reference: KeyReference) -> Bool {
        reference.service == service && (type == nil || reference.type == type) && setting.matches(reference.setting)
            && (algorithm == nil || reference.algorithm?.text == algorithm)
            && (!isOfDeleted || reference.deleted != nil)
    }

    /// - Parameter isAcrossAccounts: Whether the key is of another account than the resource.
    package func effect(of strategy: ImpactStrategy, follows: Bool, isAcrossAccounts: Bool) -> ImpactEffect {
        switch strategy {
        case .rotate: rotate
        case .replace:
            (follows ? replaceFollowing ?? replacePinned : replacePinned)
                .followed(by: isAcrossAccounts ? moveAcrossAccounts ?? move : move)
        }
    }

    /// Every one. Another service is another file of them.
    package static let all: [ImpactRule] =
        s3 + dynamoDB + rds + ebs + [efs, logs] + secretsManager + [sns, sqs]

    static func rule(for reference: KeyReference, among rules: [ImpactRule] = all) -> ImpactRule? {
        rules.first { $0.matches(reference) }
    }
}
