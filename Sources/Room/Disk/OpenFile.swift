import Glibc

/// An open file descriptor that closes itself.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let path: String

    /// - Parameters:
    ///   - flags: As open(2) has them; `O_CLOEXEC` and `O_NOFOLLOW` are added, and `O_NONBLOCK`, so that nobody waits for the other
    ///     end of a pipe.
    ///   - mode: The permissions of a file that is made.
    init(_ path: String, flags: Int32, mode: mode_t = 0o600) throws {
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
        self.path = path
        guard descriptor >= 0 else { throw DiskError("open", path) }
    }

    deinit {
        // If it is locked, a child that is just being started may have a copy, which would keep the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let written = write(descriptor, part.baseAddress, part.count)
            if written < 0 {
                guard errno == EINTR else { throw DiskError("write", path) }
            } else {
                rest = rest.dropFirst(written)
            }
        }
    }

    func sync() throws {
        guard fsync(descriptor) == 0 else { throw DiskError("sync", path) }
    }

    /// How many bytes it has.
    func size() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError("look at", path) }
        return Int(status.st_size)
    }

    /// Waits for the lock on this file, which ends with this descriptor.
    func lock() throws {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw DiskError("lock", path) }
        }
    }

    /// Takes the lock on this file, unless another holds it.
    ///
    /// - Returns: Whether it was free.
    func lockIfFree() throws -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw DiskError("lock", path) }
        return false
    }

    /// Whether this very file is what has that name.
    func isStill(at path: String) throws -> Bool {
        var (mine, named) = (stat(), stat())
        guard fstat(descriptor, &mine) == 0 else { throw DiskError("look at", path) }
        guard lstat(path, &named) == 0 else {
            guard errno == ENOENT else { throw DiskError("look at", path) }
            return false
        }
        return mine.st_dev == named.st_dev && mine.st_ino == named.st_ino
    }

    /// - Parameter limit: The most bytes a file may have.
    func readAll(limit: Int) throws -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError("look at", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw DiskError("read", path, code: EINVAL) }
        guard Int(status.st_size) <= limit else { throw DiskError("read", path, code: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset, off_t(offset))
            }
            if count < 0 {
                guard errno == EINTR else { throw DiskError("read", path) }
            } else if count == 0 {
                break
            } else {
                offset += count
            }
        }
        return Array(bytes.prefix(offset))
    }
}
