import AWS
import Disk

/// Something handed in from outside that cannot be read, and where.
package struct EstateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    package let path: String
    /// What is wrong with it, and what to do.
    package let reason: String

    /// Whether nothing may be wrong with it: those who know were asked, and did not say.
    package let isUntold: Bool

    package init(_ path: String, _ reason: String, isUntold: Bool = false) {
        self.path = path
        self.reason = reason
        self.isUntold = isUntold
    }

    /// Fit for a screen: names of files can hold anything.
    package var description: String { "\(Printable.text(path)): \(Printable.text(reason))" }

    /// What the disk refuses meanwhile.
    static func ofDisk<R: ~Copyable>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as DiskError {
            throw EstateError(error.path, "cannot \(error.operation) it: \(error.reason)")
        }
    }
}
