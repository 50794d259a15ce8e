package import Ceremony
import Disk
import Evidence
import Foundation
import Glibc

/// What one key, or this host, saw of ceremonies: a file a ceremony, in a folder of the owner's.
package struct DiskMemory: MemoryPort {
    let root: String
    let owner: String

    /// - Parameters:
    ///   - folder: The machine's memory, made when it is first needed.
    ///   - owner: Whose memory it is; fit for a file's name.
    package init(folder: String, owner: String) {
        root = folder
        self.owner = owner
    }

    package func recall(_ ceremony: String) throws -> [Sighting] { try lines(of: path(of: ceremony)) }

    /// The lines of a file of this memory; none where there is no such file.
    ///
    /// - Throws: `CeremonyError` naming a line that somebody changed.
    func lines<Line: Codable>(of path: String) throws -> [Line] {
        guard access(root, F_OK) == 0 else { return [] }
        let folder = try DiskFolder(at: root)
        guard let bytes = try folder.readIfPresent(path) else { return [] }
        return try bytes.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
            do { return try CanonicalJSON.decode(Line.self, from: Array(line)) } catch {
                throw CeremonyError(
                    .environment, "\(root)/\(path), line \(index + 1), is not what Keyrite wrote: \(error)",
                    remedy:
                        "It is this machine's memory of what was signed and seen. Find out what changed it, and put it "
                        + "back from a copy; without one, sign on another machine, and let an exception say why")
            }
        }
    }

    package func remember(_ sighting: Sighting) throws {
        try locked {
            let folder = try DiskFolder(at: root)
            let known = try recall(sighting.ceremony)
            try Self.refuseConflict(of: sighting, with: known)
            let sightings = Self.kept(of: known, besides: sighting) + [sighting]
            let lines = try sightings.map { try CanonicalJSON.encode($0) + [UInt8(ascii: "\n")] }
            try folder.write(Array(lines.joined()), to: path(of: sighting.ceremony))
        }
    }

    /// Of one statement where it was first seen, and how far the transcript was last: each line holds all before it.
    private static func kept(of known: [Sighting], besides sighting: Sighting) -> [Sighting] {
        func isSame(_ other: Sighting) -> Bool {
            (other.gate, other.attempt, other.statement) == (sighting.gate, sighting.attempt, sighting.statement)
        }
        let same = known.filter(isSame).sorted { $0.seq < $1.seq }
        return known.filter {
            $0 != sighting && (!isSame($0) || $0 == same.first || $0.seq > sighting.seq)
        }
    }

    package func requireWritable() throws {
        try locked { try DiskFolder(at: root).requireWritable(path(of: "any")) }
    }

    /// Does what writes to a machine's memory. Who cannot write there must not be sent to another one, which remembers nothing.
    ///
    /// - Parameter root: The folder of the memory.
    /// - Throws: `CeremonyError` where it may not be written, or its disk is full.
    static func keeping<R>(in root: String, _ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as DiskError where error.isKeptFromWriting {
            throw CeremonyError(
                .state,
                "\(root) cannot be written (\(error.cause)): it is this machine's memory of what was signed and seen",
                remedy:
                    "Nothing more was signed or done. Have it written as it is: mount its disk for writing, make room there, or give its "
                    + "folders back to who runs this. Do not delete it and do not name an empty one in its place: what it says is "
                    + "all by which this machine notices a folder that went back in time. If its disk is to be replaced, copy "
                    + "all of it first (cp -a), and name the copy")
        }
    }

    /// Of two folders that were forked from one and looked at at the same time, the first that is remembered counts: were
    /// both kept, neither would be taken any more.
    private static func refuseConflict(of sighting: Sighting, with known: [Sighting]) throws {
        let other = known.first { other in
            (other.seq == sighting.seq && other.head != sighting.head)
                || (other.gate == sighting.gate && other.attempt == sighting.attempt
                    && other.statement != sighting.statement)
        }
        guard let other else { return }
        throw CeremonyError(
            .state,
            "Another folder of ceremony \(sighting.ceremony) was seen here meanwhile, with \(other.gate.rawValue), attempt "
                + "\(other.attempt), in its line \(other.seq)",
            remedy: "Nothing was remembered or signed here. Find out which of the two folders is the ceremony's")
    }

    /// Whoever remembers at the same time waits: neither may write over what the other saw.
    func locked(_ body: () throws -> Void) throws {
        try Self.keeping(in: root) { try lockedOnDisk(body) }
    }

    private func lockedOnDisk(_ body: () throws -> Void) throws {
        let folder = try DiskFolder.made(at: "\(root)/\(owner)").root
        // A file, open for writing: NFS, where a home may lie, locks nothing else.
        let file = try OpenFile(folder + "/.lock", flags: O_WRONLY | O_CREAT)
        try file.lock()
        try body()
    }

    private func path(of ceremony: String) -> String { "\(owner)/\(ceremony).jsonl" }
}
