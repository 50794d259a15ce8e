import Disk

/// Why a state file cannot be used, for the person who keeps it.
package struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to do.
    package let description: String

    init(_ description: String) { self.description = description }

    /// What the disk refuses meanwhile.
    static func ofDisk<R: ~Copyable>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as DiskError { throw StateError(error.cause) }
    }
}
