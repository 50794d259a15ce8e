import Glibc

/// A held lock on the folder of an inventory's parts; it ends with its owner, or with the process.
final class PartsLock: Sendable {
    private let descriptor: Int32

    /// - Parameter folder: The path of the folder, which there is.
    /// - Throws: `EstateError` when another holds it, or the lock's file cannot be opened.
    init(_ folder: String) throws {
        let path = folder + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw PartsFolder.failure(path, "opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            errno = code
            guard code == EWOULDBLOCK else { throw PartsFolder.failure(path, "locked") }
            throw EstateError(folder, "another keyrite is reading into it; wait for it, or name another --out")
        }
    }

    deinit {
        // A lock belongs to the open file, of which a child that is just being started has a copy until it runs its
        // program: closing ours alone would leave the folder locked that long.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
