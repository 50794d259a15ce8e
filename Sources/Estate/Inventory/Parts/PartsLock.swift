import Disk
import Glibc

/// A held lock on the folder of an inventory's parts; it ends with its owner, or with the process.
final class PartsLock: Sendable {
    private let file: OpenFile

    /// - Parameter folder: The path of the folder, which there is.
    /// - Throws: `EstateError` when another holds it, or the lock's file cannot be opened.
    init(_ folder: String) throws {
        file = try EstateError.ofDisk {
            let file = try OpenFile(folder + "/lock", flags: O_RDWR | O_CREAT)
            guard try file.lockIfFree() else {
                throw EstateError(folder, "another keyrite is reading into it; wait for it, or name another --out")
            }
            return file
        }
    }
}
