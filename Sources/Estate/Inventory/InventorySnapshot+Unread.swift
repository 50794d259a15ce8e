import Evidence
import Foundation

extension InventorySnapshot {
    /// What a snapshot in a file could not read; memory holds nothing else of it.
    ///
    /// - Returns: nil where that cannot be told.
    package static func unread(inFileAt path: String) -> [InventoryGap]? {
        let mark = Data(#""kind":"unread""#.utf8)
        var gaps: [InventoryGap] = []
        do {
            try FileLines.each(at: path) { line in
                guard Data(line).range(of: mark) != nil else { return }
                gaps.append(try CanonicalJSON.decode(Line<InventoryGap>.self, from: Array(line)).value)
            }
        } catch { return nil }
        return gaps
    }
}
