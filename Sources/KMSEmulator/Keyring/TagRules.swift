import AWS

/// What AWS holds tags to.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html> and
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
enum TagRules {
    /// How many tags a key has.
    private static let limit = 50

    /// - Throws: TagException for a tag that AWS does not allow, or a tag key that stands twice.
    static func validate(_ tags: [Tag]) throws {
        for tag in tags {
            try validate(key: tag.tagKey)
            guard tag.tagValue.count <= 256 else {
                throw KMSFault("TagException", "The tag \(tag.tagKey) is too long.")
            }
        }
        guard Set(tags.map(\.tagKey)).count == tags.count else {
            throw KMSFault("TagException", "A tag key stands twice.")
        }
        guard tags.count <= limit else { throw KMSFault("TagException", "A key has \(limit) tags at most.") }
    }

    /// - Throws: TagException for a tag key that AWS does not allow.
    static func validate(key: String) throws {
        guard (1...128).contains(key.count), !key.hasPrefix("aws:") else {
            throw KMSFault("TagException", "The tag key \(key) is not valid.")
        }
    }

    /// Tags with others added; those of the same tag key are replaced where they stand.
    ///
    /// - Throws: TagException for more tags than a key may have.
    static func merge(_ added: [Tag], into tags: [Tag]) throws -> [Tag] {
        var merged = tags
        for tag in added {
            if let index = merged.firstIndex(where: { $0.tagKey == tag.tagKey }) {
                merged[index] = tag
            } else {
                merged.append(tag)
            }
        }
        guard merged.count <= limit else { throw KMSFault("TagException", "A key has \(limit) tags at most.") }
        return merged
    }
}
