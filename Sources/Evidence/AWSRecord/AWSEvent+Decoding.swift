import CryptoPrimitives

extension AWSEvent {
    /// Why bytes are not an event.
    package struct Malformed: Error {
        package let reason: String
    }

    /// The most bytes of an event: CloudTrail's own bound is 256 KB.
    package static let longest = 256 << 10
    /// The most bytes of any text that is kept of an event; AWS's longest, a key's policy, is not.
    private static let longestText = 2048
    /// AWS nests some six deep.
    private static let deepest = 64

    /// Reads an event strictly: what is there has the type that AWS gives it, and no name stands twice.
    ///
    /// - Parameter bytes: The event as AWS wrote it.
    /// - Throws: `Malformed`.
    package init(_ bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Self.longest else { throw Malformed(reason: "it is over \(Self.longest >> 10) KiB") }
        let event = Part(try Self.json(bytes))
        guard case .object = event.value else { throw Malformed(reason: "it is not an object") }
        let identity = Part(event.value["userIdentity"] ?? .null, "userIdentity")
        guard case .object = identity.value else { throw identity.otherType }
        let parts = try event.parts(["requestParameters", "responseElements", "serviceEventDetails"])
        id = try event.demanded("eventID")
        name = try event.demanded("eventName")
        source = try event.demanded("eventSource")
        guard let at = Timestamp(try event.demanded("eventTime")) else {
            throw Malformed(reason: "its eventTime is no time")
        }
        self.at = at
        region = try event.demanded("awsRegion")
        account = try event.text("recipientAccountId")
        request = try event.text("requestID")
        guard let caller = try Self.caller(identity) else {
            throw Malformed(reason: "its userIdentity says of nobody who it is")
        }
        self.caller = caller
        person = Self.person(identity)
        invokedBy = try identity.text("invokedBy")
        error = try event.text("errorCode")
        var (subjects, materials) = (Set(try Self.resources(event)), Set<String>())
        for part in parts {
            subjects.formUnion(try Self.subjects(of: part))
            materials.formUnion(try part.texts(["keyMaterialId", "currentKeyMaterialId"]))
        }
        (self.subjects, self.materials) = (subjects, materials)
        let asked = parts.first { $0.path == "requestParameters" }
        importType = try asked?.text("importType")
        // Whatever it is, the event is no other's for that.
        expiry = ToldExpiry(model: asked?.value["expirationModel"], validTo: asked?.value["validTo"])
        text = bytes
        digest = SHA256Digest(of: bytes)
    }

    private static func json(_ bytes: [UInt8]) throws(Malformed) -> StrictJSON {
        do { return try StrictJSON(bytes, deepest: deepest) } catch {
            switch error.reason {
            case .malformed: throw Malformed(reason: "it is not JSON")
            case .tooDeep(let most): throw Malformed(reason: "it is nested over \(most) deep")
            case .twice(let name):
                let shown = PercentEncoding.encode(String(decoding: name.utf8.prefix(64), as: UTF8.self))
                throw Malformed(reason: "the name \(shown) stands twice in one object")
            }
        }
    }

    /// The caller's ARN, else what there is: of another account no more than its ids, of a service its name.
    private static func caller(_ identity: Part) throws(Malformed) -> String? {
        let type = try identity.text("type")
        let ids = try identity.texts(["accountId", "principalId"]).joined(separator: " ")
        let (arn, service) = (try identity.text("arn"), try identity.text("invokedBy"))
        return arn ?? (type == "AWSAccount" && !ids.isEmpty ? "account \(ids)" : nil) ?? service
            ?? (ids.isEmpty ? type : ids)
    }

    /// Whatever stands there, the event is none the worse for it.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
    private static func person(_ identity: Part) -> String? {
        func text(_ value: StrictJSON?) -> String? {
            value?.string.flatMap { $0.utf8.count <= longestText ? PercentEncoding.encode($0) : nil }
        }
        guard identity.value["type"]?.string == "IdentityCenterUser", identity.value["arn"]?.string == nil,
            let behalf = identity.value["onBehalfOf"], let user = text(behalf["userId"])
        else { return nil }
        return "IdentityCenterUser \(user)" + (text(behalf["identityStoreArn"]).map { " of \($0)" } ?? "")
    }

    /// What requests, answers and service events name: they have the same names for keys and aliases.
    private static func subjects(of part: Part) throws(Malformed) -> [String] {
        var subjects = try part.texts(["keyId", "targetKeyId", "aliasName"])
        for metadata in try part.parts(["keyMetadata"]) { subjects += try metadata.texts(["keyId", "arn"]) }
        for replica in try part.parts(["replicaKeyMetadata"]) { subjects += try replica.texts(["arn"]) }
        return subjects
    }

    private static func resources(_ event: Part) throws(Malformed) -> [String] {
        let list = Part(event.value["resources"] ?? .null, "resources")
        switch list.value {
        case .null: return []
        case .array(let elements):
            var names: [String] = []
            for element in elements {
                guard case .object = element else { throw list.otherType }
                // Written in both ways, by the service.
                names += try Part(element, "resources").texts(["ARN", "arn"])
            }
            return names
        default: throw list.otherType
        }
    }

    /// An object of an event, and where it lies.
    private struct Part {
        let value: StrictJSON
        let path: String

        init(_ value: StrictJSON, _ path: String = "") {
            (self.value, self.path) = (value, path)
        }

        var otherType: Malformed { Malformed(reason: "its \(path) is of another type than AWS's") }

        private func place(of name: StaticString) -> String { path.isEmpty ? "\(name)" : "\(path).\(name)" }

        /// The objects that there are of these names.
        func parts(_ names: [StaticString]) throws(Malformed) -> [Part] {
            var parts: [Part] = []
            for name in names {
                let part = Part(value["\(name)"] ?? .null, place(of: name))
                switch part.value {
                case .null: continue
                case .object: parts.append(part)
                default: throw part.otherType
                }
            }
            return parts
        }

        /// A text, percent-encoded; nil where there is none.
        func text(_ name: StaticString) throws(Malformed) -> String? {
            switch value["\(name)"] {
            case nil, .null?: return nil
            case .string(let text)?:
                guard text.utf8.count <= longestText else {
                    throw Malformed(reason: "one of its texts is over \(longestText) bytes")
                }
                return PercentEncoding.encode(text)
            default: throw Part(.null, place(of: name)).otherType
            }
        }

        func texts(_ names: [StaticString]) throws(Malformed) -> [String] {
            var texts: [String] = []
            for name in names {
                if let text = try text(name) { texts.append(text) }
            }
            return texts
        }

        func demanded(_ name: StaticString) throws(Malformed) -> String {
            guard let text = try text(name) else { throw Malformed(reason: "it has no \(place(of: name))") }
            return text
        }
    }
}
