/// A tag of a key.
package struct Tag: Codable, Hashable, Sendable {
    package let tagKey: String
    package let tagValue: String

    package init(tagKey: String, tagValue: String) {
        self.tagKey = tagKey
        self.tagValue = tagValue
    }

    private enum CodingKeys: String, CodingKey {
        case tagKey = "TagKey"
        case tagValue = "TagValue"
    }
}
