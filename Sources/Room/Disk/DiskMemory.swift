package import Ceremony
import Evidence
import Foundation
import Glibc

/// What one key, or this host, saw of ceremonies: a file a ceremony, in a folder of the owner's.
package struct DiskMemory: MemoryPort {
    private let root: String
    private let owner: String

    /// - Parameters:
    ///   - folder: The machine's memory, made when it is first needed.
    ///   - owner: Whose memory it is; fit for a file's name.
    package init(folder: String, owner: String) {
        root = folder
        self.owner = owner
    }

    package func recall(_ ceremony: String) throws -> [Sighting] {
        guard access(root, F_OK) == 0 else { return [] }
        let folder = try DiskFolder(at: root)
        guard let bytes = try folder.readIfPresent(path(of: ceremony)) else { return [] }
        return try bytes.split(separator: UInt8(ascii: "\n")).map {
            try CanonicalJSON.decode(Sighting.self, from: Array($0))
        }
    }

    package func remember(_ sighting: Sighting) throws {
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let folder = try DiskFolder(at: root)
        try locked {
            let sightings = try recall(sighting.ceremony).filter { $0 != sighting } + [sighting]
            let lines = try sightings.map { try CanonicalJSON.encode($0) + [UInt8(ascii: "\n")] }
            try folder.write(Array(lines.joined()), to: path(of: sighting.ceremony))
        }
    }

    /// Whoever remembers at the same time waits: neither may write over what the other saw.
    private func locked(_ body: () throws -> Void) throws {
        let folder = "\(root)/\(owner)"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw DiskError("make the folder", folder) }
        let file = try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY)
        try file.lock()
        try body()
    }

    private func path(of ceremony: String) -> String { "\(owner)/\(ceremony).jsonl" }
}
