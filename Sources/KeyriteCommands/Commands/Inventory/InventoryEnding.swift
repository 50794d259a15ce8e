import AWS
package import Estate
import Evidence
import Foundation

/// What is said at the end of a reading that wrote a snapshot.
package struct InventoryEnding {
    private let snapshot: InventorySnapshot
    private let older: SnapshotGlance?
    /// Where the older one is kept, and what it has that could not be read this time.
    private let keptAs: String?
    private let lost: [InventoryGap]
    private var passing: [InventoryGap] { snapshot.unread.filter(\.canPass) }

    /// - Parameters:
    ///   - older: What the snapshot took the place of.
    ///   - keptAs: Where that is kept; nil where it is not.
    ///   - lost: What it has that could not be read this time.
    package init(
        _ snapshot: InventorySnapshot, older: SnapshotGlance?, keptAs: String? = nil, lost: [InventoryGap] = []
    ) {
        (self.snapshot, self.older, self.keptAs, self.lost) = (snapshot, older, keptAs, lost)
    }

    /// Whether something could not be read that may be the next time: then the rest need not be read again.
    package var keepsParts: Bool { !passing.isEmpty }

    /// - Parameters:
    ///   - out: Where the snapshot is.
    ///   - parts: Where its parts are.
    ///   - afresh: Whether older parts were thrown away by this command.
    package func words(of out: String, _ parts: String?, afresh: Bool) -> [String] {
        replaced(out) + again(parts, afresh: afresh)
    }

    private func replaced(_ out: String) -> [String] {
        guard let older else { return [] }
        if let keptAs { return [words(ofKept: older, as: keptAs)] }
        guard let what = older.differs(from: snapshot.header) else { return [] }
        return ["\(Printable.text(out)) was a snapshot of other \(what), read \(older.at): it is replaced."]
    }

    private func words(ofKept older: SnapshotGlance, as path: String) -> String {
        let first = lost.first.map { "\($0.service) \($0.operation) in \($0.account) \($0.region)" } ?? "some of it"
        let more = lost.count > 1 ? ", and \(lost.count - 1) more" : ""
        return "The snapshot that was there, read \(older.at), has what could not be read this time "
            + "(\(Printable.text(first))\(more)): it is kept as \(Printable.text(path))."
    }

    private func again(_ parts: String?, afresh: Bool) -> [String] {
        guard keepsParts, let parts else { return [] }
        let command = afresh ? "The same command without --afresh" : "The same command"
        let count = passing.count == 1 ? "1 thing" : "\(passing.count) things"
        var lines = [
            "\(count) could not be read that may be the next time. \(command) asks for these again, and takes over the rest "
                + "from \(Printable.text(parts)), as it was read now; --afresh reads all of it."
        ]
        if passing.contains(where: \.isOfEndedCredentials) {
            lines.append("Credentials ended before all was read: get new ones first.")
        }
        return lines
    }
}

/// What stands at the head of a snapshot that is about to be replaced.
package struct SnapshotGlance {
    private struct Header: Decodable {
        let accounts: [String]
        let regions: [String]
        let at: Evidence.Timestamp
    }

    private let header: Header
    private let path: String
    fileprivate var at: Evidence.Timestamp { header.at }

    /// nil where there is none, or none that can be told.
    package init?(at path: String) {
        guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: 1 << 20),
            let header = try? JSONDecoder().decode(Header.self, from: bytes.prefix { $0 != UInt8(ascii: "\n") })
        else { return nil }
        (self.header, self.path) = (header, path)
    }

    /// With which it is kept, at the end of its name: when it was read.
    package var suffix: String { at.description.filter { $0.isLetter || $0.isNumber } }

    /// What it has and a newer one could not read: a gap of each operation, account and Region that it read whole.
    package func lost(by newer: InventorySnapshot) -> [InventoryGap] {
        struct Kind: Hashable { let service, account, region, operation: String }
        func kind(_ gap: InventoryGap) -> Kind {
            Kind(service: gap.service, account: gap.account, region: gap.region, operation: gap.operation)
        }
        let gaps = newer.unread.filter { gap in
            // What is gone, or more than is looked at, no reading would have; what is entered is of every Region.
            ![.gone, .tooMany].contains(gap.reason) && header.accounts.contains(gap.account)
                && (header.regions.contains(gap.region) || ["sts", "organizations"].contains(gap.service))
        }
        guard !gaps.isEmpty else { return [] }
        let before = InventorySnapshot.unread(inFileAt: path) ?? []
        let missed = Set(before.map(kind))
        let unasked = Set(before.filter(\.isOfAll).compactMap(\.resource))
        var seen = missed
        return gaps.filter { gap in
            // Of what it could not even list, or describe, it read nothing.
            let listing = gap.listing.map {
                Kind(service: gap.service, account: gap.account, region: gap.region, operation: $0)
            }
            guard !(listing.map(missed.contains) ?? false), !(gap.resource.map(unasked.contains) ?? false) else {
                return false
            }
            return seen.insert(kind(gap)).inserted
        }
    }

    /// "accounts", "Regions" or both; nil where it is of the same.
    fileprivate func differs(from other: InventorySnapshot.Header) -> String? {
        let what = [
            header.accounts == other.accounts ? nil : "accounts", header.regions == other.regions ? nil : "Regions",
        ].compactMap(\.self)
        return what.isEmpty ? nil : what.joined(separator: " and ")
    }
}
