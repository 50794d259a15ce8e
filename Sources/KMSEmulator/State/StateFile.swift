import Glibc

/// An open file of the host, closed when it is let go.
final class StateFile {
    let descriptor: Int32
    let path: String

    /// - Throws: `StateError` when it cannot be opened.
    init(path: String, flags: Int32) throws {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode_t(S_IRUSR | S_IWUSR))
        guard descriptor >= 0 else { throw StateError.system("cannot open \(path)") }
    }

    deinit {
        // If it is locked, a child that is just being started may have a copy, which would keep the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    var attributes: stat {
        get throws {
            var attributes = stat()
            guard fstat(descriptor, &attributes) == 0 else { throw StateError.system("cannot look at \(path)") }
            return attributes
        }
    }

    /// Keeps every other emulator from this file until it is closed.
    ///
    /// - Returns: False if another has it.
    func lock() throws -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw StateError.system("cannot lock \(path)") }
        return false
    }

    func readToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StateError.system("cannot read \(path)") }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Writes all of it, and to the disk itself.
    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StateError.system("cannot write \(path)") }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw StateError.system("cannot write \(path)") }
    }

    /// Cuts off what follows the first `size` bytes, and goes on from there.
    func truncate(to size: Int) throws {
        guard ftruncate(descriptor, size) == 0, lseek(descriptor, size, SEEK_SET) == size else {
            throw StateError.system("cannot shorten \(path)")
        }
    }

    /// Makes the names in this folder lasting.
    static func syncFolder(of path: String) throws {
        let cut = path.lastIndex(of: "/")
        let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let opened = try StateFile(path: folder, flags: O_RDONLY | O_DIRECTORY)
        guard fsync(opened.descriptor) == 0 else { throw StateError.system("cannot write \(folder)") }
    }
}
