/// Why a roster cannot be used, and what to do about it.
package struct RosterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, naming the member or gate.
    package let problem: String
    /// What the person who keeps the roster should do.
    package let remedy: String

    package var description: String { "roster: \(problem); \(remedy)" }
}
