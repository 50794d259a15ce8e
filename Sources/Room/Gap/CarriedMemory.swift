package import Ceremony
import Evidence
import Foundation
import Glibc

/// How this host last had each ceremony's folder in its hands: a file a ceremony, outside every ceremony folder.
package struct CarriedMemory: Sendable {
    private let root: String

    /// - Parameter folder: This host's memory, made when it is first needed.
    package init(folder: String) { root = folder }

    /// - Returns: nil for a ceremony that this host never had.
    package func recall(_ ceremony: String) throws -> CarriedFolder? {
        guard access(root, F_OK) == 0 else { return nil }
        let path = Self.path(of: ceremony)
        guard let bytes = try DiskFolder(at: root).readIfPresent(path) else { return nil }
        do {
            let carried = try CanonicalJSON.decode(CarriedFolder.self, from: bytes, limit: Self.sizeLimit)
            guard carried.ceremony == ceremony else { throw EvidenceError(path, "it is of another ceremony") }
            return carried
        } catch {
            throw CeremonyError(
                .state, "What this host remembers of the folder, \(root)/\(path), cannot be read: \(error)",
                remedy: "Restore that file; without it nobody knows here whether the folder went back in time")
        }
    }

    /// Keeps it, durably, in place of what was kept of that ceremony before.
    package func remember(_ carried: CarriedFolder) throws {
        let bytes = try CanonicalJSON.encode(carried)
        try DiskMemory.keeping(in: root) {
            try DiskFolder.made(at: root).write(bytes, to: Self.path(of: carried.ceremony))
        }
    }

    /// As long as a transcript may be: 67 bytes a line of it.
    private static let sizeLimit = 64 << 20

    private static func path(of ceremony: String) -> String { "carried/\(ceremony).json" }
}
