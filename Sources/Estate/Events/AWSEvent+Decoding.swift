import CryptoPrimitives
import Evidence
import Foundation

extension AWSEvent {
    /// Why bytes are not an event.
    package struct Malformed: Error {
        package let reason: String
    }

    /// The most bytes of any text that is kept of an event; AWS's longest, a key's policy, is not.
    private static let longestText = 2048

    /// Reads an event strictly: what is there has the type that AWS gives it, and no name stands twice.
    ///
    /// - Parameter bytes: The event as AWS wrote it.
    /// - Throws: `Malformed`.
    package init(_ bytes: [UInt8]) throws(Malformed) {
        try UniqueNames.demand(in: bytes)
        let wire: WireEvent
        do {
            wire = try JSONDecoder().decode(WireEvent.self, from: Data(bytes))
        } catch {
            throw Malformed(reason: Self.words(for: error))
        }
        guard let at = Timestamp(wire.eventTime) else { throw Malformed(reason: "its eventTime is no time") }
        guard let caller = wire.userIdentity.name else {
            throw Malformed(reason: "its userIdentity says of nobody who it is")
        }
        let parts = [wire.requestParameters, wire.responseElements, wire.serviceEventDetails].compactMap(\.self)
        let subjects =
            parts.flatMap(\.subjects) + (wire.resources ?? []).flatMap { [$0.capitals, $0.arn] }.compactMap(\.self)
        let materials = parts.flatMap(\.materials)
        let texts = [
            wire.eventID, wire.eventName, wire.eventSource, wire.awsRegion, wire.recipientAccountId, wire.requestID,
            caller, wire.userIdentity.invokedBy, wire.errorCode, wire.requestParameters?.importType,
        ]
        guard (texts.compactMap(\.self) + subjects + materials).allSatisfy({ $0.utf8.count <= Self.longestText }) else {
            throw Malformed(reason: "one of its texts is over \(Self.longestText) bytes")
        }
        id = wire.eventID
        name = wire.eventName
        source = wire.eventSource
        self.at = at
        region = wire.awsRegion
        account = wire.recipientAccountId
        request = wire.requestID
        self.caller = caller
        invokedBy = wire.userIdentity.invokedBy
        error = wire.errorCode
        self.subjects = Set(subjects)
        self.materials = Set(materials)
        importType = wire.requestParameters?.importType
        digest = SHA256Digest(of: bytes)
    }

    /// Whether bytes are an event of KMS, or no event at all, which whoever reads it strictly says.
    package static func canBeOfKMS(_ bytes: [UInt8]) -> Bool {
        struct Head: Decodable {
            let eventSource: String
        }
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(bytes)) else { return true }
        return head.eventSource == kms
    }

    private static func words(for error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, _): return "it has no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return "its \(path(context)) is of another type than AWS's"
        default: return "it is not JSON"
        }
    }
}

/// An event as AWS writes it.
private struct WireEvent: Decodable {
    struct Identity: Decodable {
        let type: String?
        let arn: String?
        let principalId: String?
        let accountId: String?
        let invokedBy: String?

        /// The caller's ARN, else what there is: of another account no more than its ids, of a service its name.
        var name: String? {
            let ids = [accountId, principalId].compactMap(\.self).joined(separator: " ")
            return arn ?? (type == "AWSAccount" && !ids.isEmpty ? "account \(ids)" : nil) ?? invokedBy
                ?? (ids.isEmpty ? type : ids)
        }
    }
    struct Resource: Decodable {
        // Written in both ways, by the service.
        private enum CodingKeys: String, CodingKey {
            case capitals = "ARN"
            case arn
        }
        let capitals: String?
        let arn: String?
    }
    /// What requests, answers and service events have in common: they name keys and materials by these names.
    struct Part: Decodable {
        struct Metadata: Decodable {
            let keyId: String?
            let arn: String?
        }
        let keyId: String?
        let targetKeyId: String?
        let aliasName: String?
        let keyMetadata: Metadata?
        let replicaKeyMetadata: Metadata?
        let keyMaterialId: String?
        let currentKeyMaterialId: String?
        let importType: String?

        var subjects: [String] {
            [keyId, targetKeyId, aliasName, keyMetadata?.keyId, keyMetadata?.arn, replicaKeyMetadata?.arn]
                .compactMap(\.self)
        }
        var materials: [String] { [keyMaterialId, currentKeyMaterialId].compactMap(\.self) }
    }
    let eventID: String
    let eventName: String
    let eventSource: String
    let eventTime: String
    let awsRegion: String
    let recipientAccountId: String?
    let requestID: String?
    let userIdentity: Identity
    let errorCode: String?
    let requestParameters: Part?
    let responseElements: Part?
    let serviceEventDetails: Part?
    let resources: [Resource]?
}
