import AWS

/// Members of a call's input or answer as an event has them: those that are listed here, and no others.
///
/// Blobs and tokens are none of them, so that no event holds key material, plaintexts, messages or signatures, in
/// whatever call they come. Names begin in lowercase, as CloudTrail's do.
struct RecordedMembers: Decodable, Sendable {
    private enum Kind {
        case text, number, flag, texts, map, time
        /// An object with more of these.
        case members
        /// A list of such objects.
        case list
    }

    private static let kinds: [String: Kind] = [
        "AliasName": .text, "TargetKeyId": .text, "KeyId": .text, "KeyMaterialId": .text, "PolicyName": .text,
        "Policy": .text, "BypassPolicyLockoutSafetyCheck": .flag, "Description": .text, "KeyUsage": .text,
        "CustomerMasterKeySpec": .text, "KeySpec": .text, "Origin": .text, "MultiRegion": .flag,
        "CustomKeyStoreId": .text, "XksKeyId": .text, "Tags": .list, "TagKey": .text, "TagValue": .text,
        "TagKeys": .texts, "ReplicaRegion": .text, "PendingWindowInDays": .number, "GrantId": .text,
        "GranteePrincipal": .text, "RetiringPrincipal": .text, "GranteeServicePrincipal": .text,
        "RetiringServicePrincipal": .text, "Operations": .texts, "Name": .text, "Constraints": .members,
        "EncryptionContextSubset": .map, "EncryptionContextEquals": .map, "EncryptionContext": .map,
        "EncryptionAlgorithm": .text, "SourceKeyId": .text, "SourceEncryptionContext": .map,
        "SourceEncryptionAlgorithm": .text, "DestinationKeyId": .text, "DestinationEncryptionContext": .map,
        "DestinationEncryptionAlgorithm": .text, "NumberOfBytes": .number, "MacAlgorithm": .text,
        "SigningAlgorithm": .text, "MessageType": .text, "WrappingAlgorithm": .text, "WrappingKeySpec": .text,
        "ValidTo": .time, "ExpirationModel": .text, "ImportType": .text, "KeyMaterialDescription": .text,
        "IncludeKeyMaterial": .text, "Limit": .number, "Marker": .text, "DryRun": .flag,
        // Of answers.
        "KeyState": .text, "DeletionDate": .time, "KeyMetadata": .members, "ReplicaKeyMetadata": .members,
        "ReplicaPolicy": .text, "ReplicaTags": .list, "AWSAccountId": .text, "Arn": .text, "CreationDate": .time,
        "Enabled": .flag, "KeyManager": .text, "EncryptionAlgorithms": .texts, "SigningAlgorithms": .texts,
        "MacAlgorithms": .texts, "SourceKeyMaterialId": .text, "DestinationKeyMaterialId": .text,
    ]

    var members: [String: JSONValue] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: MemberName.self)
        for name in container.allKeys {
            guard let kind = Self.kinds[name.stringValue] else { continue }
            // What is not what it should be is left out; the refusal says that it was not.
            members[Self.recorded(name.stringValue)] = try? Self.value(kind, of: container, name)
        }
    }

    /// Of a body in JSON; nothing of any other.
    init(in body: [UInt8]) {
        self = (try? KMSWire.decode(RecordedMembers.self, from: body)) ?? RecordedMembers()
    }

    subscript(_ name: String) -> String? { members[name]?.string }

    private static func value(
        _ kind: Kind, of container: KeyedDecodingContainer<MemberName>, _ name: MemberName
    ) throws -> JSONValue {
        switch kind {
        case .text: .text(try container.decode(String.self, forKey: name))
        case .number: .integer(try container.decode(Int.self, forKey: name))
        case .flag: .bool(try container.decode(Bool.self, forKey: name))
        case .texts: .array(try container.decode([String].self, forKey: name).map { .text($0) })
        case .map: .object(try container.decode([String: String].self, forKey: name).mapValues { .text($0) })
        case .time: .text(EventTime.words(try container.decode(Timestamp.self, forKey: name).date))
        case .members: .object(try container.decode(RecordedMembers.self, forKey: name).members)
        case .list: .array(try container.decode([RecordedMembers].self, forKey: name).map { .object($0.members) })
        }
    }

    private static func recorded(_ name: String) -> String { name.prefix(1).lowercased() + name.dropFirst() }
}
