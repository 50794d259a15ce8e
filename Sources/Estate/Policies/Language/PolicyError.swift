import AWS

/// What a text is not, that was to be a policy or a list of grants.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, such as `$.Statement[0].Action`.
    package let path: String
    package let reason: String

    package init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// Fit for a screen: names in a stranger's text can hold anything.
    package var description: String { "\(Printable.text(path, limit: 200)): \(Printable.text(reason, limit: 300))" }
}
