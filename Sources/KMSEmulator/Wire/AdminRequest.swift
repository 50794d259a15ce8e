import AWS

/// What the admin path is asked to do. Read strictly: a member that does not belong to the action is an error.
enum AdminRequest: Hashable, Sendable {
    case seedExternalKey(Keyring.Seed)
    /// Without an id, the current material: that of a key whose material has no id to the outside.
    case exportMaterial(keyARN: String, materialID: String?)
    case setClockOffset(seconds: Double)
    /// Instead of all that was in force; without any member, nothing goes wrong any more.
    case setFaults(FaultPlan)
    case calls
    case forgeEvent(ForgedEvent)
}

extension AdminRequest: Decodable {
    private enum Action: String, Decodable {
        case seedExternalKey = "seed-external-key"
        case exportMaterial = "export-material"
        case setClockOffset = "set-clock-offset"
        case setFaults = "set-faults"
        case calls
        case forgeEvent = "forge-event"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        let allowed: [String]
        switch try members.decode(Action.self, forKey: "action") {
        case .seedExternalKey:
            allowed = ["alias", "description", "state", "keySpec", "keyUsage", "region", "rotationsUsed"]
            self = .seedExternalKey(try Self.seed(members))
        case .exportMaterial:
            allowed = ["keyArn", "materialId"]
            self = .exportMaterial(
                keyARN: try members.decode(String.self, forKey: "keyArn"),
                materialID: try members.decodeIfPresent(String.self, forKey: "materialId"))
        case .setClockOffset:
            allowed = ["seconds"]
            self = .setClockOffset(seconds: try members.decode(Double.self, forKey: "seconds"))
        case .setFaults:
            allowed = FaultPlan.members
            self = .setFaults(try FaultPlan(members))
        case .calls:
            allowed = []
            self = .calls
        case .forgeEvent:
            allowed = ForgedEvent.members
            self = .forgeEvent(try ForgedEvent(members))
        }
        try members.refuseAll(but: allowed + ["action"])
    }

    /// A key that is to be used at once has an alias; one that waits for its material may do without.
    private static func seed(_ members: KeyedDecodingContainer<MemberName>) throws -> Keyring.Seed {
        let state = try members.decodeIfPresent(KeyState.self, forKey: "state") ?? .enabled
        guard [.enabled, .pendingImport].contains(state) else {
            throw DecodingError.dataCorruptedError(
                forKey: "state", in: members, debugDescription: "state is Enabled or PendingImport")
        }
        let alias =
            state == .enabled
            ? try members.decode(String.self, forKey: "alias")
            : try members.decodeIfPresent(String.self, forKey: "alias")
        var seed = Keyring.Seed(
            alias: alias, description: try members.decodeIfPresent(String.self, forKey: "description"))
        seed.spec = try members.decodeIfPresent(KeySpec.self, forKey: "keySpec") ?? .symmetricDefault
        seed.usage = try members.decodeIfPresent(KeyUsage.self, forKey: "keyUsage")
        seed.region = try members.decodeIfPresent(String.self, forKey: "region")
        seed.rotationsUsed = try members.decodeIfPresent(Int.self, forKey: "rotationsUsed") ?? 0
        seed.awaitsMaterial = state == .pendingImport
        return seed
    }
}
