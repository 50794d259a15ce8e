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

    /// - Returns: nil for a body that is no operation's input.
    init?(in body: [UInt8]) {
        guard let named = try? KMSWire.decode(NamedKey.self, from: body) else { return nil }
        self = named
    }

    /// As the caller wrote it; nil where there is none.
    var identifier: String? { keyID ?? targetKeyID }

    /// Every key that the call is about, as the caller wrote it; the one that gives before the one that takes.
    var all: [String] { [sourceKeyID, keyID, targetKeyID, destinationKeyID].compactMap(\.self) }
}
