import Glibc

/// A file that is being written and not in place yet.
///
/// Its writer holds a lock on it, which ends with the writer, however that ends: so what a killed one left behind is told
/// from what is still being written.
package struct PartialFile: ~Copyable {
    private let file: OpenFile

    private init(_ file: consuming OpenFile) { self.file = file }

    /// Makes it, empty. Waits for another that is writing it just then.
    package static func make(at path: String) throws -> PartialFile {
        while true {
            let file = try OpenFile(path, flags: O_WRONLY | O_CREAT)
            try file.lock()
            // Whoever held the lock before has put it in place, or taken it away.
            guard try file.isStill(at: path) else { continue }
            try file.cut(to: 0)
            return PartialFile(file)
        }
    }

    /// Puts these bytes in place of whatever has that name, durably but for the name itself.
    ///
    /// - Throws: `DiskError`; then nothing is left of the partial file.
    package func put(_ bytes: UnsafeRawBufferPointer, at target: String) throws {
        do {
            try file.writeAll(bytes)
            try file.sync()
            guard rename(file.path, target) == 0 else { throw DiskError("put in place", target) }
        } catch {
            unlink(file.path)
            throw error
        }
    }

    /// Takes away what a killed writer left; what has a writer stays as it is.
    ///
    /// - Returns: Whether anything was taken away.
    package static func removeAbandoned(at path: String) throws -> Bool {
        let file: OpenFile
        do {
            // NFS gives this lock only to who may write.
            file = try OpenFile(path, flags: O_WRONLY)
        } catch let error as DiskError where error.code == ENOENT {
            return false
        }
        guard try file.lockIfFree(), try file.isStill(at: path) else { return false }
        guard unlink(path) == 0 else { throw DiskError("remove", path) }
        return true
    }
}
