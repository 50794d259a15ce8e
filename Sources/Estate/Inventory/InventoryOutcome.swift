import Evidence

/// What a reading comes to: a snapshot of which memory need not hold the references.
package struct InventoryOutcome: Sendable {
    /// Hands over each reference, sorted; may be called again, and reads them again then.
    package typealias References = @Sendable (_ body: (KeyReference) throws -> Void) throws -> Void

    /// All but the references.
    package let rest: InventorySnapshot
    /// How many references there are.
    package let referenceCount: Int
    private let references: References

    /// Bytes that are handed over at a time.
    private static let piece = 64 << 10

    /// - Parameters:
    ///   - rest: All but the references.
    ///   - references: Hands over each, in a snapshot's order, and the same each time.
    init(_ rest: InventorySnapshot, count: Int, _ references: @escaping References) {
        (self.rest, referenceCount, self.references) = (rest, count, references)
    }

    package init(_ snapshot: InventorySnapshot) {
        rest = InventorySnapshot(snapshot, references: [])
        referenceCount = snapshot.references.count
        references = { body in for reference in snapshot.references { try body(reference) } }
    }

    /// Each reference, in a snapshot's order.
    ///
    /// - Throws: What `body` throws; `EstateError` where they cannot be read back.
    package func eachReference(_ body: (KeyReference) throws -> Void) throws { try references(body) }

    /// All of it in memory.
    ///
    /// - Throws: `EstateError` where the references cannot be read back.
    package func snapshot() throws -> InventorySnapshot {
        var all: [KeyReference] = []
        try references { all.append($0) }
        return InventorySnapshot(rest, references: all)
    }

    // MARK: Written down

    /// JSON Lines, each canonical: the header, then keys, aliases, references, callers, what could not be read, and the end.
    ///
    /// - Parameter write: Gets some of the bytes at a time.
    /// - Throws: What `write` throws; `CanonicalJSONError`; `EstateError` where the references cannot be read back.
    package func lines(to write: ([UInt8]) throws -> Void) throws {
        var bytes = try CanonicalJSON.encode(rest.header) + [UInt8(ascii: "\n")]
        func add(_ kind: String, _ value: some Codable) throws {
            bytes += try CanonicalJSON.encode(InventorySnapshot.Line(kind: kind, value: value))
            bytes.append(UInt8(ascii: "\n"))
            if bytes.count >= Self.piece { try flush() }
        }
        func flush() throws {
            try write(bytes)
            bytes.removeAll(keepingCapacity: true)
        }
        for key in rest.keys { try add("key", key) }
        for alias in rest.aliases { try add("alias", alias) }
        try references { try add("reference", $0) }
        for caller in rest.callers { try add("caller", caller) }
        for gap in rest.unread { try add("unread", gap) }
        if rest.header.isCounted {
            let others = rest.keys.count + rest.aliases.count + rest.callers.count + rest.unread.count
            try add(InventorySnapshot.End.kind, InventorySnapshot.End(lines: 1 + others + referenceCount))
        }
        try flush()
    }

    /// Of the one object, what stands before the references.
    private struct Before: Encodable {
        let accounts: [String]
        let aliases: [KeyAlias]
        let at: Timestamp
        let callers: [InventoryCaller]
        let events: EventsSeen?
        let keys: [InventoryKey]
        let narrower: [InventorySnapshot.Narrower]?
        let partition: String
    }

    /// What stands behind them.
    private struct After: Encodable {
        let regions: [String]
        let schema: String
        let unread: [InventoryGap]
    }

    /// The same as one canonical object.
    ///
    /// - Parameter write: Gets some of the bytes at a time.
    /// - Throws: What `write` throws; `CanonicalJSONError`; `EstateError` where the references cannot be read back.
    package func object(to write: ([UInt8]) throws -> Void) throws {
        let header = rest.header
        let before = Before(
            accounts: header.accounts, aliases: rest.aliases, at: header.at, callers: rest.callers,
            events: header.events, keys: rest.keys, narrower: header.narrower, partition: header.partition)
        let after = After(regions: header.regions, schema: header.schema, unread: rest.unread)
        var bytes = try CanonicalJSON.encode(before).dropLast() + Array(#","references":["#.utf8)
        var isFirst = true
        try references { reference in
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes += try CanonicalJSON.encode(reference)
            guard bytes.count >= Self.piece else { return }
            try write(Array(bytes))
            bytes.removeAll(keepingCapacity: true)
        }
        try write(bytes + Array("],".utf8) + CanonicalJSON.encode(after).dropFirst())
    }
}

extension InventorySnapshot {
    /// The same with other references, which are in their order.
    fileprivate init(_ other: InventorySnapshot, references: [KeyReference]) {
        header = other.header
        (keys, aliases, callers, unread) = (other.keys, other.aliases, other.callers, other.unread)
        self.references = references
    }
}
