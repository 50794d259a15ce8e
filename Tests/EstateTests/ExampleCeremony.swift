import CryptoPrimitives
import Evidence
import Foundation

/// A ceremony whose evidence is kept: one rotation.
struct ExampleCeremony {
    let record: Record
    /// The bodies of the transcript's lines, by kind.
    let bodies: [String: [[String: Any]]]

    private struct Folder: EvidenceFolder {
        let root: URL

        func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: path))) }
        func files() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: root.path) }
    }

    /// One caller's, of the format that does not say who called.
    static let earlier = "../EvidenceTests/Golden/example-1"
    /// With roles apart.
    static let current = "../../ceremony/example"

    /// Where a kept ceremony's folder is.
    static func root(_ kept: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: kept).standardized
    }

    /// - Parameters:
    ///   - kept: `earlier` or `current`.
    ///   - lines: How many of the transcript's lines there are yet.
    init(_ kept: String = earlier, lines: Int = .max) throws {
        let root = Self.root(kept)
        let folder = Folder(root: root)
        var record = try FrozenCeremony(reading: folder).emptyRecord
        let whole = try folder.read(Transcript.path).split(separator: UInt8(ascii: "\n"))
        let bytes = whole.prefix(lines).flatMap { Array($0) + [UInt8(ascii: "\n")] }
        try record.replay(try Transcript(parsingWholeLinesOf: bytes), folder: folder)
        self.record = record
        var bodies: [String: [[String: Any]]] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] ?? [:]
            var body = object["body"] as? [String: Any] ?? [:]
            body["at"] = object["at"]
            bodies[object["kind"] as? String ?? "", default: []].append(body)
        }
        self.bodies = bodies
    }

    var slot: PlanSlot { record.plan.slots[0] }
    var caller: String { record.plan.environment.aws.caller }

    /// What AWS would have on record of it, in the order of its calls.
    ///
    /// - Parameter tellingExpiry: Whether the events of imports have when they expire, as AWS's do.
    func events(tellingExpiry: Bool = true) -> [EventText] {
        let key = slot.key
        func imported(_ type: String) -> [String: Any] {
            self.imported(type).filter { tellingExpiry || $0.key != "expirationModel" }
        }
        var events = (bodies["fetched"] ?? []).map {
            event("GetParametersForImport", $0, parameters: ["keyId": key], answer: nil)
        }
        events += (bodies["imported"] ?? []).map {
            event(
                "ImportKeyMaterial", $0, parameters: imported("NEW_KEY_MATERIAL"),
                answer: ["keyId": key, "keyMaterialId": $0["material"] ?? ""])
        }
        events += (bodies["proved"] ?? []).map {
            event(
                "ImportKeyMaterial", $0, parameters: imported("EXISTING_KEY_MATERIAL"),
                answer: ["keyId": key, "keyMaterialId": $0["material"] ?? ""])
        }
        for body in bodies["rotated"] ?? [] {
            events.append(event("RotateKeyOnDemand", body, parameters: ["keyId": key], answer: ["keyId": key]))
            var rotation = event("RotateKey", body, parameters: nil, answer: nil)
            rotation["requestID"] = nil
            rotation["eventType"] = "AwsServiceEvent"
            rotation["userIdentity"] = ["accountId": "111122223333", "invokedBy": "AWS Internal"]
            rotation["serviceEventDetails"] = [
                "keyId": key.split(separator: "/").last.map(String.init) ?? "", "rotationType": "ON_DEMAND",
                "currentKeyMaterialId": body["material"] ?? "",
            ]
            events.append(rotation)
        }
        return events
    }

    /// What an import asks for.
    func imported(_ type: String) -> [String: Any] {
        ["keyId": slot.key, "importType": type, "expirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"]
    }

    /// An event of a call that the transcript knows nothing of, in its midst.
    func stranger(
        _ name: String, caller: String = "arn:aws:iam::111122223333:user/mallory", parameters: [String: Any]? = nil
    ) -> EventText {
        var event = event(
            name, ["at": "2026-11-26T17:19:49Z", "request": UUID().uuidString.lowercased()],
            parameters: parameters ?? ["keyId": slot.key], answer: nil)
        event["userIdentity"] = ["type": "IAMUser", "arn": caller]
        return event
    }

    private func identity(of operation: String) -> [String: Any] {
        let roles: [String: CallerRole] = [
            "GetParametersForImport": .fetch, "ImportKeyMaterial": .import, "RotateKeyOnDemand": .activate,
        ]
        let caller = roles[operation].flatMap(record.plan.environment.aws.caller) ?? caller
        return ["type": caller.contains(":assumed-role/") ? "AssumedRole" : "IAMUser", "arn": caller]
    }

    private func event(
        _ name: String, _ body: [String: Any], parameters: [String: Any]?, answer: [String: Any]?
    ) -> EventText {
        let learned = body["learned"] as? [String: Any]
        return EventText([
            "eventVersion": "1.11", "eventID": Self.id(name, body), "eventName": name,
            "eventSource": "kms.amazonaws.com", "eventTime": body["at"] ?? "", "awsRegion": "eu-central-1",
            "recipientAccountId": "111122223333", "requestID": body["request"] ?? learned?["request"] ?? NSNull(),
            "userIdentity": identity(of: name), "sourceIPAddress": "192.0.2.7",
            "requestParameters": parameters ?? NSNull(), "responseElements": answer ?? NSNull(),
            "resources": [["accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": slot.key]],
            "eventType": "AwsApiCall", "managementEvent": true, "eventCategory": "Management",
        ])
    }
}

extension ExampleCeremony {
    /// An event's id, which is the same each time.
    private static func id(_ name: String, _ body: [String: Any]) -> String {
        let learned = body["learned"] as? [String: Any]
        let what = "\(name) \(body["request"] ?? learned?["request"] ?? "")"
        let hex = SHA256Digest(of: what.utf8).hex
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(Array(hex)[$0]) }
        return parts.joined(separator: "-")
    }
}

/// An event as CloudTrail writes it, to be changed member by member.
struct EventText {
    private var members: [String: Any]

    init(_ members: [String: Any]) {
        self.members = members
    }

    subscript(name: String) -> Any? {
        get { members[name] }
        set { members[name] = newValue }
    }

    func bytes() throws -> [UInt8] {
        Array(try JSONSerialization.data(withJSONObject: members, options: [.sortedKeys, .withoutEscapingSlashes]))
    }

    func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }
}
