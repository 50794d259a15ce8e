import Glibc

/// A file operation that failed, with the operating system's reason.
package struct DiskError: Error, Sendable, CustomStringConvertible {
    package let operation: String
    package let path: String
    package let code: Int32

    /// - Parameter code: `errno` as the failed call left it.
    package init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// What was tried, and the operating system's reason.
    package var cause: String { "cannot \(operation) \(path): \(reason) (errno \(code))" }

    /// The operating system's reason alone.
    package var reason: String { String(cString: strerror(code)) }

    /// Whether a disk or a folder takes nothing now, and may again.
    package var isKeptFromWriting: Bool { [ENOSPC, EDQUOT, EROFS, EACCES, EPERM].contains(code) }

    package var description: String {
        let what = cause
        return remedy.map { "\(what). \($0)" } ?? what
    }

    /// What to do about it, where that can be said in general.
    private var remedy: String? {
        switch code {
        case ENOSPC, EDQUOT: "Make room on that disk, then run the command again"
        case EROFS: "See who may write there, or choose another place"
        case EACCES, EPERM: "See who may read and write there, or choose another place"
        case EEXIST: "Name one that does not exist yet"
        case ENOENT, ENOTDIR: "Check the path"
        default: nil
        }
    }
}
