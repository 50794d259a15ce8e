package import Glibc

/// An open file descriptor that closes itself.
package struct OpenFile: ~Copyable, Sendable {
    package let descriptor: Int32
    package let path: String

    /// - Parameters:
    ///   - flags: As open(2) has them; `O_CLOEXEC` and `O_NOFOLLOW` are added, and `O_NONBLOCK`, so that nobody waits for the other
    ///     end of a pipe.
    ///   - mode: The permissions of a file that is made.
    package init(_ path: String, flags: Int32, mode: mode_t = 0o600) throws {
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
        self.path = path
        guard descriptor >= 0 else { throw DiskError("open", path) }
    }

    deinit {
        // If it is locked, a child that is just being started may have a copy, which would keep the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    package func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
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

    package func writeAll(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try writeAll($0) } }

    package func sync() throws {
        guard fsync(descriptor) == 0 else { throw DiskError("sync", path) }
    }

    /// How many bytes it has.
    package func size() throws -> Int { Int(try status().st_size) }

    /// What fstat(2) tells of it.
    package func status() throws -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw DiskError("look at", path) }
        return status
    }

    /// Cuts off what follows its first bytes; what is written next follows them.
    package func cut(to size: Int) throws {
        guard ftruncate(descriptor, off_t(size)) == 0, lseek(descriptor, off_t(size), SEEK_SET) == size else {
            throw DiskError("cut off", path)
        }
    }

    /// Waits for the lock on this file, which ends with this descriptor.
    package func lock() throws {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw DiskError("lock", path) }
        }
    }

    /// Takes the lock on this file, unless another holds it.
    ///
    /// - Returns: Whether it was free.
    package func lockIfFree() throws -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw DiskError("lock", path) }
        return false
    }

    /// Whether this very file is what has that name.
    package func isStill(at path: String) throws -> Bool {
        let mine = try status()
        var named = stat()
        guard lstat(path, &named) == 0 else {
            guard errno == ENOENT else { throw DiskError("look at", path) }
            return false
        }
        return mine.st_dev == named.st_dev && mine.st_ino == named.st_ino
    }

    /// - Parameter limit: The most bytes a file may have.
    package func readAll(limit: Int) throws -> [UInt8] {
        let size = try regularSize()
        guard size <= limit else { throw DiskError("read", path, code: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: size)
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
    /// How many bytes it has, if it is a file like others.
    package func regularSize() throws -> Int {
        let status = try status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw DiskError("read", path, code: EINVAL) }
        return Int(status.st_size)
    }
}
