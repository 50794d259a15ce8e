package import Evidence

/// What was read of accounts: their keys, their aliases, what refers to them, and what could not be read.
package struct InventorySnapshot: Hashable, Sendable {
    package static let schema = "keyrite.inventory/3"
    /// It has no algorithms of buckets, nor when secrets were scheduled for deletion, and no last line that counts the others. It is read, and written again as it was.
    package static let olderSchema = "keyrite.inventory/2"
    /// The same, and it has no clusters of instances, and a caller once for each name of a key.
    package static let oldestSchema = "keyrite.inventory/1"

    /// The first line. Nothing else says when.
    package struct Header: Codable, Hashable, Sendable {
        package let schema: String
        /// Those that were read, if only in part; sorted.
        package let accounts: [String]
        package let partition: String
        /// Sorted.
        package let regions: [String]
        /// Accounts that were not looked at in all of these, sorted; absent where there are none.
        package let narrower: [Narrower]?
        /// When the reading began, by this machine's clock.
        package let at: Timestamp
        /// The events in which callers were looked for; absent where none were given.
        package let events: EventsSeen?

        /// - Parameter accounts: Each once, sorted by id.
        init(
            accounts: [InventoryAccount], partition: String, at time: Timestamp, events: EventsSeen?
        ) {
            schema = InventorySnapshot.schema
            self.accounts = accounts.map(\.id)
            self.partition = partition
            let regions = Set(accounts.flatMap(\.regions)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            self.regions = regions
            let narrower = accounts.filter { $0.regions != regions }
                .map { Narrower(account: $0.id, regions: $0.regions) }
            self.narrower = narrower.isEmpty ? nil : narrower
            at = time
            self.events = events
        }

        /// Whether instances of RDS say which cluster they are of.
        package var knowsClusters: Bool { !lacks.contains("cluster") }

        /// Members of references that snapshots of its version have not.
        var lacks: Set<String> {
            switch schema {
            case InventorySnapshot.oldestSchema: ["algorithm", "cluster", "deleted"]
            case InventorySnapshot.olderSchema: ["algorithm", "deleted"]
            default: []
            }
        }

        /// Whether secrets say that they are scheduled for deletion.
        package var knowsDeletedSecrets: Bool { !lacks.contains("deleted") }

        /// Whether a last line counts the others.
        var isCounted: Bool { schema == InventorySnapshot.schema }

        /// Whether a caller stands once for a key.
        var mergesCallers: Bool { schema != InventorySnapshot.oldestSchema }

        /// Whether an account was looked at in a Region, if only in part.
        func covers(_ account: String, _ region: String) -> Bool {
            accounts.contains(account)
                && (narrower?.first { $0.account == account }?.regions ?? regions).contains(region)
        }
    }

    /// Where an account was looked at that was not in all Regions.
    package struct Narrower: Codable, Hashable, Sendable {
        package let account: String
        /// Sorted.
        package let regions: [String]
    }

    package let header: Header
    /// By ARN.
    package let keys: [InventoryKey]
    /// By ARN.
    package let aliases: [KeyAlias]
    /// By service, account, Region, resource and setting.
    package let references: [KeyReference]
    /// By caller, account, Region and name of the key.
    package let callers: [InventoryCaller]
    /// By service, account, Region, operation and resource.
    package let unread: [InventoryGap]

    package init(
        header: Header, keys: Set<InventoryKey>, aliases: Set<KeyAlias>, references: Set<KeyReference>,
        callers: Set<InventoryCaller> = [], unread: Set<InventoryGap>
    ) {
        self.header = header
        // What two pages brought stands once; of two that differ, both stand.
        self.keys = Self.sorted(keys) { [$0.arn.text, $0.region] }
        self.aliases = Self.sorted(aliases) { [$0.arn.text] }
        self.references = KeyReference.sorted(references)
        self.callers = Self.sorted(callers) { [$0.caller.text, $0.account, $0.region, $0.names.text] }
        self.unread = Self.sorted(unread) {
            [$0.service, $0.account, $0.region, $0.operation, $0.resource?.text ?? "", $0.reason.rawValue]
                + [$0.code?.text ?? "", $0.message?.text ?? ""]
        }
    }

    static func sorted<T: Codable>(_ all: Set<T>, by names: (T) -> [String]) -> [T] {
        all.map { (names: names($0).map { Array($0.utf8) }, value: $0) }.sorted { one, other in
            for (left, right) in zip(one.names, other.names) where left != right {
                return left.lexicographicallyPrecedes(right)
            }
            // Two that differ in something else, such as two pages have it of a thing that changed between them.
            let bytes = (try? CanonicalJSON.encode(one.value), try? CanonicalJSON.encode(other.value))
            return (bytes.0 ?? []).lexicographicallyPrecedes(bytes.1 ?? [])
        }.map(\.value)
    }

    // MARK: Lines

    /// What a line of a kind holds, the kind beside it.
    struct Line<Value: Codable>: Codable {
        let kind: String
        let value: Value

        private enum CodingKeys: CodingKey { case kind }

        init(kind: String, value: Value) {
            (self.kind, self.value) = (kind, value)
        }

        init(from decoder: any Decoder) throws {
            kind = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .kind)
            value = try Value(from: decoder)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(kind, forKey: .kind)
            try value.encode(to: encoder)
        }
    }

    /// The last line: how many come before it, the header among them.
    struct End: Codable {
        static let kind = "end"
        let lines: Int
    }

    /// JSON Lines, each canonical: the header, then keys, aliases, references, callers, what could not be read, and the end.
    ///
    /// - Throws: `CanonicalJSONError`.
    package func lines() throws -> [UInt8] {
        var bytes: [UInt8] = []
        try InventoryOutcome(self).lines { bytes += $0 }
        return bytes
    }
}
