import Evidence
import Foundation
import Glibc

/// CloudTrail's events as they lie on a disk: single files or whole folders, such as a copy of a bucket's prefix.
///
/// They are read one after the other, and each piece by piece, so that a million events need no more memory than one.
package struct EventFiles {
    /// The files with events, in the order in which they are read.
    package private(set) var paths: [String] = []
    /// What may have events, and was not read.
    package private(set) var leftOut: [EstateError] = []

    private static let pieceSize = 1 << 18
    /// Deeper than any trail's folders.
    private static let deepest = 64
    private static let endings = [".json", ".json.gz", ".jsonl", ".jsonl.gz", ".gz"]

    /// - Parameter places: Files and folders. Folders are searched whole; a link in one is left out.
    /// - Throws: `EstateError` for a place that is not there, cannot be read whole, or has no events.
    package init(at places: [String]) throws {
        for place in places {
            let before = paths.count
            // A place that was named may be a link, and is what it leads to.
            guard let target = realpath(place, nil) else {
                throw EstateError(place, "there is no such file or folder; name events that were exported")
            }
            defer { free(target) }
            let path = String(cString: target)
            if try Self.kind(of: path) == S_IFDIR { try search(path, depth: 0) } else { paths.append(path) }
            guard paths.count > before else {
                throw EstateError(place, "there are no events in it: CloudTrail's end in .json or .json.gz")
            }
        }
    }

    private mutating func search(_ folder: String, depth: Int) throws {
        guard depth < Self.deepest else { throw EstateError(folder, "it lies over \(Self.deepest) folders deep") }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw EstateError(folder, "it cannot be read: \(error.localizedDescription)")
        }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let path = folder + "/" + name
            switch try Self.kind(of: path) {
            case S_IFDIR:
                // Of a trail's own folders these have no events.
                guard name != "CloudTrail-Digest", !name.hasPrefix("CloudTrail-Insight") else { continue }
                try search(path, depth: depth + 1)
            case S_IFREG where Self.endings.contains(where: name.hasSuffix): paths.append(path)
            case S_IFREG: leftOut.append(EstateError(path, "not read: its name is none of CloudTrail's"))
            default: leftOut.append(EstateError(path, "not read: it is a link or a device, and no file"))
            }
        }
    }

    /// What a path is by itself: `S_IFDIR` and the like, inode(7).
    private static func kind(of path: String) throws -> mode_t {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw EstateError(path, "it cannot be looked at: \(String(cString: strerror(errno)))")
        }
        return status.st_mode & S_IFMT
    }

    /// Reads all files.
    ///
    /// - Parameter take: Gets each record, the file it lies in, and the record's number there, from 1; the bytes are valid
    ///   only meanwhile.
    /// - Returns: The files that are not what they should be, and so tell of nothing, not even that there were no events.
    /// - Throws: `EstateError` naming the file that cannot be read, and where; and what `take` throws.
    @discardableResult
    package func read(_ take: (UnsafeRawBufferPointer, String, Int) throws -> Void) throws -> [EstateError] {
        try paths.compactMap { path in
            var number = 0
            return try Self.read(path) { record in
                number += 1
                try take(record, path, number)
            }
        }
    }

    /// - Returns: Why the file tells of nothing; nil where it was read.
    private static func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws -> EstateError? {
        // Not to wait for a pipe that nobody writes to.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { throw EstateError(path, "it cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw EstateError(path, "it is no file; write the events to one")
        }
        var scanner = RecordScanner()
        do {
            if status.st_size == 0 { return EstateError(path, "not read: it is empty; fetch it again") }
            if try isPacked(file, path) {
                let gunzip = try Gunzip()
                try pieces(of: file, path) { piece in try gunzip.push(piece) { try scanner.push($0, take) } }
                guard gunzip.isWhole else { throw EstateError(path, "it ends before its gzip does: it was cut off") }
            } else if path.hasSuffix(".gz") {
                return EstateError(
                    path,
                    "not read: it is no gzip, as its name says; fetch it again, or name it .json if it was unpacked")
            } else {
                try pieces(of: file, path) { try scanner.push($0, take) }
            }
            try scanner.end()
            // CloudTrail writes no file without events, and LookupEvents answers with a list of none.
            return scanner.hasDocument ? nil : EstateError(path, "not read: nothing is in it; fetch it again")
        } catch let error as Gunzip.Malformed {
            throw EstateError(path, "\(error.reason); fetch it again")
        } catch let error as RecordScanner.Malformed {
            throw EstateError(path, "byte \(error.offset): \(error.reason); is it what CloudTrail wrote?")
        }
    }

    /// Whether it begins as gzip does (RFC 1952, 2.3.1); a name can leave that out.
    private static func isPacked(_ file: Int32, _ path: String) throws -> Bool {
        var magic: [UInt8] = [0, 0]
        let count = pread(file, &magic, 2, 0)
        guard count >= 0 else { throw EstateError(path, "it cannot be read: \(String(cString: strerror(errno)))") }
        return count == 2 && magic == [0x1F, 0x8B]
    }

    private static func pieces(
        of file: Int32, _ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
        defer { room.deallocate() }
        while true {
            let count = Glibc.read(file, room.baseAddress, room.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw EstateError(path, "it cannot be read: \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { return }
            try take(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }
}
