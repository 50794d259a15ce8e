/// An event as CloudTrail lists it: what it can be looked up by, and the event itself as text.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html>
package struct LookedUpEvent: Codable, Hashable, Sendable {
    /// A resource that the event is about.
    package struct Resource: Codable, Hashable, Sendable {
        /// Such as `AWS::KMS::Key`.
        package let type: String?
        /// Of a KMS key, its ARN.
        package let name: String?

        package init(type: String?, name: String?) {
            self.type = type
            self.name = name
        }

        private enum CodingKeys: String, CodingKey {
            case type = "ResourceType"
            case name = "ResourceName"
        }
    }

    package let id: String
    /// AWS's name of the operation, or of what a service did by itself.
    package let name: String
    /// `true` or `false`.
    package let readOnly: String?
    /// None of what a service did by itself.
    package let accessKeyID: String?
    /// In whole seconds.
    package let time: Timestamp
    /// Such as `kms.amazonaws.com`.
    package let source: String
    /// The user's name, or that of the role's session.
    package let username: String?
    package let resources: [Resource]?
    /// The event as CloudTrail keeps it, in JSON.
    package let text: String

    package init(
        id: String, name: String, readOnly: String?, accessKeyID: String?, time: Timestamp, source: String,
        username: String?, resources: [Resource], text: String
    ) {
        self.id = id
        self.name = name
        self.readOnly = readOnly
        self.accessKeyID = accessKeyID
        self.time = time
        self.source = source
        self.username = username
        self.resources = resources
        self.text = text
    }

    private enum CodingKeys: String, CodingKey {
        case id = "EventId"
        case name = "EventName"
        case readOnly = "ReadOnly"
        case accessKeyID = "AccessKeyId"
        case time = "EventTime"
        case source = "EventSource"
        case username = "Username"
        case resources = "Resources"
        case text = "CloudTrailEvent"
    }
}
