import AWS

/// Something handed in from outside that cannot be read, and where.
package struct EstateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    package let path: String
    /// What is wrong with it, and what to do.
    package let reason: String

    package init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// Fit for a screen: names of files can hold anything.
    package var description: String { "\(Printable.text(path)): \(Printable.text(reason))" }
}
