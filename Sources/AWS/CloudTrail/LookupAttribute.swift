/// What events are looked up by.
package struct LookupAttribute: Codable, Hashable, Sendable {
    /// By which of an event's attributes; a lookup takes one.
    package struct Key: ExtensibleString {
        package let rawValue: String

        package init(rawValue: String) { self.rawValue = rawValue }

        package static let accessKeyID = Key(rawValue: "AccessKeyId")
        package static let eventID = Key(rawValue: "EventId")
        package static let eventName = Key(rawValue: "EventName")
        package static let eventSource = Key(rawValue: "EventSource")
        /// `true` or `false`.
        package static let readOnly = Key(rawValue: "ReadOnly")
        package static let resourceName = Key(rawValue: "ResourceName")
        package static let resourceType = Key(rawValue: "ResourceType")
        package static let username = Key(rawValue: "Username")
    }

    package let key: Key
    /// 1 to 2000 characters.
    package let value: String

    package init(_ key: Key, _ value: String) {
        self.key = key
        self.value = value
    }

    private enum CodingKeys: String, CodingKey {
        case key = "AttributeKey"
        case value = "AttributeValue"
    }
}
