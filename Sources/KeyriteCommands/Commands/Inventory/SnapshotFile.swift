import Estate
import Foundation

/// An inventory's snapshot in a file, with the bytes that it was read from.
struct SnapshotFile {
    let snapshot: InventorySnapshot
    let bytes: [UInt8]

    /// - Throws: `EstateError` where there is none that can be read, or it is not as Keyrite writes one.
    init(at path: String) throws {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard let size, size <= InventorySnapshot.limit, let data = FileManager.default.contents(atPath: path) else {
            throw EstateError(path, "it cannot be read; check the path, its permissions and its size")
        }
        bytes = [UInt8](data)
        snapshot = try InventorySnapshot(bytes, from: path)
    }
}
