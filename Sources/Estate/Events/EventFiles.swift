import Evidence
import Foundation
import Glibc

/// CloudTrail's events as they lie on a disk: single files or whole folders, such as a copy of a bucket's prefix.
///
/// They are read one after the other, and each piece by piece, so that a million events need no more memory than one.
package struct EventFiles {
    /// A file that is none of events, and was left out.
    package struct LeftOut: Hashable, Sendable {
        package let path: String
        package let reason: String
    }

    /// The files with events, in the order in which they are read.
    package private(set) var paths: [String] = []
    package private(set) var leftOut: [LeftOut] = []

    private static let pieceSize = 1 << 18
    private static let endings = [".json", ".json.gz", ".jsonl", ".jsonl.gz", ".gz"]

    /// - Parameter places: Files and folders. Folders are searched whole; links in them are not followed.
    /// - Throws: `EstateError` for a place that is not there, or has no events.
    package init(at places: [String]) throws {
        for place in places { try add(place) }
        guard !paths.isEmpty else {
            throw EstateError(
                places.joined(separator: ", "), "there are no events in it: CloudTrail's end in .json or .json.gz")
        }
    }

    private mutating func add(_ place: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) else {
            throw EstateError(place, "there is no such file or folder; name events that were exported")
        }
        guard isFolder.boolValue else { return paths.append(place) }
        var failure: (any Error)?
        let walk = FileManager.default.enumerator(
            at: URL(filePath: place), includingPropertiesForKeys: [.isRegularFileKey]
        ) { _, error in
            failure = error
            return false
        }
        var found: [String] = []
        while let url = walk?.nextObject() as? URL {
            if (try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true { found.append(url.path) }
        }
        if let failure { throw EstateError(place, "it cannot be read whole: \(failure.localizedDescription)") }
        for path in found.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { sort(path) }
    }

    private mutating func sort(_ path: String) {
        let components = path.split(separator: "/")
        if let other = components.first(where: { $0 == "CloudTrail-Digest" || $0.hasPrefix("CloudTrail-Insight") }) {
            leftOut.append(LeftOut(path: path, reason: "CloudTrail has no events in \(other)"))
        } else if Self.endings.contains(where: path.hasSuffix) {
            paths.append(path)
        } else {
            leftOut.append(
                LeftOut(path: path, reason: "its name ends in none of \(Self.endings.joined(separator: ", "))"))
        }
    }

    /// Reads all files.
    ///
    /// - Parameter take: Gets each record, the file it lies in, and the record's number there, from 1; the bytes are valid
    ///   only meanwhile.
    /// - Throws: `EstateError` naming the file that cannot be read, and where; and what `take` throws.
    package func read(_ take: (UnsafeRawBufferPointer, String, Int) throws -> Void) throws {
        for path in paths {
            var number = 0
            try Self.read(path) { record in
                number += 1
                try take(record, path, number)
            }
        }
    }

    private static func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw EstateError(path, "it cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var scanner = RecordScanner()
        do {
            if try isPacked(file, path) {
                let gunzip = try Gunzip()
                try pieces(of: file, path) { piece in try gunzip.push(piece) { try scanner.push($0, take) } }
                guard gunzip.isWhole else { throw EstateError(path, "it ends before its gzip does: it was cut off") }
            } else {
                try pieces(of: file, path) { try scanner.push($0, take) }
            }
            try scanner.end()
        } catch let error as Gunzip.Malformed {
            throw EstateError(path, "\(error.reason); fetch it again")
        } catch let error as RecordScanner.Malformed {
            throw EstateError(path, "byte \(error.offset): \(error.reason); is it what CloudTrail wrote?")
        }
    }

    /// Whether it begins as gzip does (RFC 1952, 2.3.1); a name can say anything.
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
