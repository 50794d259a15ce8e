import Ceremony
import Disk
import Evidence
import Foundation
import Glibc

/// A ceremony folder on disk. What it has written when a call returns survives a power cut.
package struct DiskFolder: FolderPort {
    /// The most bytes that one file of evidence may have: 256 MiB.
    private static let sizeLimit = 256 << 20

    /// The absolute path of the folder.
    package let root: String
    /// The folder itself: what has its path later may be another.
    private let held: HeldFolder

    /// Opens a folder that exists; a link to one leads there, since somebody named it. Inside of it none is followed.
    ///
    /// - Throws: `DiskError` when it is no folder.
    package init(at path: String) throws {
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        root = resolved.map { String(cString: $0) } ?? URL(fileURLWithPath: path).standardizedFileURL.path
        held = try HeldFolder(root)
    }

    /// Makes a folder that must not exist yet, for its owner's eyes only.
    package static func create(at path: String) throws -> DiskFolder {
        guard mkdir(path, 0o700) == 0 else { throw DiskError("make the folder", path) }
        let folder = try DiskFolder(at: path)
        try syncParent(of: folder.root)
        return folder
    }

    /// A folder that is made, and those above it, where they are not there yet; for its owner's eyes only.
    ///
    /// - Throws: `DiskError` naming the one that cannot be made.
    static func made(at path: String) throws -> DiskFolder {
        let names = URL(fileURLWithPath: path).standardizedFileURL.pathComponents
        for end in names.indices.dropFirst() {
            let folder = "/" + names[1...end].joined(separator: "/")
            if mkdir(folder, 0o700) == 0 {
                try syncParent(of: folder)
                continue
            }
            // Why it cannot be made, and not that it is not there.
            let code = errno
            guard access(folder, F_OK) == 0 else { throw DiskError("make the folder", folder, code: code) }
        }
        let folder = try DiskFolder(at: path)
        // Whoever made it may have been killed before that was on the disk.
        try syncParent(of: folder.root)
        return folder
    }

    package func read(_ path: String) throws -> [UInt8] {
        do {
            return try OpenFile(try absolute(path), flags: O_RDONLY).readAll(limit: Self.sizeLimit)
        } catch let error as DiskError {
            // Of a folder that is not there any more no file is missing.
            try held.requireInPlace()
            throw EvidenceError(path, try reason(for: error, at: path))
        }
    }

    /// Where a file should be and is none, a folder is as good as nothing.
    private func reason(for error: DiskError, at path: String) throws -> String {
        if [ENOENT, ENOTDIR].contains(error.code) { return "it is missing" }
        var status = stat()
        guard lstat(try absolute(path), &status) == 0 else { return "\(error)" }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return "\(error)"
        case S_IFDIR: return "it is missing"
        default: return FolderWalk.isNeither
        }
    }

    package func files() throws -> [String] {
        try FolderWalk(root: root).files()
    }

    package func write(_ bytes: [UInt8], to path: String) throws {
        try bytes.withUnsafeBytes { try write($0, to: path) }
    }

    /// The same, straight from memory that is not to be copied.
    func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
        try held.requireInPlace()
        let target = try absolute(path)
        let folder = try makeParent(of: path)
        let name = URL(fileURLWithPath: target).lastPathComponent
        try PartialFile.make(at: "\(folder)/.\(name)\(Manifest.partialSuffix)").put(bytes, at: target)
        try Self.syncFolder(folder)
    }

    package func append(_ bytes: [UInt8], to path: String) throws {
        try held.requireInPlace()
        let target = try absolute(path)
        let isNew = access(target, F_OK) != 0
        let file = try OpenFile(target, flags: O_WRONLY | O_CREAT | O_APPEND)
        let size = try file.size()
        do {
            try file.writeAll(bytes)
            try file.sync()
            if isNew { try Self.syncFolder(root) }
        } catch {
            // Half of it, or what may not be on disk, is not there: whoever reads it next would go on from it.
            guard ftruncate(file.descriptor, off_t(size)) == 0, fsync(file.descriptor) == 0 else {
                throw DiskError("cut off again what could only be written in part of", path)
            }
            throw error
        }
    }

    package func exclusively(at path: String, _ body: () throws -> Void) throws {
        let file = try OpenFile(try makeParent(of: path), flags: O_RDONLY | O_DIRECTORY)
        try file.lock()
        try body()
    }

    package func truncate(_ path: String, to size: Int) throws {
        try held.requireInPlace()
        let file = try OpenFile(try absolute(path), flags: O_WRONLY)
        try file.cut(to: size)
        try file.sync()
    }

    package func remove(_ path: String) throws {
        try held.requireInPlace()
        let target = try absolute(path)
        guard unlink(target) == 0 else {
            if errno == ENOENT { return }
            throw DiskError("remove", target)
        }
        try Self.syncFolder(URL(fileURLWithPath: target).deletingLastPathComponent().path)
    }

    /// Takes the lock that only one `run` can hold; it ends with the process, however that ends.
    ///
    /// - Throws: `CeremonyError` when another process holds it, or other machines would not heed it.
    package func lock() throws -> FolderLock {
        try requireOwnDisk()
        let lock = try FolderLock(root: root, held)
        try held.requireInPlace()
        try syncNames()
        return lock
    }

    /// Makes up for what a process that was killed had no time for: its bytes are on the disk, and their names may not be.
    private func syncNames() throws {
        for folder in FolderWalk(root: root).folders() { try Self.syncFolder(folder) }
        try Self.syncParent(of: root)
    }

    /// Refuses a folder in which a lock does not hold against everybody.
    ///
    /// - Throws: `CeremonyError` when other machines may write there.
    package func requireOwnDisk() throws { try SharedFileSystem.refuse(held.descriptor, at: root) }

    package func removePartials() throws {
        try held.requireInPlace()
        for path in try files() where path.hasSuffix(Manifest.partialSuffix) {
            let partial = try absolute(path)
            guard try PartialFile.removeAbandoned(at: partial) else { continue }
            try Self.syncFolder(URL(fileURLWithPath: partial).deletingLastPathComponent().path)
        }
    }

    package func requireWritable(_ path: String) throws {
        var folder = try absolute(path)
        repeat {
            folder = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        } while folder.count > root.count && access(folder, F_OK) != 0
        guard access(folder, W_OK | X_OK) == 0 else { throw DiskError("write in", folder) }
    }

    /// Takes a folder away again that this process has just made, with what it put into it.
    package func discard() {
        guard (try? held.requireInPlace()) != nil else { return }
        try? FileManager.default.removeItem(atPath: root)
    }

    private func absolute(_ path: String) throws -> String {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !names.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            throw EvidenceError(path, "it is no path inside the folder")
        }
        // O_NOFOLLOW looks at the last name only.
        var folder = root
        for name in names.dropLast() {
            folder += "/" + name
            var status = stat()
            guard lstat(folder, &status) == 0 else { break }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw EvidenceError(path, "it lies in no folder, or a link")
            }
        }
        return root + "/" + path
    }

    private func makeParent(of path: String) throws -> String {
        var folder = root
        for name in path.split(separator: "/").dropLast() {
            let next = folder + "/" + name
            if mkdir(next, 0o700) == 0 {
                try Self.syncFolder(folder)
            } else if errno != EEXIST {
                throw DiskError("make the folder", next)
            }
            folder = next
        }
        return folder
    }

    /// Has the name of a folder be on the disk; of one above which this user may list nothing, that is left to whoever made it.
    private static func syncParent(of path: String) throws {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        if access(parent, R_OK) == 0 { try syncFolder(parent) }
    }

    private static func syncFolder(_ path: String) throws {
        try OpenFile(path, flags: O_RDONLY | O_DIRECTORY).sync()
    }
}

/// An open folder. A lock belongs to it, and what is written goes to its path: the two must be one.
private final class HeldFolder: Sendable {
    private let file: OpenFile
    var descriptor: Int32 { file.descriptor }

    init(_ path: String) throws { file = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY) }

    /// - Throws: `CeremonyError` when it was moved away, and another may have its place.
    func requireInPlace() throws {
        guard try file.isStill(at: file.path) else {
            throw CeremonyError(
                .state,
                "\(file.path) is not the folder any more that this command began with: it was moved or replaced",
                remedy:
                    "Nothing more is written there by this command. Find out who moved it, and which folder is the ceremony's; "
                    + "see that no other keyrite run works on a copy. Then run again")
        }
    }
}

/// A held lock on a ceremony folder.
package final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Parameter held: What is locked, whatever has its path by now.
    fileprivate init(root: String, _ held: HeldFolder) throws {
        descriptor = openat(held.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError("open", root) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw DiskError("lock", root, code: code) }
            throw CeremonyError(
                .state, "Another keyrite run works on \(root)",
                remedy:
                    "Wait for it; there can be only one. If nobody sits at it any more, end it, then run again: what it was at "
                    + "is looked up first")
        }
    }

    deinit {
        // A lock belongs to the open file, of which a child that is just being started has a copy until it runs its
        // program: closing ours alone would leave the folder locked that long.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
