import AWS

/// What the admin path is asked to do. Read strictly: a member that does not belong to the action is an error.
enum AdminRequest: Hashable, Sendable {
    case seedExternalKey(Keyring.Seed)
    /// Without an id, the current material: that of a key whose material has no id to the outside.
    case exportMaterial(keyARN: String, materialID: String?)
    case setClockOffset(seconds: Double)
    case calls
}

extension AdminRequest: Decodable {
    private enum Action: String, Decodable {
        case seedExternalKey = "seed-external-key"
        case exportMaterial = "export-material"
        case setClockOffset = "set-clock-offset"
        case calls
    }

    private struct Member: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        let allowed: [String]
        switch try members.decode(Action.self, forKey: Member("action")) {
        case .seedExternalKey:
            allowed = ["alias", "description", "state", "keySpec", "keyUsage", "region"]
            self = .seedExternalKey(try Self.seed(members))
        case .exportMaterial:
            allowed = ["keyArn", "materialId"]
            self = .exportMaterial(
                keyARN: try members.decode(String.self, forKey: Member("keyArn")),
                materialID: try members.decodeIfPresent(String.self, forKey: Member("materialId")))
        case .setClockOffset:
            allowed = ["seconds"]
            self = .setClockOffset(seconds: try members.decode(Double.self, forKey: Member("seconds")))
        case .calls:
            allowed = []
            self = .calls
        }
        let unknown = members.allKeys.map(\.stringValue).filter { $0 != "action" && !allowed.contains($0) }
        guard unknown.isEmpty else {
            let names = unknown.sorted().joined(separator: ", ")
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "unknown members: \(names)"))
        }
    }

    /// A key that is to be used at once has an alias; one that waits for its material may do without.
    private static func seed(_ members: KeyedDecodingContainer<Member>) throws -> Keyring.Seed {
        let state = try members.decodeIfPresent(KeyState.self, forKey: Member("state")) ?? .enabled
        guard [.enabled, .pendingImport].contains(state) else {
            throw DecodingError.dataCorruptedError(
                forKey: Member("state"), in: members, debugDescription: "state is Enabled or PendingImport")
        }
        let alias =
            state == .enabled
            ? try members.decode(String.self, forKey: Member("alias"))
            : try members.decodeIfPresent(String.self, forKey: Member("alias"))
        var seed = Keyring.Seed(
            alias: alias, description: try members.decodeIfPresent(String.self, forKey: Member("description")))
        seed.spec = try members.decodeIfPresent(KeySpec.self, forKey: Member("keySpec")) ?? .symmetricDefault
        seed.usage = try members.decodeIfPresent(KeyUsage.self, forKey: Member("keyUsage"))
        seed.region = try members.decodeIfPresent(String.self, forKey: Member("region"))
        seed.awaitsMaterial = state == .pendingImport
        return seed
    }
}
