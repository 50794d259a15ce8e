package import CryptoPrimitives

/// What a KMS key is beside its material: the things that CreateKey takes.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>
package struct KeySettings: Codable, Hashable, Sendable {
    /// The most tags that AWS lets a resource have.
    package static let mostTags = 50

    /// Percent-encoded.
    package let description: String
    package let multiRegion: Bool
    /// The key policy's whole text, percent-encoded, for the people who sign it.
    package let policy: String
    /// The SHA-256 of the text itself.
    package let policyDigest: SHA256Digest
    /// Sorted by their keys.
    package let tags: [KeyTag]

    /// - Parameters:
    ///   - description: In free text.
    ///   - policy: The policy document.
    ///   - tags: In any order.
    package init(description: String, multiRegion: Bool, policy: String, tags: [KeyTag]) {
        self.description = PercentEncoding.encode(description)
        self.multiRegion = multiRegion
        self.policy = PercentEncoding.encode(policy)
        policyDigest = SHA256Digest(of: Array(policy.utf8))
        self.tags = tags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

/// A tag of a KMS key.
package struct KeyTag: Codable, Hashable, Sendable {
    /// The key of the tag by which the ceremony finds a key again whose CreateKey brought no answer: KMS has no
    /// idempotency token. Its value is the label of the HSM key, which no other ceremony has.
    package static let marker = "keyrite"

    /// Percent-encoded.
    package let key: String
    /// Percent-encoded.
    package let value: String

    /// - Parameters:
    ///   - key: In free text, as is the value.
    package init(_ key: String, _ value: String) {
        self.key = PercentEncoding.encode(key)
        self.value = PercentEncoding.encode(value)
    }
}

extension PlanSlot {
    /// The tag by which this slot's new key is known.
    package var marker: KeyTag { KeyTag(KeyTag.marker, label) }
}

/// A grant of the old key, as ListGrants had it when the plan was frozen. Every text is percent-encoded.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html>
package struct PlanGrant: Codable, Hashable, Sendable {
    package let id: String
    package let name: String?
    /// The ARN or the service that may use the key.
    package let grantee: String
    /// Who may end the grant.
    package let retiring: String?
    package let operations: [String]
    /// KMS's constraints, as JSON.
    package let constraints: String?

    /// - Parameters: In free text, all of them.
    package init(
        id: String, name: String?, grantee: String, retiring: String?, operations: [String], constraints: String?
    ) {
        self.id = PercentEncoding.encode(id)
        self.name = name.map(PercentEncoding.encode)
        self.grantee = PercentEncoding.encode(grantee)
        self.retiring = retiring.map(PercentEncoding.encode)
        self.operations = operations.map(PercentEncoding.encode)
        self.constraints = constraints.map(PercentEncoding.encode)
    }
}
