import Estate
import Foundation
import Testing

@Suite("The snapshots that scripts/fuzz begins with")
struct KeptSnapshotsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../DecodersTests/Findings").standardizedFileURL

    @Test(
        "are read, with something of every kind in them, or it would get no further than their first line",
        arguments: 1...3)
    func version(_ version: Int) throws {
        let file = Self.folder.appending(path: "snapshot-version-\(version)")
        let snapshot = try InventorySnapshot(Array(try Data(contentsOf: file)), from: file.lastPathComponent)
        #expect(snapshot.header.schema == "keyrite.inventory/\(version)")
        #expect(snapshot.header.narrower?.isEmpty == false && snapshot.header.events != nil)
        #expect(snapshot.keys.contains { $0.materials != nil && $0.grants != nil && $0.tags != nil })
        #expect(snapshot.keys.contains { $0.related != nil } && !snapshot.aliases.isEmpty)
        #expect(!snapshot.references.isEmpty && !snapshot.callers.isEmpty && !snapshot.unread.isEmpty)
    }
}
