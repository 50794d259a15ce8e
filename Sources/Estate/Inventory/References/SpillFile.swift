import Foundation
import Glibc
import Synchronization

/// A file without a name, for what memory shall not hold: its owner's alone, and gone with the process, however that ends.
package final class SpillFile: Sendable {
    private let folder: String
    private let handle: FileHandle
    private let size = Mutex(0)

    /// - Parameter folder: Where it lies; by default the system's folder for temporary files.
    /// - Throws: `EstateError` where it cannot be made.
    package init(in folder: String? = nil) throws(EstateError) {
        let folder = folder ?? FileManager.default.temporaryDirectory.path
        self.folder = folder
        let name = folder + "/keyrite-" + UUID().uuidString
        let file = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.failure(folder, "made") }
        unlink(name)
        handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    }

    /// - Returns: Where the bytes begin.
    /// - Throws: `EstateError` where the disk takes them not.
    func append(_ bytes: [UInt8]) throws(EstateError) -> Int {
        let start = size.withLock { size in
            defer { size += bytes.count }
            return size
        }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                pwrite(
                    handle.fileDescriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done,
                    off_t(start + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(folder, "written") }
            done += count
        }
        return start
    }

    /// - Throws: `EstateError` where not all of them can be read back.
    func read(_ range: Range<Int>) throws(EstateError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { bytes in
                pread(
                    handle.fileDescriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done,
                    off_t(range.lowerBound + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(folder, "read back") }
            done += count
        }
        return bytes
    }

    private static func failure(_ folder: String, _ what: String) -> EstateError {
        EstateError(
            folder,
            "a temporary file in it cannot be \(what): \(String(cString: strerror(errno))); make room there, or name "
                + "another folder in TMPDIR")
    }
}
