import AWS
package import Estate
import Evidence
import Foundation

/// What is said at the end of a reading that wrote a snapshot.
package struct InventoryEnding {
    private let snapshot: InventorySnapshot
    private let older: SnapshotGlance?
    private var passing: [InventoryGap] { snapshot.unread.filter(\.canPass) }

    /// - Parameter older: What the snapshot took the place of.
    package init(_ snapshot: InventorySnapshot, older: SnapshotGlance?) {
        (self.snapshot, self.older) = (snapshot, older)
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
        guard let older, let what = older.differs(from: snapshot.header) else { return [] }
        return ["\(Printable.text(out)) was a snapshot of other \(what), read \(older.at): it is replaced."]
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
    fileprivate var at: Evidence.Timestamp { header.at }

    /// nil where there is none, or none that can be told.
    package init?(at path: String) {
        guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: 1 << 20),
            let header = try? JSONDecoder().decode(Header.self, from: bytes.prefix { $0 != UInt8(ascii: "\n") })
        else { return nil }
        self.header = header
    }

    /// "accounts", "Regions" or both; nil where it is of the same.
    fileprivate func differs(from other: InventorySnapshot.Header) -> String? {
        let what = [
            header.accounts == other.accounts ? nil : "accounts", header.regions == other.regions ? nil : "Regions",
        ].compactMap(\.self)
        return what.isEmpty ? nil : what.joined(separator: " and ")
    }
}
