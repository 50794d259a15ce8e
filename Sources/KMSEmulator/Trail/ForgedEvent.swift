import AWS
import Foundation

/// An event of something that nobody did here: whole, or by its operation, key and caller.
enum ForgedEvent: Hashable, Sendable {
    case whole(JSONValue)
    case parts(Parts)

    struct Parts: Hashable, Sendable {
        /// Of KMS, or what KMS does by itself.
        var operation: String
        /// Id, ARN or alias of a key that is there.
        var key: String
        /// Nil for the one that the emulator knows.
        var identity: StrangerIdentity?
        /// 64 lowercase hex digits; nil for the current one.
        var materialID: String?
        /// `alias/NAME`, of those operations that are about one.
        var alias: String?
        /// Nil for a new one.
        var requestID: String?
        /// Seconds from now.
        var seconds: Double
    }
}

extension ForgedEvent {
    static let members =
        [
            "event", "operation", "key", "materialId", "alias", "requestId", "seconds",
        ] + StrangerIdentity.members

    init(_ members: KeyedDecodingContainer<MemberName>) throws {
        if let event = try members.decodeIfPresent(JSONValue.self, forKey: "event") {
            try members.refuseAll(but: ["event", "action"])
            self = .whole(event)
            return
        }
        let parts = Parts(
            operation: try members.decode(String.self, forKey: "operation"),
            key: try members.decode(String.self, forKey: "key"),
            identity: members.contains("identity") ? try StrangerIdentity(members) : nil,
            materialID: try members.decodeIfPresent(String.self, forKey: "materialId"),
            alias: try members.decodeIfPresent(String.self, forKey: "alias"),
            requestID: try members.decodeIfPresent(String.self, forKey: "requestId"),
            seconds: try members.decodeIfPresent(Double.self, forKey: "seconds") ?? 0)
        try members.require(
            "operation", ServedOperations.recordedOfKMS.contains(parts.operation), "is none of KMS that has events")
        try members.require(
            "accessKeyId", parts.identity != nil || !members.contains("accessKeyId"), "belongs to an identity")
        try members.require(
            "seconds", abs(parts.seconds) <= EventLookup.history, "must be at most 90 days either way")
        try members.require(
            "materialId", parts.materialID.map { $0.wholeMatch(of: /[0-9a-f]{64}/) != nil } ?? true,
            "must be 64 lowercase hex digits")
        let isAboutAlias = ["CreateAlias", "UpdateAlias", "DeleteAlias"].contains(parts.operation)
        try members.require("alias", isAboutAlias == (parts.alias != nil), "belongs to operations on aliases")
        self = .parts(parts)
    }
}

extension ForgedEvent.Parts {
    /// - Parameters:
    ///   - known: The caller that the emulator knows.
    ///   - resources: ARNs, the key's last.
    func record(of key: ManagedKey, resources: [String], known: TrailCaller, now: Date) -> EventRecord {
        let time = now.addingTimeInterval(seconds)
        let material = materialID ?? key.current?.id
        if let event = serviceEvent(key, material) { return event.record(of: key, at: time) }
        let caller = identity?.caller(sessionStart: EventTime.iso(time)) ?? known
        var record = EventRecord(
            id: UUID().uuidString.lowercased(), name: operation, source: ServiceEvent.source, region: key.region,
            account: key.account, time: time, isReadOnly: RecordedOperation.isReadOnly(operation),
            origin: .call(
                requestID: requestID ?? UUID().uuidString.lowercased(), caller: caller, address: "192.0.2.1",
                userAgent: "aws-cli/2"),
            resources: resources)
        var asked = RecordedMembers()
        asked.members = parameters(key, material)
        record.requestParameters = RecordedOperation.requestParameters(operation, asked)
        var answered = RecordedMembers()
        if ["ImportKeyMaterial", "DeleteImportedKeyMaterial"].contains(operation) {
            answered.members = ["keyId": .text(key.arn)]
            answered.members["keyMaterialId"] = material.map { .text($0) }
        } else {
            answered.members["keyMaterialId"] =
                RecordedOperation.isReadOnly(operation) ? material.map { .text($0) } : nil
        }
        record.responseElements = RecordedOperation.responseElements(operation, answered, key: key.arn)
        record.additionalData = RecordedOperation.additionalData(operation, answered, body: [])
        return record
    }

    private func serviceEvent(_ key: ManagedKey, _ material: String?) -> ServiceEvent? {
        switch operation {
        case "RotateKey": .rotation(from: key.materials.last { $0.id != material }?.id, to: material)
        case "DeleteExpiredKeyMaterial": .expiry(material: material ?? "")
        case "DeleteKey": .deletion
        default: nil
        }
    }

    private func parameters(_ key: ManagedKey, _ material: String?) -> [String: JSONValue] {
        switch operation {
        case "CreateAlias", "UpdateAlias": ["aliasName": .text(alias ?? ""), "targetKeyId": .text(key.id)]
        case "DeleteAlias": ["aliasName": .text(alias ?? "")]
        case "ImportKeyMaterial":
            [
                "keyId": .text(key.id), "importType": .text("NEW_KEY_MATERIAL"),
                "expirationModel": .text("KEY_MATERIAL_DOES_NOT_EXPIRE"),
            ]
        case "DeleteImportedKeyMaterial":
            ["keyId": .text(key.id), "keyMaterialId": material.map { .text($0) } ?? .null]
        default: ["keyId": .text(key.id)]
        }
    }
}
