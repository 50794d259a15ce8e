import Ceremony
import Evidence
import Room

/// The keys of a rehearsal, as each strategy wants to find them.
struct RehearsedKeys {
    let strategy: Strategy
    /// What the keys are, in turn.
    let keySpecs: [KeySpec]

    var title: String {
        switch strategy {
        case .import: "Rehearsal of a first import"
        case .rotate: "Rehearsal of a rotation"
        case .replace: "Rehearsal of a replacement"
        case .reimport: "Rehearsal of importing material again"
        case .revoke: "Rehearsal of an emergency stop"
        }
    }

    /// Makes what the ceremony needs in the embedded KMS: keys that wait for material, or keys that have some.
    ///
    /// - Returns: What a definition says of them.
    func seed(_ aliases: [String], in room: RehearsalSite) async throws -> [DefinedKey] {
        var keys: [DefinedKey] = []
        for (index, alias) in aliases.enumerated() {
            let keySpec = keySpecs[index % keySpecs.count]
            switch strategy {
            case .import:
                let arn = try await room.createPendingKey(
                    description: "waits for its first material", keySpec: keySpec)
                keys.append(DefinedKey(alias: alias, key: arn, strategy: strategy, proof: true))
            case .reimport:
                let kept = try await room.seedKeptKey(alias: alias)
                keys.append(
                    DefinedKey(
                        alias: alias, strategy: strategy, proof: false, material: kept.material,
                        hsmKey: NamedHSMKey(label: kept.label, id: kept.id), expires: .never))
            case .revoke:
                try await room.seedExternalKey(alias: alias, keySpec: keySpec)
                let material = try await room.currentMaterial(of: alias)
                keys.append(DefinedKey(alias: alias, strategy: strategy, proof: false, material: material))
            case .rotate, .replace:
                try await room.seedExternalKey(alias: alias, keySpec: keySpec)
                keys.append(DefinedKey(alias: alias, strategy: strategy, proof: true))
            }
        }
        return keys
    }
}
