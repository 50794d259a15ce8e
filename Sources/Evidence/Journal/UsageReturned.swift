/// The plan's window is over, and the usage that a `reimport` gave to an HSM key for its checks is to be taken away again.
package struct UsageReturnIntended: Codable, Hashable, Sendable {
    package let slot: String

    package init(slot: String) {
        self.slot = slot
    }
}

/// It was.
package struct UsageReturned: Codable, Hashable, Sendable {
    package let slot: String
    /// What the token answers of the key now.
    package let attributes: [AttributeSetting]

    package init(slot: String, attributes: [AttributeSetting]) {
        self.slot = slot
        self.attributes = attributes
    }
}

extension EventKind {
    /// Whether lines of this kind are written only once the plan's window is over, and then alone.
    package var isAfterwards: Bool { self == .usageReturnIntended || self == .usageReturned }
}
