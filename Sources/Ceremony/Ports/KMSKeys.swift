/// KMS's answer to CreateKey.
package struct CreateAnswer: Hashable, Sendable {
    /// The new key's ARN.
    package let key: String
    package let request: String

    package init(key: String, request: String) {
        self.key = key
        self.request = request
    }
}

/// What a search by tag found.
package struct TaggedKeys: Hashable, Sendable {
    /// The ARNs of the keys that carry it.
    package let found: [String]
    /// How many keys did not let their tags be read: each of them may carry it, too.
    package let unreadable: Int

    package init(found: [String], unreadable: Int) {
        self.found = found
        self.unreadable = unreadable
    }
}
