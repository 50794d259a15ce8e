import AWS

/// The key that a call names, whatever the operation: read before the call is, so that it can go wrong before.
struct NamedKey: Decodable {
    let keyID: String?
    let targetKeyID: String?

    private enum CodingKeys: String, CodingKey {
        case keyID = "KeyId"
        case targetKeyID = "TargetKeyId"
    }

    /// - Returns: As the caller wrote it; nil where there is none.
    static func identifier(in body: [UInt8]) -> String? {
        guard let named = try? KMSWire.decode(NamedKey.self, from: body) else { return nil }
        return named.keyID ?? named.targetKeyID
    }
}
