import AWS
package import Evidence

/// What became of an account between two snapshots.
///
/// Only what both looked at is compared: what one of them could not read is neither new nor gone.
package struct InventoryDiff: Sendable {
    package struct Change: Hashable, Sendable {
        package enum What: String, Sendable {
            case added
            case removed
            case changed
        }

        package let what: What
        /// As the lines of a snapshot have it: `key`, `alias`, `reference`.
        package let kind: String
        package let region: String
        /// The ARN of key, alias or resource.
        package let subject: OutsideText
        /// Of a reference, which of the resource's settings.
        package let setting: String?
        /// By the member's name, each as the snapshots have it; nil where one lacks it. None of what was added or removed.
        package let members: [String: Sides]
    }

    package struct Sides: Hashable, Sendable {
        package let old: JSONValue?
        package let new: JSONValue?
    }

    /// By kind, Region, subject and setting.
    package let changes: [Change]
    /// Regions that only one of the two has.
    package let leftOut: [String]
    /// What stands in only one of the two, where the other could not read its service in its Region.
    package let untold: Int

    /// - Throws: `EstateError` for snapshots of two accounts; `CanonicalJSONError`.
    package init(from old: InventorySnapshot, to new: InventorySnapshot) throws {
        guard (old.header.account, old.header.partition) == (new.header.account, new.header.partition) else {
            throw EstateError(
                "the snapshots", "one is of \(old.header.account), the other of \(new.header.account); give two of one")
        }
        let both = Set(old.header.regions).intersection(new.header.regions)
        leftOut = Set(old.header.regions).symmetricDifference(new.header.regions).sorted()
        let sides = (old: try Self.things(old), new: try Self.things(new))
        let gaps = (old: Self.gaps(old), new: Self.gaps(new))
        var changes: [Change] = []
        var untold = 0
        for identity in Set(sides.old.keys).union(sides.new.keys) where both.contains(identity.region) {
            let (before, after) = (sides.old[identity], sides.new[identity])
            guard before != after else { continue }
            let isUnread = (old: identity.isAmong(gaps.old), new: identity.isAmong(gaps.new))
            let change = identity.change(before, after, unread: isUnread)
            if let change { changes.append(change) } else { untold += 1 }
        }
        self.changes = changes.sorted { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
        self.untold = untold
    }

    private static func order(_ change: Change) -> [String] {
        [change.kind, change.region, change.subject.text, change.setting ?? ""]
    }

    private static func gaps(_ snapshot: InventorySnapshot) -> Set<Gap> {
        Set(snapshot.unread.map { Gap(service: $0.service, region: $0.region, resource: $0.resource) })
    }

    /// By what they are the same in two snapshots.
    private static func things(_ snapshot: InventorySnapshot) throws -> [Identity: JSONValue] {
        var things: [Identity: JSONValue] = [:]
        func add(_ identity: Identity, _ value: some Codable) throws {
            let value = try CanonicalJSON.parse(try CanonicalJSON.encode(value))
            // A resource may have one setting more than once.
            if case .array(let others) = things[identity] {
                things[identity] = .array(others + [value])
            } else {
                things[identity] = things[identity].map { .array([$0, value]) } ?? value
            }
        }
        let kms = KeyReader.service.name
        for key in snapshot.keys { try add(Identity("key", kms, key.region, key.arn), key) }
        for alias in snapshot.aliases { try add(Identity("alias", kms, alias.region, alias.arn), alias) }
        for reference in snapshot.references {
            try add(
                Identity("reference", reference.service, reference.region, reference.resource, reference.setting),
                reference)
        }
        return things
    }

    private struct Gap: Hashable {
        let service: String
        let region: String
        /// nil for a listing, in which anything may have stood.
        let resource: OutsideText?
    }

    private struct Identity: Hashable {
        let kind: String
        let service: String
        let region: String
        let subject: OutsideText
        let setting: String?

        init(_ kind: String, _ service: String, _ region: String, _ subject: OutsideText, _ setting: String? = nil) {
            self.kind = kind
            self.service = service
            self.region = region
            self.subject = subject
            self.setting = setting
        }

        func isAmong(_ gaps: Set<Gap>) -> Bool {
            gaps.contains(Gap(service: service, region: region, resource: nil))
                || gaps.contains(Gap(service: service, region: region, resource: subject))
        }

        /// - Parameter unread: On which side it, or some of it, could not be read.
        /// - Returns: nil where what is absent may be there.
        func change(_ old: JSONValue?, _ new: JSONValue?, unread: (old: Bool, new: Bool)) -> Change? {
            guard !(old == nil && unread.old), !(new == nil && unread.new) else { return nil }
            var members: [String: Sides] = [:]
            switch (old, new) {
            case (.object(let old)?, .object(let new)?):
                for name in Set(old.keys).union(new.keys) where old[name] != new[name] {
                    guard !(old[name] == nil && unread.old), !(new[name] == nil && unread.new) else { continue }
                    members[name] = Sides(old: old[name], new: new[name])
                }
                if members.isEmpty { return nil }
            case (_?, _?): members[setting ?? kind] = Sides(old: old, new: new)
            default: break
            }
            return Change(
                what: old == nil ? .added : new == nil ? .removed : .changed, kind: kind, region: region,
                subject: subject, setting: setting, members: members)
        }
    }
}
