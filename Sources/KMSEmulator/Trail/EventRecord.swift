import AWS
import Foundation

/// An event as CloudTrail keeps it.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
struct EventRecord: Sendable {
    /// The newest version whose fields these are.
    private static let version = "1.11"
    /// What AWS leaves out of an event, by its encoded length.
    private static let longestMember = 100 << 10
    /// Where AWS cuts off a user agent and an error's message.
    private static let longestText = 1024

    /// Lowercase UUID.
    let id: String
    let name: String
    let source: String
    let region: String
    let account: String
    let time: Date
    let isReadOnly: Bool
    let origin: Origin
    /// ARNs of keys and aliases.
    var resources: [String] = []
    var requestParameters: JSONValue = .null
    var responseElements: JSONValue = .null
    var additionalData: JSONValue?
    var errorCode: String?
    var errorMessage: String?

    /// Where an event comes from.
    enum Origin: Sendable {
        case call(requestID: String, caller: TrailCaller, address: String, userAgent: String)
        case service(details: JSONValue)
    }

    var requestID: String? { if case .call(let id, _, _, _) = origin { id } else { nil } }

    private var json: JSONValue {
        var members: [String: JSONValue] = [
            "eventVersion": .text(Self.version), "eventTime": .text(EventTime.iso(time)), "eventSource": .text(source),
            "eventName": .text(name), "awsRegion": .text(region), "eventID": .text(id), "readOnly": .bool(isReadOnly),
            "requestParameters": requestParameters, "responseElements": responseElements,
            "managementEvent": .bool(true), "recipientAccountId": .text(account), "eventCategory": .text("Management"),
        ]
        switch origin {
        case .call(let requestID, let caller, let address, let userAgent):
            members["eventType"] = .text("AwsApiCall")
            members["userIdentity"] = caller.userIdentity
            members["sourceIPAddress"] = .text(address)
            members["userAgent"] = Self.cut(userAgent)
            members["requestID"] = .text(requestID)
        case .service(let details):
            let itself = "AWS Internal"
            members["eventType"] = .text("AwsServiceEvent")
            members["userIdentity"] = .object(["accountId": .text(account), "invokedBy": .text(itself)])
            members["sourceIPAddress"] = .text(itself)
            members["userAgent"] = .text(itself)
            members["serviceEventDetails"] = details
        }
        members["additionalEventData"] = additionalData
        members["errorCode"] = errorCode.map { .text($0) }
        members["errorMessage"] = errorMessage.map(Self.cut)
        if !resources.isEmpty {
            members["resources"] = .array(
                resources.map {
                    .object(["accountId": .text(account), "type": .text(Self.keyType), "ARN": .text($0)])
                })
        }
        return .object(members)
    }

    private var text: [UInt8] {
        let whole = json.encoded
        guard whole.count > Self.longestMember else { return whole }
        var short = self
        short.requestParameters = Self.bounded(requestParameters)
        short.responseElements = Self.bounded(responseElements)
        return short.json.encoded
    }

    /// What LookupEvents lists it as.
    var listed: LookedUpEvent {
        var caller: TrailCaller?
        if case .call(_, let known, _, _) = origin { caller = known }
        return LookedUpEvent(
            id: id, name: name, readOnly: isReadOnly ? "true" : "false", accessKeyID: caller?.accessKeyID,
            time: Timestamp(secondsSinceEpoch: time.timeIntervalSince1970.rounded(.down)), source: source,
            username: caller?.username, resources: resources.map { .init(type: Self.keyType, name: $0) },
            text: String(decoding: text, as: UTF8.self))
    }

    /// Of aliases too: that is how CloudTrail has them.
    static let keyType = "AWS::KMS::Key"

    private static func cut(_ text: String) -> JSONValue {
        .text(String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestText))))
    }

    private static func bounded(_ value: JSONValue) -> JSONValue {
        value.encoded.count <= longestMember ? value : .null
    }
}
