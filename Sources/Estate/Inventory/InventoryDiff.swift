import AWS
package import Evidence

/// What became of accounts between two snapshots.
///
/// Only what both looked at is compared: what one of them could not read is neither new nor gone.
package struct InventoryDiff: Sendable {
    /// One line of a snapshot that is new, gone or another.
    package struct Change: Hashable, Sendable {
        /// What became of it from the older to the newer.
        package enum What: String, Sendable {
            case added
            case removed
            case changed
        }

        package let what: What
        /// As the lines of a snapshot have it: `key`, `alias`, `reference`, `caller`.
        package let kind: String
        package let region: String
        /// The ARN of key, alias, resource or caller.
        package let subject: OutsideText
        /// Of a reference, which of the resource's settings; of a caller, the key, which it names by id or ARN.
        package let setting: String?
        /// Of a reference that was added or removed: what it names, each time that it does; none of all else.
        package let uses: [Use]
        /// By the member's name, each as the snapshots have it; nil where one lacks it. None of what was added or removed.
        package let members: [String: Sides]
    }

    /// How a resource's setting names a key.
    package struct Use: Codable, Hashable, Sendable {
        /// As the service returns it; absent of a service's default.
        package let names: OutsideText?
        /// The key's ARN, if known.
        package let key: OutsideText?
        package let followsAlias: Bool

        package init(names: OutsideText?, key: OutsideText?, followsAlias: Bool) {
            (self.names, self.key, self.followsAlias) = (names, key, followsAlias)
        }
    }

    /// A member as both have it; nil where it is absent.
    package struct Sides: Hashable, Sendable {
        package let old: JSONValue?
        package let new: JSONValue?
    }

    /// By kind, Region, subject and setting.
    package let changes: [Change]
    /// Accounts and Regions that only one of the two has, and Regions that only one of the two looked at in an account.
    package let leftOut: [String]
    /// Whether callers of KMS were looked for in both, or in neither. Of those whom one did not look for, nothing is said.
    package let comparesCallers: Bool
    /// What stands in only one of the two, where the other could not read its service in its Region.
    package let untold: Int

    /// - Throws: `EstateError` for snapshots that have no account in common; `CanonicalJSONError`.
    package init(from old: InventorySnapshot, to new: InventorySnapshot) throws {
        let accounts = Shared(old.header.accounts, new.header.accounts)
        guard !accounts.both.isEmpty || accounts.one.isEmpty, old.header.partition == new.header.partition else {
            throw EstateError(
                "the snapshots",
                "one is of \(old.header.accounts.joined(separator: ", ")), the other of "
                    + "\(new.header.accounts.joined(separator: ", ")); give two that have an account in common")
        }
        let regions = Shared(old.header.regions, new.header.regions)
        let narrower = accounts.both.sorted().flatMap { account in
            regions.both.sorted().filter { region in
                old.header.covers(account, region) != new.header.covers(account, region)
            }.map { "\(account) in \($0)" }
        }
        leftOut = accounts.one.sorted() + regions.one.sorted() + narrower
        comparesCallers = (old.header.events == nil) == (new.header.events == nil)
        let callers = old.header.events != nil && new.header.events != nil
        let lacks = old.header.lacks.union(new.header.lacks)
        let sides = (
            old: try Self.things(old, besides: new, without: lacks, callers: callers),
            new: try Self.things(new, besides: old, without: lacks, callers: callers)
        )
        let gaps = (old: Self.gaps(old), new: Self.gaps(new))
        let asked = (old: Self.lookedUp(old), new: Self.lookedUp(new))
        var changes: [Change] = []
        var untold = 0
        for identity in Set(sides.old.keys).union(sides.new.keys)
        where [old, new].allSatisfy({ $0.header.covers(identity.account, identity.region) }) {
            let (before, after) = (sides.old[identity], sides.new[identity])
            guard before != after else { continue }
            let isUnread = (
                old: identity.isAmong(gaps.old) || identity.isBeside(asked.old),
                new: identity.isAmong(gaps.new) || identity.isBeside(asked.new)
            )
            let change = identity.change(before, after, unread: isUnread, sameAccounts: accounts.one.isEmpty)
            if let change { changes.append(change) } else { untold += 1 }
        }
        self.changes = changes.sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
        self.untold = untold
    }

    private static func order(_ change: Change) -> [String] {
        [change.kind, change.region, change.subject.text, change.setting ?? ""]
    }

    private static func gaps(_ snapshot: InventorySnapshot) -> Set<Gap> {
        Set(
            // Where an account was looked at is in the header.
            snapshot.unread.filter { $0.operation != EnabledRegions.operation }.map {
                Gap(
                    service: $0.service, account: $0.account, region: $0.region, resource: $0.resource,
                    isOfEvents: $0.service == CallerLookup.service && $0.operation != CallerLookup.operation)
            })
    }

    /// The keys whose callers were looked up; nil where whatever exported events had was counted.
    private static func lookedUp(_ snapshot: InventorySnapshot) -> Set<OutsideText>? {
        snapshot.header.events?.since == nil ? nil : Set(KeySelection(snapshot).lookedUp)
    }

    /// By what they are the same in two snapshots.
    ///
    /// - Parameters:
    ///   - lacks: Members of references that not both can have.
    ///   - callers: Whether callers were looked for in both.
    private static func things(
        _ snapshot: InventorySnapshot, besides other: InventorySnapshot, without lacks: Set<String>, callers: Bool
    ) throws -> [Identity: JSONValue] {
        var things: [Identity: JSONValue] = [:]
        func add(_ identity: Identity, _ value: some Codable) throws {
            var value = try CanonicalJSON.parse(try CanonicalJSON.encode(value))
            if identity.kind == "reference", case .object(let members) = value {
                value = .object(members.filter { !lacks.contains($0.key) })
            }
            // A resource may have one setting more than once.
            if case .array(let others) = things[identity] {
                things[identity] = .array(others + [value])
            } else {
                things[identity] = things[identity].map { .array([$0, value]) } ?? value
            }
        }
        let kms = KeyReader.service.name
        for var key in snapshot.keys {
            // When it was used last is another each time.
            (key.lastUsed, key.lastOperation) = (nil, nil)
            try add(Identity("key", kms, key.account, key.region, key.arn), key)
        }
        for alias in snapshot.aliases {
            try add(Identity("alias", kms, alias.account, alias.region, alias.arn), alias)
        }
        for reference in KeyReference.once(snapshot.references, besides: other.references) {
            try add(
                Identity(
                    "reference", reference.service, reference.account, reference.region, reference.resource,
                    reference.setting),
                reference)
        }
        for caller in InventoryCaller.merged(callers ? snapshot.callers : []) {
            let key = caller.key ?? caller.names
            try add(
                Identity(
                    "caller", CallerLookup.service, caller.account, caller.region, caller.caller,
                    PercentEncoding.encode(key.text), told: key),
                Operations(operations: caller.operations))
        }
        return things
    }

    /// What of a caller is compared: how often and when it called is another each time.
    private struct Operations: Codable {
        let operations: [OutsideText]
    }

    /// What two lists have in common, and what only one of them has.
    private struct Shared {
        let both: Set<String>
        let one: Set<String>

        init(_ old: [String], _ new: [String]) {
            both = Set(old).intersection(new)
            one = Set(old).symmetricDifference(new)
        }
    }

    private struct Gap: Hashable {
        let service: String
        let account: String
        let region: String
        /// nil for a listing, in which anything may have stood.
        let resource: OutsideText?
        /// Whether it is of exported events, in which any caller may have stood.
        var isOfEvents = false
    }

    private struct Identity: Hashable {
        let kind: String
        let service: String
        let account: String
        let region: String
        let subject: OutsideText
        let setting: String?
        /// Whatever could not be read where this was not told.
        private let told: OutsideText

        init(
            _ kind: String, _ service: String, _ account: String, _ region: String, _ subject: OutsideText,
            _ setting: String? = nil, told: OutsideText? = nil
        ) {
            self.told = told ?? subject
            self.kind = kind
            self.service = service
            self.account = account
            self.region = region
            self.subject = subject
            self.setting = setting
        }

        func isAmong(_ gaps: Set<Gap>) -> Bool {
            // Events of whatever account and Region, and a key whose callers could not all be looked up.
            if kind == "caller", gaps.contains(where: { $0.service == service && $0.isOfEvents }) { return true }
            return [nil, told].contains {
                gaps.contains(Gap(service: service, account: account, region: region, resource: $0))
            }
        }

        /// Whether it is a caller of a key that nobody looked up.
        func isBeside(_ keys: Set<OutsideText>?) -> Bool { kind == "caller" && keys?.contains(told) == false }

        /// - Parameters:
        ///   - unread: On which side it, or some of it, could not be read.
        ///   - sameAccounts: Whether both snapshots are of the same accounts.
        /// - Returns: nil where what is absent may be there.
        func change(
            _ old: JSONValue?, _ new: JSONValue?, unread: (old: Bool, new: Bool), sameAccounts: Bool
        ) -> Change? {
            guard !(old == nil && unread.old), !(new == nil && unread.new) else { return nil }
            // What else it called may stand in what was not read of it.
            if kind == "caller", old != nil, new != nil, unread.old || unread.new { return nil }
            var members: [String: Sides] = [:]
            let (old, new) = Self.comparable(old, new)
            if old == new { return nil }
            switch (old, new) {
            case (.object(let old)?, .object(let new)?):
                for name in Set(old.keys).union(new.keys) where old[name] != new[name] {
                    guard !(old[name] == nil && unread.old), !(new[name] == nil && unread.new) else { continue }
                    members[name] = Sides(old: old[name], new: new[name])
                }
                // A key of an account that only one of them is of.
                if !sameAccounts, [old, new].contains(where: { $0["standing"] == .string("other-account") }) {
                    members["standing"] = nil
                    members["key"] = nil
                }
                if members.isEmpty { return nil }
            case (_?, _?): members[setting ?? kind] = Sides(old: old, new: new)
            default: break
            }
            return Change(
                what: old == nil ? .added : new == nil ? .removed : .changed, kind: kind, region: region,
                subject: subject, setting: setting, uses: old == nil || new == nil ? Self.uses(new ?? old) : [],
                members: members)
        }

        /// Both, without what KMS told of only one of them: where a name leads, and whether the key is there.
        private static func comparable(_ old: JSONValue?, _ new: JSONValue?) -> (JSONValue?, JSONValue?) {
            guard let old, let new else { return (old, new) }
            let all = things(old) + things(new)
            guard all.contains(where: { $0["standing"] == .string(KeyReference.Standing.notRead.rawValue) }) else {
                return (old, new)
            }
            let isUnresolved = all.contains { $0["key"] == nil }
            func bare(_ value: JSONValue) -> JSONValue {
                switch value {
                case .object(var members):
                    members["standing"] = nil
                    if isUnresolved { members["key"] = nil }
                    return .object(members)
                case .array(let all): return .array(all.map(bare))
                default: return value
                }
            }
            return (bare(old), bare(new))
        }

        /// Of a reference, whose lines alone tell whether they follow.
        private static func uses(_ value: JSONValue?) -> [Use] {
            func text(_ value: JSONValue?) -> OutsideText? {
                guard case .string(let text) = value else { return nil }
                return (try? PercentEncoding.decode(text)).map(OutsideText.init)
            }
            return (value.map(things) ?? []).compactMap { members in
                guard case .bool(let follows) = members["followsAlias"] else { return nil }
                return Use(names: text(members["names"]), key: text(members["key"]), followsAlias: follows)
            }
        }

        /// A thing, or each of those that are the same by their identity.
        private static func things(_ value: JSONValue) -> [[String: JSONValue]] {
            switch value {
            case .object(let members): [members]
            case .array(let all): all.flatMap(things)
            default: []
            }
        }
    }
}
