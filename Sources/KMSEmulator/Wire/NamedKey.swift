import AWS

/// The key that a call names, whatever the operation: read before the call is, so that it can go wrong before.
struct NamedKey: Decodable {
    let keyID: String?
    let targetKeyID: String?
    let sourceKeyID: String?
    let destinationKeyID: String?
    let aliasName: String?

    private enum CodingKeys: String, CodingKey {
        case keyID = "KeyId"
        case targetKeyID = "TargetKeyId"
        case sourceKeyID = "SourceKeyId"
        case destinationKeyID = "DestinationKeyId"
        case aliasName = "AliasName"
    }

    /// - Returns: As the caller wrote it; nil where there is none.
    static func identifier(in body: [UInt8]) -> String? {
        guard let named = try? KMSWire.decode(NamedKey.self, from: body) else { return nil }
        return named.keyID ?? named.targetKeyID
    }

    /// Everything that a call is about, as the caller wrote it.
    static func subjects(in body: [UInt8]) -> (alias: String?, keys: [String]) {
        guard let named = try? KMSWire.decode(NamedKey.self, from: body) else { return (nil, []) }
        let keys = [named.sourceKeyID, named.keyID, named.targetKeyID, named.destinationKeyID]
        return (named.aliasName, keys.compactMap(\.self))
    }
}
