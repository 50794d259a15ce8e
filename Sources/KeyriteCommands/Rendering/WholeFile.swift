import Foundation
import Glibc

/// A file that is written piece by piece, and is in its place whole or not at all.
final class WholeFile {
    private let path: String
    private let partial: String
    private let handle: FileHandle
    private var isFinished = false

    /// - Throws: `POSIXError`.
    init(at path: String) throws {
        self.path = path
        let folder = URL(filePath: path).deletingLastPathComponent().path
        partial = folder + "/.keyrite-" + UUID().uuidString
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw Self.failure() }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        // What may be read by few stays so.
        if stat(path, &status) == 0 { fchmod(descriptor, status.st_mode & 0o777) }
    }

    deinit {
        if !isFinished { unlink(partial) }
    }

    func write(_ piece: [UInt8]) throws { try handle.write(contentsOf: piece) }

    /// Puts it in its place.
    ///
    /// - Throws: `POSIXError`.
    func finish() throws {
        guard fsync(handle.fileDescriptor) == 0, rename(partial, path) == 0 else { throw Self.failure() }
        isFinished = true
    }

    private static func failure() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
