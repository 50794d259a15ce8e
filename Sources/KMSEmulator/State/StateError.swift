import Glibc

/// Why a state file cannot be used, for the person who keeps it.
package struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to do.
    package let description: String

    init(_ description: String) { self.description = description }

    /// - Parameter attempt: Such as `cannot open PATH`.
    static func system(_ attempt: String, _ code: Int32 = errno) -> StateError {
        StateError("\(attempt): \(String(cString: strerror(code)))")
    }
}
